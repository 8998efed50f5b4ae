import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Debounce } from './debounce.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('however often it is asked, it acts once, at the nearest time asked for', () => {
  const act = vi.fn()
  const soon = new Debounce(act)
  soon.within(500)
  soon.within(50)
  soon.within(300)
  vi.advanceTimersByTime(49)
  expect(act).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(act).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(10_000)
  expect(act).toHaveBeenCalledTimes(1)
})

test('asking again and again does not put it off', () => {
  const act = vi.fn()
  const soon = new Debounce(act)
  for (let i = 0; i < 10; i++) {
    soon.within(100)
    vi.advanceTimersByTime(20)
  }
  expect(act).toHaveBeenCalledTimes(2)
})

test('what is asked for while it acts is done later', () => {
  let asked = 0
  const soon: Debounce = new Debounce(() => {
    if (++asked === 1) soon.within(10)
  })
  soon.within(10)
  vi.advanceTimersByTime(10)
  expect(asked).toBe(1)
  vi.advanceTimersByTime(10)
  expect(asked).toBe(2)
  expect(vi.getTimerCount()).toBe(0)
})
