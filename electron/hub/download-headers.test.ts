import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rangeOf, httpDate, preconditionStatus, rangeCounts, attachment } from './download-headers.ts'

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

const MADE = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const DATE = 'Fri, 02 Jan 2026 03:04:05 GMT'
const EARLIER = 'Fri, 02 Jan 2026 03:04:04 GMT'
const LATER = 'Fri, 02 Jan 2026 03:04:06 GMT'
const version = { etag: '"a1"', modified: httpDate(MADE) }

test('a date is one of HTTP', () => {
  expect(version.modified).toBe(DATE)
})

describe('preconditions', () => {
  test.each([
    [{}, null],
    [{ 'if-match': '"a1"' }, null],
    [{ 'if-match': '*' }, null],
    [{ 'if-match': '"x", "a1"' }, null],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-match': 'W/"a1"' }, 412],
    [{ 'if-match': 'a1' }, 412],
    [{ 'if-match': '"a1"', 'if-unmodified-since': EARLIER }, null],
    [{ 'if-unmodified-since': DATE }, null],
    [{ 'if-unmodified-since': LATER }, null],
    [{ 'if-unmodified-since': EARLIER }, 412],
    [{ 'if-unmodified-since': 'yesterday' }, null],
    [{ 'if-none-match': '"a1"' }, 304],
    [{ 'if-none-match': 'W/"a1"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"x"' }, null],
    [{ 'if-none-match': '"x"', 'if-modified-since': LATER }, null],
    [{ 'if-modified-since': DATE }, 304],
    [{ 'if-modified-since': EARLIER }, null],
    [{ 'if-modified-since': 'yesterday' }, null],
  ])('%j: %s', (headers, status) => {
    expect(preconditionStatus(headers, version)).toBe(status)
  })

  test('dates mean nothing where none is known', () => {
    const dates = { 'if-unmodified-since': EARLIER, 'if-modified-since': LATER }
    expect(preconditionStatus(dates, { ...version, modified: null })).toBeNull()
  })
})

test.each([
  [undefined, true],
  ['"a1"', true],
  [DATE, true],
  ['W/"a1"', false],
  ['"x"', false],
  ['a1', false],
  ['*', false],
  ['"a1", "x"', false],
  [EARLIER, false],
  [LATER, false],
  ['', false],
])('If-Range %j: %s', (header, counts) => {
  expect(rangeCounts(header === undefined ? {} : { 'if-range': header }, version)).toBe(counts)
})

test('If-Range with a date is never ours where none is known', () => {
  expect(rangeCounts({ 'if-range': DATE }, { ...version, modified: null })).toBe(false)
})

const SHAPE = /^attachment; filename="([\x20-\x7e]*)"; filename\*=UTF-8''([\w!#$&+.^`|~%-]*)$/

/** Read back by the book: RFC 8187. */
function readBack(header: string): { plain: string; full: string } {
  const [, plain = '', full = ''] = SHAPE.exec(header) ?? []
  return { plain, full: decodeURIComponent(full) }
}

test.each([
  ['film.mp4', 'film.mp4', 'film.mp4'],
  ['größe 图.pdf', 'gr__e _.pdf', 'größe 图.pdf'],
  ['🎉.zip', '_.zip', '🎉.zip'],
  ['say "hi" \\ 100%.txt', 'say _hi_ _ 100_.txt', 'say "hi" _ 100%.txt'],
  ["it's (1)*;=,.txt", "it's (1)*;=,.txt", "it's (1)*;=,.txt"],
  ['a%41.txt', 'a_41.txt', 'a%41.txt'],
  ['../../etc/passwd', '.._.._etc_passwd', '.._.._etc_passwd'],
  ['a\r\nSet-Cookie: x=1', 'a__Set-Cookie: x=1', 'a__Set-Cookie: x=1'],
  ['', 'untitled', 'untitled'],
  ['\ud800.txt', '_.txt', '_.txt'],
])('%j', (name, plain, full) => {
  expect(readBack(attachment(name))).toEqual({ plain, full })
})

test('a long name keeps its end', () => {
  const { full } = readBack(attachment(`${'🎉'.repeat(5_000)}.tar.gz`))
  expect(full).toMatch(/🎉\.tar\.gz$/u)
  expect(full.length).toBeLessThanOrEqual(255)
})

test('any name makes a header that is one, and comes back', () => {
  const names = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
  fc.assert(
    fc.property(names, (name) => {
      const header = attachment(name)
      expect(header).toMatch(SHAPE)
      const { plain, full } = readBack(header)
      expect(plain).not.toMatch(/["\\/]/)
      if (!/[\p{Surrogate}\p{Cc}/\\]/u.test(name) && name !== '' && name.length < 255) expect(full).toBe(name)
    }),
    { numRuns: 1_000 },
  )
})
