import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchPhone } from './phone-watch.ts'

let page: EventTarget
let shown: EventTarget & { hidden: boolean }
let told: string[]
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  page = new EventTarget()
  shown = Object.assign(new EventTarget(), { hidden: false })
  vi.stubGlobal('document', shown)
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  told = []
  stop = watchPhone({
    onJump: (isSeen) => told.push(isSeen ? 'jumped' : 'slept'),
    onNetwork: (isThere) => told.push(`network ${isThere}`),
  })
})
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

function show(isShown: boolean): void {
  shown.hidden = !isShown
  shown.dispatchEvent(new Event('visibilitychange'))
}

test('a page that goes on is not said to have slept, one that stood still unseen is, once', () => {
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual([])
  // As a phone that sleeps: the clock goes on, and no timer does.
  show(false)
  vi.setSystemTime(Date.now() + 20_000)
  show(true)
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual(['slept'])
})

test('one on the screen whose clock jumps, ahead or back, may have had it set', () => {
  vi.setSystemTime(Date.now() + 3_600_000)
  vi.advanceTimersByTime(10_000)
  vi.setSystemTime(Date.now() - 3_600_000)
  vi.advanceTimersByTime(10_000)
  expect(told).toEqual(['jumped', 'jumped'])
})

test('a page that is busy for some seconds has not slept', () => {
  vi.setSystemTime(Date.now() + 5_000)
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
