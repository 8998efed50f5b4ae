import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AppEvent } from '#core/app-events.ts'
import { LinkNews } from './link-news.ts'
import { PairingLinks } from './pairing-links.ts'
import { Network } from './network.ts'

let links: PairingLinks
let events: AppEvent[]
let changes: number
let news: LinkNews
beforeEach(() => {
  vi.useFakeTimers()
  links = new PairingLinks()
  events = []
  changes = 0
  news = new LinkNews({
    links,
    network: new Network([{ address: '192.168.1.20', adapter: 'eth0', kind: 'real' }]),
    port: () => 3186,
    onEvent: (event) => events.push(event),
    onChange: () => changes++,
  })
})
afterEach(() => void vi.useRealTimers())
const told = (): string[] => events.map((event) => (event.event === 'error' ? event.code : event.event))

test('D4: a window that can’t reach the hub is told of within 10 seconds, once, and forgotten when it does', () => {
  news.expect()
  vi.advanceTimersByTime(10_000)
  expect([told(), news.isStuck, changes]).toEqual([['no-loopback'], true, 1])
  vi.advanceTimersByTime(100_000)
  expect(told()).toEqual(['no-loopback'])
  news.registered(links.current.id)
  expect([told(), news.isStuck]).toEqual([['no-loopback', 'ready'], false])
})

test('one that does reach it hears nothing of the kind, nor does one whose app ends', () => {
  news.expect()
  news.registered(links.current.id)
  vi.advanceTimersByTime(100_000)
  expect([told(), news.isStuck]).toEqual([['ready'], false])
  news.expect()
  news.close()
  vi.advanceTimersByTime(100_000)
  expect(told()).toEqual(['ready'])
})
