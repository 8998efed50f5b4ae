import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rangeOf } from './ranges.ts'

const GIB = 2 ** 30

describe('one range', () => {
  test.each([
    ['bytes=0-0', 10, { first: 0, last: 0 }],
    ['bytes=2-5', 10, { first: 2, last: 5 }],
    ['bytes=2-', 10, { first: 2, last: 9 }],
    ['bytes=0-99', 10, { first: 0, last: 9 }],
    ['bytes=9-9', 10, { first: 9, last: 9 }],
    ['BYTES=2-5', 10, { first: 2, last: 5 }],
    ['bytes= 2-5 ', 10, { first: 2, last: 5 }],
    ['bytes=-3', 10, { first: 7, last: 9 }],
    ['bytes=-10', 10, { first: 0, last: 9 }],
    ['bytes=-99999999999999999999999', 10, { first: 0, last: 9 }],
    ['bytes=0-99999999999999999999999', 10, { first: 0, last: 9 }],
    ['bytes=00000000000000000002-5', 10, { first: 2, last: 5 }],
    [`bytes=${4 * GIB - 1}-${4 * GIB}`, 4 * GIB + 1, { first: 4 * GIB - 1, last: 4 * GIB }],
    [`bytes=${4 * GIB}-`, 4 * GIB + 1, { first: 4 * GIB, last: 4 * GIB }],
    ['bytes=-1', 4 * GIB + 1, { first: 4 * GIB, last: 4 * GIB }],
  ])('%s of %d', (header, size, range) => {
    expect(rangeOf(header, size)).toEqual(range)
  })
})

test.each([
  ['bytes=10-', 10],
  ['bytes=10-20', 10],
  ['bytes=-0', 10],
  ['bytes=-0', 0],
  ['bytes=0-', 0],
  ['bytes=0-0', 0],
  [`bytes=${'9'.repeat(400)}-`, 10],
  ['bytes=99999999999999999999-', 10],
])('A17: %s of %d has no byte of it', (header, size) => {
  expect(rangeOf(header, size)).toBe('none')
})

test.each([
  undefined, '', 'bytes', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=9e99-', 'bytes=0x1-', 'bytes=1.5-', 'bytes=+1-', 'bytes=--1',
  'bytes=a-b', 'bytes=1-2-3', 'items=0-1', 'bytes=0-1,2-3', 'bytes=0-,0-', `bytes=${'0-1,'.repeat(1000)}5-6`, 'bytes=٣-٤', 'bytes=0 -1', 'bytes=0-1;', 'bytes=0-1\n2', 'bytes =0-1',
])('A17: %j is the whole file', (header) => {
  expect(rangeOf(header, 10)).toBe('whole')
}) // prettier-ignore

test('an empty file has no last bytes, and is whole', () => {
  expect(rangeOf('bytes=-5', 0)).toBe('whole')
})

const sizes = fc.oneof(fc.nat(20), fc.maxSafeNat(), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1))
const numbers = fc.oneof(fc.constant(''), fc.nat(30).map(String), fc.maxSafeNat().map(String), fc.bigInt(0n, 10n ** 40n).map(String)) // prettier-ignore
const headers = fc.oneof(
  fc.tuple(numbers, numbers).map(([a, b]) => `bytes=${a}-${b}`),
  fc.string().map((text) => `bytes=${text}`),
  fc.string({ unit: 'binary' }),
)

test('A17: whatever is asked, what is sent lies within the file', () => {
  fc.assert(
    fc.property(headers, sizes, (header, size) => {
      const range = rangeOf(header, size)
      if (typeof range === 'string') return
      expect(Number.isSafeInteger(range.first) && Number.isSafeInteger(range.last)).toBe(true)
      expect(range.first).toBeGreaterThanOrEqual(0)
      expect(range.first).toBeLessThanOrEqual(range.last)
      expect(range.last).toBeLessThan(size)
    }),
    { numRuns: 2_000 },
  )
})

test('every range that there is comes back as it was asked', () => {
  const inOrder = fc.tuple(fc.maxSafeNat(), fc.maxSafeNat(), fc.maxSafeNat()).filter(([a, b, c]) => a <= b && b < c)
  fc.assert(
    fc.property(inOrder, ([first, last, size]) => {
      expect(rangeOf(`bytes=${first}-${last}`, size)).toEqual({ first, last })
      expect(rangeOf(`bytes=${first}-`, size)).toEqual({ first, last: size - 1 })
      expect(rangeOf(`bytes=-${size - first}`, size)).toEqual({ first, last: size - 1 })
    }),
  )
})
