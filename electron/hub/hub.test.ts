import { EventEmitter, once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { HUB_PORT } from '#protocol/limits.ts'
import { Downloads } from './downloads.ts'
import { makeHttpServer } from './http-server.ts'
import { listenNear } from './listening.ts'
import { filterConnections, isNeighbour } from './connection-filter.ts'
import { SHIPPED_LIMITS } from './limits.ts'
import { eventually, GENERATIONS } from '#hub/testing/client.ts'
import { ask, knock, POLLING_PATH, talk, UPGRADE, WEBSOCKET_PATH } from '#hub/testing/http.ts'
import { setStage, WINDOW_ORIGIN, WINDOW_TOKEN, type Stage } from '#hub/testing/stage.ts'

const stages: Stage[] = []
const set = async (...args: Parameters<typeof setStage>): Promise<Stage> => {
  const stage = await setStage(...args)
  stages.push(stage)
  return stage
}
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.clear()
})

const upgradeRequest = (port: number): string =>
  `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n` +
  'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bGFueWFyZCBsYW55YXJkIQ==\r\n\r\n'

describe('the port', () => {
  test('taken: the next free one', async () => {
    const first = await set({ open: true })
    const second = await set({ open: true, port: first.hub.port })
    expect(second.hub.port).toBeGreaterThan(first.hub.port)
    expect(second.hub.port).toBeLessThanOrEqual(first.hub.port + 100)
    expect(second.hub.loopbackUrl).toBe(`http://127.0.0.1:${second.hub.port}`)
    await second.join()
  })

  test('is the same by IPv6, where this system has that, and its clients are neighbours, counted and ended like others', async () => {
    const stage = await set({ open: true, bind: undefined })
    const { hub } = stage
    const hasIpv6 = Object.values(networkInterfaces()).some((infos = []) =>
      infos.some(({ address }) => address === '::1'),
    )
    if (!hasIpv6) {
      await expect(once(connect(hub.port, '::1'), 'connect')).rejects.toThrow()
      return
    }
    const client = await stage.join({ dial: '[::1]' })
    client.send('register', { uid: 'u', type: 1 })
    await client.settle()
    expect([hub.links(), hub.visitors()]).toEqual([1, 1])
    // Another program has it there.
    const second = await set({ open: true, bind: undefined, port: hub.port })
    expect(second.hub.port).toBeGreaterThan(hub.port)
    await stage.clear()
    await expect(once(connect(hub.port, '::1'), 'connect')).rejects.toThrow()
  })

  test('that another program has for IPv6 alone is taken', async () => {
    const blocker = createServer()
    await listenNear(blocker, 0, '::1').catch(() => null)
    const taken = (blocker.address() as AddressInfo | null)?.port
    const { hub } = await set({ open: true, bind: undefined, port: taken })
    if (taken !== undefined) expect(hub.port).toBeGreaterThan(taken)
    blocker.close()
  })

  test('the known one is the default', () => {
    expect(HUB_PORT).toBe(3186)
  })

  test('what is wrong with more than a port is told', async () => {
    await expect(listenNear(createServer(), 0, '203.0.113.77')).rejects.toThrow('EADDRNOTAVAIL')
    await expect(listenNear(createServer(), 65_536, '127.0.0.1')).rejects.toThrow()
  })

  test('no port beyond the last', async () => {
    // Whether it is this one or another program that has it.
    const blocker = createServer().listen(65_535, '127.0.0.1')
    await Promise.race([once(blocker, 'listening'), once(blocker, 'error')])
    const server = createServer()
    await expect(listenNear(server, 65_535, '127.0.0.1')).rejects.toThrow('EADDRINUSE')
    blocker.close()
  })
})

describe('visits', () => {
  test.each(GENERATIONS)('of %s clients and for the page are told, those of the window are not', async (generation) => {
    let visits = 0
    const stage = await set({ windowOrigin: WINDOW_ORIGIN, windowToken: WINDOW_TOKEN, onKnock: () => visits++ })
    const { hub } = stage
    await stage.window()
    expect([hub.visitors(), visits]).toEqual([0, 0])
    await ask(hub.port, { path: '/' })
    expect([hub.visitors(), visits]).toEqual([0, 1])
    const phones = [await stage.join({ generation }), await stage.join({ generation })]
    expect([hub.visitors(), visits]).toEqual([2, 3])
    for (const phone of phones) phone.close()
    await eventually('no visitor', () => hub.visitors() === 0)
    expect(visits).toBe(5)
  })

  test('of who is turned away at the door count for nothing', async () => {
    let visits = 0
    const { hub } = await set({ onKnock: () => visits++ })
    await ask(hub.port, { path: '/', headers: { host: 'elsewhere.example' } })
    expect([hub.visitors(), visits]).toEqual([0, 0])
  })
})

