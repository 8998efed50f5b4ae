import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Bottleneck } from '../support/bottleneck.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('what comes at once goes through one after the other', () => {
  const neck = new Bottleneck(1_000_000)
  const waits = [12_500, 12_500, 25_000].map((bytes) => neck.wait(bytes))
  expect(waits).toEqual([100, 200, 400])
  vi.advanceTimersByTime(350)
  expect(neck.wait(0)).toBe(50)
})

test('what is not narrow makes nobody wait', () => {
  const neck = new Bottleneck()
  expect([neck.wait(1e9), neck.wait(1e9)]).toEqual([0, 0])
})
