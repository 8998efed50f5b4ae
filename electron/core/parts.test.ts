import { describe, expect, test } from 'vitest'
import type { AddressChoice } from '#hub/address-choice.ts'
import type { ToWindow } from '#protocol/link-port.ts'
import { MemorySource, bytesOf } from '#transfer/testing/files.ts'
import type { TransferView } from '#transfer/transfer-view.ts'
import { PairingLinks } from './devices/pairing-links.ts'
import { Network } from './devices/network.ts'
import { PortLane } from './devices/port-lane.ts'
import { Transfers } from './transfers/transfers.ts'

describe('PairingLinks', () => {
  test('are all different, and tell neither uid nor key by their id', () => {
    const links = new PairingLinks()
    for (let i = 0; i < 50; i++) links.renew()
    const { all } = links
    expect(new Set(all.map(({ id }) => id)).size).toBe(51)
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(51)
    expect(new Set(all.map(({ key }) => key?.join())).size).toBe(51)
    for (const { uid, key } of all) expect([uid.length, key?.length]).toEqual([22, 32])
  })

  test('forgetting takes away the right one, and never the one on the screen', () => {
    const links = new PairingLinks()
    const first = links.current
    const second = links.renew()
    links.forget('nonsense')
    links.forget(second.id)
    links.forget(first.id)
    expect(links.all).toEqual([second])
    expect([links.hosts(first.uid), links.hosts(second.uid)]).toEqual([false, true])
  })

  test('uids that are names of objects are not hosted', () => {
    for (const uid of ['__proto__', 'constructor', 'toString']) expect(new PairingLinks().hosts(uid)).toBe(false)
  })
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

describe('PortLane', () => {
  function lane() {
    const posted: ToWindow[] = []
    const heard: unknown[] = []
    const made = new PortLane('webrtc', 1_000, (message) => posted.push(message))
    const listen = () => {
      made.listen({ onFrame: (data) => heard.push(data), onClose: () => heard.push('closed') })
    }
    return { made, posted, heard, listen }
  }

  test('keeps what came before anybody listened, in order', () => {
    const { made, heard, listen } = lane()
    made.deliver('one')
    made.deliver('two')
    made.closed()
    listen()
    expect(heard).toEqual(['one', 'two', 'closed'])
  })

  test('is over once, whoever ends it, and then silent', () => {
    const { made, posted, heard, listen } = lane()
    listen()
    made.close()
    made.close()
    made.closed()
    made.deliver('late')
    made.send('late')
    expect(heard).toEqual(['closed'])
    expect(posted).toEqual([{ t: 'close-lane' }])
  })

  test('waits for room, and no longer than it lives', async () => {
    const { made } = lane()
    await made.ready()
    made.send(new Uint8Array(2_097_152))
    const waits = [made.ready(), made.ready()]
    made.credit(1)
    await Promise.all(waits)
    made.send(new Uint8Array(100))
    const last = made.ready()
    made.closed()
    await last
    await made.ready()
  })

  test('more credit than was given away buys nothing', async () => {
    const { made } = lane()
    made.credit(1_000_000_000)
    made.send(new Uint8Array(2_097_152))
    let free = false
    void made.ready().then(() => (free = true))
    await Promise.resolve()
    expect(free).toBe(false)
  })
})

describe('Transfers', () => {
  const view = (id: string, more: Partial<TransferView> = {}): TransferView => ({
    id,
    direction: 'out',
    name: id,
    bytes: 0,
    total: 1,
    state: 'moving',
    phase: 'sending',
    lane: 'webrtc',
    ...more,
  })
  const row = (id: string, more: Partial<TransferView> = {}) => ({
    id,
    deviceId: 'd',
    deviceName: 'D',
    view: view(id, more),
  })

  test('newest first, and a row keeps its place', () => {
    const all = new Transfers()
    expect(all.put(row('a'))).toBeUndefined()
    all.put(row('b'))
    expect(all.put(row('a', { state: 'done' }))?.view.state).toBe('moving')
    expect(all.views().map(({ id, state }) => [id, state])).toEqual([['b', 'moving'], ['a', 'done']]) // prettier-ignore
  })

  test('what was sent can be sent again, once it has failed', () => {
    const all = new Transfers()
    const source = new MemorySource('a', bytesOf(1))
    all.put(row('a'))
    all.attachSource('a', source)
    all.attachSource('nonsense', source)
    const can = () => all.views()[0]?.canRetry
    expect(can()).toBe(false)
    for (const state of ['failed', 'cancelled'] as const) {
      all.put(row('a', { state }))
      expect([can(), all.get('a')?.source]).toEqual([true, source])
    }
    all.put(row('a', { state: 'done' }))
    expect(can()).toBe(false)
    all.put(row('b', { state: 'failed', direction: 'in' }))
    expect(all.views()[0]?.canRetry).toBe(false)
  })

  test('a path is for this computer only', () => {
    const all = new Transfers()
    all.put(row('a', { state: 'done', direction: 'in', path: '/home/me/a' }))
    expect(JSON.stringify(all.views())).not.toContain('/home')
    expect(all.views()[0]?.canShow).toBe(true)
  })

  test('only so many finished ones are kept; those that move all stay', () => {
    const all = new Transfers()
    for (let i = 0; i < 1_200; i++) all.put(row(`${i}`, { state: i % 2 === 0 ? 'done' : 'moving' }))
    const views = all.views()
    expect(views.filter(({ state }) => state === 'moving')).toHaveLength(600)
    expect(views.filter(({ state }) => state === 'done')).toHaveLength(500)
    expect(all.get('1198')).toBeDefined()
    expect(all.get('0')).toBeUndefined()
    all.clearFinished()
    expect(all.views()).toHaveLength(600)
    all.remove('1')
    expect(all.get('1')).toBeUndefined()
  })
})
