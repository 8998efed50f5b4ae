import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchPhone } from './phone-watch.ts'

let page: EventTarget
let told: string[]
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  told = []
  stop = watchPhone({ onWoke: () => told.push('woke'), onNetwork: (isThere) => told.push(`network ${isThere}`) })
})
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('a page that goes on is not said to have slept, one that stood still is, once', () => {
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual([])
  // As a phone that sleeps: the clock goes on, and no timer does.
  vi.setSystemTime(Date.now() + 20_000)
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual(['woke'])
})

test('a page that is busy for some seconds has not slept, and a clock that is set back is no sleep', () => {
  vi.setSystemTime(Date.now() + 5_000)
  vi.advanceTimersByTime(10_000)
  vi.setSystemTime(Date.now() - 3_600_000)
  vi.advanceTimersByTime(10_000)
  expect(told).toEqual([])
})

test('what the browser says of the network is told, until nobody listens', () => {
  page.dispatchEvent(new Event('offline'))
  page.dispatchEvent(new Event('online'))
  stop()
  page.dispatchEvent(new Event('offline'))
  expect(told).toEqual(['network false', 'network true'])
  expect(vi.getTimerCount()).toBe(0)
})
