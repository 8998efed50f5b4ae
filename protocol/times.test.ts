import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFrame } from './frames.ts'
import { TIME_MS_MAX } from './limits.ts'
import { toTime } from './times.ts'

const OFFER = { t: 'offer', n: 1, id: 'a'.repeat(32), name: 'a', size: 1, mime: '' }
const UNFINISHED = { t: 'unfinished', id: 'a'.repeat(32), name: 'a', size: 1, bytes: 0 }

test('every number becomes one that a Date can hold', () => {
  const numbers = fc.oneof(
    fc.double(),
    fc.maxSafeInteger(),
    fc.constantFrom(TIME_MS_MAX, -TIME_MS_MAX, TIME_MS_MAX + 1),
  )
  fc.assert(
    fc.property(numbers, (ms) => {
      expect(() => new Date(toTime(ms)).toISOString()).not.toThrow()
      if (Number.isInteger(ms) && Math.abs(ms) <= TIME_MS_MAX) expect(toTime(ms)).toBe(ms)
    }),
  )
})

test('every moment that travels is one that a Date can hold, whatever came', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (ms) => {
      const record = { id: 'r', kind: 'note', title: '', modified: ms }
      const page = { t: 'records', since: '', list: [record], cursor: '', more: false, fresh: true }
      const read = decodeFrame(JSON.stringify(page))
      if (read.t === 'records') expect(read.list[0]?.modified).toBe(toTime(ms))
      for (const frame of [OFFER, UNFINISHED])
        expect(decodeFrame(JSON.stringify({ ...frame, mtime: ms }))).toMatchObject({ mtime: toTime(ms) })
    }),
  )
  expect(toTime(Number.MAX_SAFE_INTEGER)).toBe(0)
})