describe('room', () => {
  test('a page learns by a request that begins nothing whether there is any', async () => {
    const stage = await set({ limits: { guestsFromHere: 1 } })
    const room = async (): Promise<number> => (await ask(stage.hub.port, { path: POLLING_PATH, method: 'HEAD' })).status
    for (let times = 0; times < 5; times++) expect(await room()).toBe(400)
    const guest = await stage.join({ way: 'websocket' })
    expect(await room()).toBe(503)
    guest.close()
    // A moment after the guest has left.
    let now = 503
    while (now === 503) now = await room()
    expect(now).toBe(400)
  })

  test('who is sent away for want of it is told of', async () => {
    const sent: string[] = []
    const http = makeHttpServer({
      ...{
        limits: SHIPPED_LIMITS,
        page: { faces: new Map(), files: new Map() },
        downloads: new Downloads(SHIPPED_LIMITS),
      },
      rules: () => ({ port, ownAddresses: () => [], localName: null, allowOrigins: new Set(), windowOrigin: null }),
      hasRoom: () => false,
      takeLane: null,
      onPage: () => undefined,
      onFull: (address) => sent.push(address),
    })
    const { port, close } = await listenNear(http.server, 0, '127.0.0.1')
    const paths = ['/', POLLING_PATH, WEBSOCKET_PATH]
    // The page needs no room.
    for (const path of paths) await ask(port, { path, ...(path === WEBSOCKET_PATH && { headers: UPGRADE }) })
    expect(sent).toEqual(['127.0.0.1', '127.0.0.1'])
    await close()
  })
})

describe('closing', () => {
  test.each(GENERATIONS)('ends %s clients on every way, and frees the port', async (generation) => {
    const stage = await set({ open: true })
    for (const way of ['polling', 'upgrade', 'websocket'] as const) {
      const client = await stage.join({ generation, way })
      client.send('register', { uid: way, type: 1 })
      await client.settle()
    }
    await ask(stage.hub.port, { path: POLLING_PATH })
    expect(stage.hub.links()).toBe(3)
    await stage.hub.close()
    await stage.hub.close()
    expect(stage.hub.links()).toBe(0)
    const again = createServer()
    expect((await listenNear(again, stage.hub.port, '127.0.0.1')).port).toBe((again.address() as AddressInfo).port)
    expect((again.address() as AddressInfo).port).toBe(stage.hub.port)
    again.close()
  })

  test('is quick although a client says nothing any more', async () => {
    const stage = await set({ open: true })
    const { port } = stage.hub
    // It has said what it had to say once the hub's first packet is there, and stays.
    let isOpen = false
    const silent = talk(port, upgradeRequest(port), { test: (text) => ((isOpen ||= text.includes('"sid"')), false) })
    await eventually('the session', () => isOpen)
    await stage.hub.close()
    await silent
  })
})

