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
  // Eight hours of sleep, seen soon after.
  sinceBoot += 28_800_000
  expect(now()).toBe(100.5)
  sinceBoot += 100
  awake += 100
  expect(now()).toBe(28_800_200)
  // It is coarse: less than was seen before is no step back.
  awake += 100.5
  expect(now()).toBe(28_800_300.5)
  // A container's own time since its start may be anything.
  sinceBoot = 0
  awake += 100
  expect(now()).toBe(28_800_400.5)
})

test('reads the coarse one ten times a second at most', () => {
  let [awake, reads] = [0, 0]
  const now = unsetClock(
    () => reads++,
    () => awake,
  )
  for (awake = 0; awake < 1_000; awake++) now()
  expect(reads).toBeLessThanOrEqual(11)
})

test('the computer’s own clocks do', () => {
  const now = unsetClock()
  const first = now()
  expect([first >= 0, now() >= first]).toEqual([true, true])
})
