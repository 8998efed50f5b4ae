import { beforeEach, expect, test } from 'vitest'
import { SHIPPED_LIMITS } from './limits.ts'
import { RateLimitedLog } from './rate-limited-log.ts'
import { Lockout } from './lockout.ts'

let now: number
let wrong: Lockout
beforeEach(() => {
  now = 1000
  wrong = new Lockout({ wrongProofs: 3, wrongProofsMs: 100, refuseProofsMs: 500 }, () => now)
})
const count = (address: string, times: number): void => {
  for (let n = 0; n < times; n++) wrong.count(address)
}
/** Whether one more is one too many. */
const isShut = (address: string): boolean => wrong.count(address)

test('after so many within the time each further one from that address, and no other, is too many for a while', () => {
  count('10.0.0.1', 2)
  expect(isShut('10.0.0.1')).toBe(false)
  expect([isShut('10.0.0.1'), isShut('10.0.0.2')]).toEqual([true, false])
  now += 499
  expect(isShut('10.0.0.1')).toBe(true)
  now += 1
  // It begins anew.
  expect([isShut('10.0.0.1'), isShut('10.0.0.1')]).toEqual([false, false])
})

test('mistakes that are far apart do not add up', () => {
  for (let n = 0; n < 20; n++) {
    expect(isShut('10.0.0.1')).toBe(false)
    now += 60
  }
})

test('this computer’s own programs are counted as others are', () => {
  count('127.0.0.1', 3)
  expect(isShut('127.0.0.1')).toBe(true)
})

test('it remembers a bounded number of addresses, and forgets those that were quiet for longest', () => {
  count('10.0.0.1', 3)
  for (let n = 0; n < 5000; n++) wrong.count(`10.1.${n >> 8}.${n & 255}`)
  expect(wrong.size).toBeLessThanOrEqual(1024)
  expect(isShut('10.0.0.1')).toBe(false)
})

test('the shipped limit is strict', () => {
  expect(SHIPPED_LIMITS).toMatchObject({ wrongProofs: 10, wrongProofsMs: 60_000, refuseProofsMs: 60_000 })
})

test('the log has one line of an address at once, then one every ten seconds, with the number of those left out', () => {
  const lines: string[] = []
  const rarely = new RateLimitedLog(
    (line) => lines.push(line),
    () => now,
  )
  for (let n = 0; n < 100; n++) {
    rarely.say('10.0.0.1', 'first')
    if (n === 0) rarely.say('10.0.0.2', 'second')
    now += 99
  }
  now += 200
  rarely.say('10.0.0.1', 'again')
  expect(lines).toEqual(['first', 'second', 'again (and 99 more before)'])
  now += 10_000
  rarely.say('10.0.0.1', 'alone')
  expect(lines.at(-1)).toBe('alone')
})