describe('limits', () => {
  test('a connection that says nothing, or only half, is closed', async () => {
    const { hub } = await set({ limits: { headersMs: 100, requestMs: 200, timeoutCheckMs: 20 } })
    expect(await talk(hub.port, '')).toMatch(/^$|408/)
    expect(await talk(hub.port, 'GET / HTTP/1.1\r\nHost: ')).toMatch(/^$|408/)
    const body = `POST ${POLLING_PATH} HTTP/1.1\r\nHost: 127.0.0.1:${hub.port}\r\nContent-Length: 9\r\n\r\nx`
    expect(await talk(hub.port, body)).toMatch(/^HTTP\/1\.1 4/)
  })

  test('a websocket without CONNECT is closed', async () => {
    const stage = await set({ limits: { connectMs: 100 } })
    const { hub } = stage
    // FIN and opcode 8, no payload: the websocket's own goodbye.
    const goodbye = { test: (answer: string) => answer.endsWith('\u0088\u0000') }
    expect(await talk(hub.port, upgradeRequest(hub.port), goodbye)).toMatch(/^HTTP\/1\.1 101 /)
  })

  test('perMessageDeflate is not negotiated', async () => {
    const { hub } = await set()
    const path = '/socket.io/?EIO=4&transport=websocket'
    expect(await knock(hub.port, { 'Sec-WebSocket-Extensions': 'permessage-deflate' }, path)).toBe(101)
  })

  test('a vanished client is noticed', async () => {
    const stage = await set({ open: true, limits: { pingIntervalMs: 50, pingTimeoutMs: 50 } })
    const opened = await ask(stage.hub.port, { path: POLLING_PATH })
    const { sid, pingInterval, pingTimeout } = JSON.parse(opened.body.toString().slice(1)) as Record<string, unknown>
    expect([pingInterval, pingTimeout]).toEqual([50, 50])
    const path = `${POLLING_PATH}&sid=${String(sid)}`
    await ask(stage.hub.port, { path, method: 'POST' }, '40')
    await ask(stage.hub.port, { path, method: 'POST' }, '42["register",{"uid":"u","type":1}]')
    await eventually('no record', () => stage.hub.links() === 0)
  })

  test('too many connections: later ones wait for room', async () => {
    const stage = await set({ open: true, limits: { connections: 2 } })
    const [one] = [await stage.join(), await stage.join()]
    expect((await ask(stage.hub.port)).status).toBe(0)
    one.close()
    let status = 0
    while (status === 0) ({ status } = await ask(stage.hub.port))
    expect(status).toBe(404)
  })

  test('the shipped ones are strict', () => {
    expect(SHIPPED_LIMITS).toMatchObject({ headersMs: 10_000, requestMs: 60_000, connections: 256, connectMs: 10_000 })
    expect(SHIPPED_LIMITS.pingIntervalMs + SHIPPED_LIMITS.pingTimeoutMs).toBeLessThan(20_000)
  })
})

describe('neighbours', () => {
  const isNear = (address: string): boolean => isNeighbour(address, () => ['100.64.0.0/10', '203.0.113.5/32'])
  test.each([
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.3.4',
    '127.0.0.1',
    '203.0.113.5',
    '100.100.1.1',
    '::1',
    'fd12:3456:789a::1',
    'fe80::1',
  ])('%s may connect', (address) => {
    expect(isNear(address)).toBe(true)
  })
  test.each([
    '8.8.8.8',
    '172.32.0.1',
    '172.15.0.1',
    '203.0.113.6',
    '100.63.0.1',
    '2001:db8::1',
    '::',
    '::2',
    'fec0::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '',
    'localhost',
    '0.0.0.0',
  ])('%j may not', (address) => {
    expect(isNear(address)).toBe(false)
  })

  test('are all that is accepted, and each has its share, and who is refused is told of', () => {
    class Peer extends EventEmitter {
      isCut = false
      readonly remoteAddress: string | undefined
      constructor(remoteAddress?: string) {
        super()
        this.remoteAddress = remoteAddress
      }
      destroy(): void {
        this.isCut = true
        this.emit('close')
      }
    }
    const server = new EventEmitter()
    const refused: string[] = []
    const cutAll = filterConnections(server as unknown as Server, {
      isNear,
      perAddress: 2,
      fromHere: 50,
      onRefused: (address, why) => refused.push(`${address} ${why}`),
    })
    const connect = (address?: string): Peer => {
      const peer = new Peer(address)
      server.emit('connection', peer)
      return peer
    }
    const cut = (peers: Peer[]): boolean[] => peers.map(({ isCut }) => isCut)
    expect(cut([connect('8.8.8.8'), connect(undefined), connect('2001:db8::1')])).toEqual([true, true, true])
    const three = [connect('10.0.0.1'), connect('::ffff:10.0.0.1'), connect('10.0.0.1'), connect('10.0.0.2')]
    expect(cut(three)).toEqual([false, false, true, false])
    three[0]!.destroy()
    const more = [connect('10.0.0.1'), connect('10.0.0.1')]
    expect(cut(more)).toEqual([false, true])
    const own = Array.from({ length: 50 }, () => connect('127.0.0.1'))
    expect(own.every(({ isCut }) => !isCut)).toBe(true)
    expect(cut([connect('127.0.0.1')])).toEqual([true])
    expect(refused).toEqual([
      '8.8.8.8 far',
      '2001:db8::1 far',
      '10.0.0.1 too many',
      '10.0.0.1 too many',
      '127.0.0.1 too many',
    ])
    cutAll()
    expect([...three, ...more, ...own].every(({ isCut }) => isCut)).toBe(true)
  })
})
