import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ClockWatch } from './clock-watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A computer whose two clocks are the test's. */
function computer() {
  const clocks = { wall: 1_700_000_000_000, unset: 5_000 }
  const watch = new ClockWatch({ wall: () => clocks.wall, unset: () => clocks.unset })
  const pass = (ms: number): void => {
    clocks.wall += ms
    clocks.unset += ms
    vi.advanceTimersByTime(ms)
  }
  return { clocks, watch, pass }
}

test('a clock that is set ahead or back is told, by how much and how long ago', () => {
  const { clocks, watch, pass } = computer()
  pass(60_000)
  clocks.wall += 3 * 3_600_000
  pass(5_000)
  pass(115_000)
  expect(watch.lastSet).toEqual({ byMs: 3 * 3_600_000, ago: 115_000 })
  clocks.wall -= 86_400_000
  expect(watch.lastSet).toEqual({ byMs: -86_400_000, ago: 0 })
  watch.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('one that is kept right by small steps, and sleep, are nothing of the kind', () => {
  const { clocks, watch, pass } = computer()
  for (let step = 0; step < 100; step++) {
    clocks.wall += 900
    pass(5_000)
  }
  // Both go on while the computer sleeps, and no timer does.
  clocks.wall += 8 * 3_600_000
  clocks.unset += 8 * 3_600_000
  pass(5_000)
  expect(watch.lastSet).toBeNull()
})
