import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Throttle } from './rate-limit.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('the first time at once; the rest of a crowd once, and not lost', () => {
  let acts = 0
  const throttle = new Throttle(() => acts++, { burst: 1, perSecond: 20 })
  throttle.ask()
  expect(acts).toBe(1)
  for (let i = 0; i < 10_000; i++) throttle.ask()
  expect(acts).toBe(1)
  vi.advanceTimersByTime(50)
  expect(acts).toBe(2)
  vi.advanceTimersByTime(1_000)
  expect(acts).toBe(2)
  throttle.ask()
  expect(acts).toBe(3)
})
