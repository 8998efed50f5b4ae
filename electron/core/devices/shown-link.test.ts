import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AddressChoice } from '#hub/address-choice.ts'
import type { AppEvent } from '#core/app-events.ts'
import { PairingLinks } from './pairing-links.ts'
import { Network, ShownLink } from './shown-link.ts'

let links: PairingLinks
let events: AppEvent[]
let changes: number
let news: ShownLink
beforeEach(() => {
  vi.useFakeTimers()
  links = new PairingLinks()
  events = []
  changes = 0
  news = new ShownLink({
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

describe('Network', () => {
  const [eth, wifi]: [AddressChoice, AddressChoice] = [
    { address: '192.168.1.2', adapter: 'eth0', kind: 'real' },
    { address: '192.168.1.3', adapter: 'wlan0', kind: 'real' },
  ]

  test('the first of several, unless another is preferred', () => {
    const network = new Network([eth, wifi])
    expect(network.address).toBe(eth.address)
    expect(network.prefer(wifi.address)).toBe(true)
    expect(network.address).toBe(wifi.address)
    expect(network.prefer('10.0.0.1')).toBe(false)
    expect(network.address).toBe(wifi.address)
  })

  test('a preferred one that is gone may come back', () => {
    const network = new Network([eth, wifi], { preferred: wifi.address })
    network.update([eth])
    expect(network.address).toBe(eth.address)
    network.update([])
    expect(network.address).toBeNull()
    network.update([eth, wifi])
    expect(network.address).toBe(wifi.address)
  })

  test('one given at the start is neither chosen nor looked for', () => {
    const network = new Network([eth, wifi], { fixed: '127.0.0.1', preferred: wifi.address })
    expect([network.address, network.choices]).toEqual(['127.0.0.1', []])
    network.update([])
    expect(network.address).toBe('127.0.0.1')
  })
})
