import { expect, test } from 'vitest'
import { unsetClock } from './unset-clock.ts'

test('goes on while the computer sleeps, whichever clock stands still then, and never back', () => {
  let sinceBoot = 1_000
  let awake = 5
  const now = unsetClock(
    () => sinceBoot,
    () => awake,
  )
  expect(now()).toBe(0)
  sinceBoot += 100
  awake += 100.5
  expect(now()).toBe(100.5)
  // Eight hours of sleep.
  sinceBoot += 28_800_000
  expect(now()).toBe(28_800_100)
  // A container's own time since its start may be anything.
  sinceBoot = 0
  expect(now()).toBe(100.5)
})

test('the computer’s own clocks do', () => {
  const now = unsetClock()
  const first = now()
  expect([first >= 0, now() >= first]).toEqual([true, true])
})
