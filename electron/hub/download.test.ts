import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Covered } from './download.ts'

test('bytes count once, and the whole is whole in any order', () => {
  const spans = fc.array(
    fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const),
  )
  fc.assert(
    fc.property(spans, (list) => {
      const covered = new Covered(61)
      const really = new Set<number>()
      for (const [from, to] of list) {
        covered.add(from, to)
        for (let at = from; at < to; at++) really.add(at)
        expect(covered.bytes).toBe(really.size)
        expect(covered.isWhole).toBe(really.size === 61)
      }
    }),
  )
})

test('nothing is all of nothing', () => {
  expect([new Covered(0).isWhole, new Covered(1).isWhole]).toEqual([true, false])
})

test('every second byte of a large file makes no long list, and never a whole file too early', () => {
  const size = 2 ** 33
  const covered = new Covered(size)
  for (let at = 0; at < 20_000; at += 2) covered.add(at, at + 1)
  expect(covered.bytes).toBe(1024)
  covered.add(0, size - 1)
  expect(covered.isWhole).toBe(false)
  covered.add(size - 1, size)
  expect(covered.isWhole).toBe(true)
})
