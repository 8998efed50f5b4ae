import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { SyncedRecord } from '#protocol/records.ts'
import type { TransferView } from '#transfer/transfer-view.ts'
import { Told, until } from '#transfer/testing/ends.ts'
import { bytesOf, hexHash, MemorySink, MemorySource } from '#transfer/testing/files.ts'
import { MemoryLane, nextTask } from '#transfer/testing/lanes.ts'
import { Device } from './device.ts'
import { quietOptions } from '#core/testing/device-options.ts'
import { ANSWER, FakeWindow, LEGACY, OFFER, PAGE, SESSION } from '#core/testing/window.ts'

let told: Told
let sinks: MemorySink[]
let events: string[]
let changes: number
let lists: (readonly SyncedRecord[])[]
let forgotten: number
let ask: () => Promise<boolean>
let device: Device
let window: FakeWindow

beforeEach(() => {
  told = new Told()
  sinks = []
  events = []
  changes = 0
  lists = []
  forgotten = 0
  ask = () => Promise.resolve(true)
  device = new Device(
    'link',
    quietOptions({
      sync: { list: (_device, records) => lists.push(records), forget: () => forgotten++ },
      files: {
        mayTake: () => ask(),
        openSink: (_device, { name }) => {
          const earlier = sinks.find((sink) => sink.name === name && sink.state === 'suspended') ?? null
          const sink = new MemorySink(name, undefined, earlier)
          sinks.push(sink)
          return Promise.resolve(sink)
        },
        unfinished: () =>
          sinks
            .filter(({ state }) => state === 'suspended')
            .map(({ name, bytes }) => ({
              t: 'unfinished',
              id: '0'.repeat(32),
              name,
              size: 20_000_000,
              mtime: 0,
              bytes,
            })),
      },
      events: {
        onTransfer: (_device, view: TransferView) => {
          told.put(view)
        },
        onRegistered: () => events.push('registered'),
        onJoined: () => events.push('joined'),
        onChange: () => changes++,
        onHere: () => events.push('here'),
        onAway: () => events.push('away'),
      },
    }),
  )
  window = new FakeWindow(() => device)
  device.attach(window)
})

describe('a phone comes and goes', () => {
  test('from nobody to connecting, here and away', () => {
    expect(device.state).toBe('empty')
    window.say({ t: 'registered' })
    device.proved(SESSION)
    window.say({ t: 'joined', peer: PAGE })
    expect(device.view()).toEqual({
      id: 'link',
      name: 'Pixel',
      kind: 'page',
      state: 'connecting',
      autoAccept: true,
      texts: false,
      clipboard: false,
      unheard: 0,
    })
    window.open()
    expect(device.state).toBe('here')
    window.say({ t: 'lane-closed' })
    expect(device.state).toBe('connecting')
    window.say({ t: 'left' })
    expect(device.state).toBe('away')
    expect(events).toEqual(['registered', 'joined', 'here', 'away'])
  })

  test('it leaves the hub first and its channel later: here until then', () => {
    window.join()
    window.say({ t: 'left' })
    expect(device.state).toBe('here')
    window.say({ t: 'lane-closed' })
    expect(device.state).toBe('away')
    expect(events.filter((e) => e === 'away')).toHaveLength(1)
  })

  test('it comes back: told again', () => {
    window.join()
    window.say({ t: 'lane-closed' })
    window.say({ t: 'left' })
    window.join()
    expect(device.state).toBe('here')
    expect(events.filter((e) => e === 'here')).toHaveLength(2)
  })

  test('a channel that breaks and is made again is no coming and going', () => {
    window.join()
    window.say({ t: 'lane-closed' })
    window.open()
    expect(events).toEqual(['registered', 'joined', 'here'])
  })

  test('one that only was at the hub is not told as gone', () => {
    window.say({ t: 'joined', peer: PAGE })
    window.say({ t: 'left' })
    expect(device.state).toBe('away')
    expect(events).not.toContain('away')
  })

  test('why there is no connection, until there is one', () => {
    device.proved(SESSION)
    window.say({ t: 'joined', peer: PAGE })
    window.say({ t: 'trouble', code: 'no-connection' })
    expect(device.view()).toMatchObject({ state: 'connecting', trouble: 'no-connection' })
    window.open()
    expect(device.view()).not.toHaveProperty('trouble')
  })

  test('its name is made fit to be shown', () => {
    window.say({ t: 'joined', peer: { ...PAGE, name: 'My\u202e\nphone' } })
    expect(device.name).toBe('My phone')
  })

  test('nonsense of the window is dropped', () => {
    for (const raw of [
      null,
      7,
      {},
      { t: 'x' },
      { t: 'joined' },
      { t: 'data', data: 7 },
      { t: 'lane-open', lane: 'http', maxMessage: 1 },
    ]) {
      device.receive(raw)
    }
    device.receive({ t: 'data', data: 'x' })
    device.receive({ t: 'credit', bytes: 5 })
    device.receive({ t: 'lane-closed' })
    expect(device.state).toBe('empty')
    expect(changes).toBe(0)
  })
})

describe('files', () => {
  test('in both directions', async () => {
    const phone = window.join()
    const up = phone.send(new MemorySource('up', bytesOf(300_000, 1)))
    const down = device.send(new MemorySource('down', bytesOf(300_000, 2))) ?? ''
    expect(await told.end(up)).toMatchObject({
      state: 'done',
      direction: 'in',
      lane: 'webrtc',
      sha256: hexHash(bytesOf(300_000, 1)),
    })
    expect(await told.end(down)).toMatchObject({ state: 'done', direction: 'out' })
    expect(phone.sinks[0]?.sha256).toBe(hexHash(bytesOf(300_000, 2)))
  })

  test('to nobody', () => {
    expect(device.send(new MemorySource('a', bytesOf(1)))).toBeNull()
    window.say({ t: 'joined', peer: PAGE })
    expect(device.send(new MemorySource('a', bytesOf(1)))).toBeNull()
    device.cancel('unknown')
  })

  test.each([
    ['the channel breaks', ['lane-closed'], 'connecting'],
    ['the phone leaves', ['left', 'lane-closed'], 'away'],
  ] as const)('wait when %s, and go on over the next channel from what is here', async (_, messages, state) => {
    const phone = window.join()
    const up = phone.send(new MemorySource('up', bytesOf(20_000_000, 1)))
    await until('some of it', () => (told.last(up)?.bytes ?? 0) > 0)
    for (const t of messages) window.say({ t })
    const down = device.send(new MemorySource('down', bytesOf(10, 2))) ?? ''
    expect(device.state).toBe(state)
    for (const id of [up, down])
      expect(told.last(id)).toMatchObject({ state: 'moving', phase: 'paused', paused: 'away' })
    window.rejoin(phone)
    expect(await told.end(up)).toMatchObject({ state: 'done', sha256: hexHash(bytesOf(20_000_000, 1)) })
    expect(await told.end(down)).toMatchObject({ state: 'done' })
    // One file, opened once: not begun anew, and no block of it written twice.
    expect(sinks.map((sink) => [sink.state, sink.order.length])).toEqual([['finished', 20]])
  })

  test('wait also for a phone that begins anew, which sends them again from what is here', async () => {
    const bytes = bytesOf(20_000_000)
    const id = window.join().send(new MemorySource('up', bytes))
    await until('some of it', () => (told.last(id)?.bytes ?? 0) > 5_000_000)
    for (const t of ['left', 'lane-closed'] as const) window.say({ t })
    const again = window.join()
    await until('it is told what is here', () => again.unfinished.length > 0)
    expect(again.unfinished).toEqual(['up'])
    again.send(Object.assign(new MemorySource('up', bytes), { id }))
    expect(await told.end(id)).toMatchObject({ state: 'done', sha256: hexHash(bytes) })
    expect(sinks.map((sink) => sink.state)).toEqual(['suspended', 'finished'])
    expect(sinks[1]?.order.length).toBeLessThan(18)
  })

  test('are not let go of a minute after the phone has come back', async () => {
    vi.useFakeTimers()
    try {
      ask = () => new Promise(() => undefined)
      const phone = window.join()
      const up = phone.send(new MemorySource('up', bytesOf(10)))
      await vi.advanceTimersByTimeAsync(1_000)
      window.say({ t: 'lane-closed' })
      window.rejoin(phone)
      await vi.advanceTimersByTimeAsync(90_000)
      expect(told.last(up)).toMatchObject({ state: 'moving', phase: 'waiting' })
      // One that stays away keeps no file open, and nobody needs answer.
      window.say({ t: 'lane-closed' })
      await vi.advanceTimersByTimeAsync(90_000)
      expect(told.last(up)).toMatchObject({ state: 'failed', reason: 'peer-left' })
    } finally {
      vi.useRealTimers()
    }
  })

  test('end, here and there, when the phone is cut off', async () => {
    const phone = window.join()
    const up = phone.send(new MemorySource('up', bytesOf(20_000_000)))
    await told.phase(up, 'sending')
    const down = device.send(new MemorySource('down', bytesOf(1))) ?? ''
    device.cut('revoked')
    for (const id of [up, down]) expect(await told.end(id)).toMatchObject({ state: 'failed', reason: 'revoked' })
    await until('nothing open', () => sinks.every((sink) => sink.state !== 'open'))
    expect(sinks.map((sink) => sink.state)).toEqual(['discarded'])
    expect(window.posted.at(-1)).toEqual({ t: 'close-lane' })
  })

  test.each([['socket'], ['webrtc'], ['both']])('a phone that is cut off is away, whatever led to it: %s', (lanes) => {
    if (lanes === 'socket') {
      device.proved(SESSION)
      window.say({ t: 'joined', peer: PAGE })
    } else window.join()
    if (lanes !== 'webrtc') device.addLane(MemoryLane.pair({ kind: 'socket' })[1])
    expect([device.state, events.at(-1)]).toEqual(['here', 'here'])
    device.cut('revoked')
    expect([device.state, device.lane]).toEqual(['away', null])
    expect(events.filter((event) => event === 'away')).toHaveLength(1)
    device.addLane(MemoryLane.pair({ kind: 'socket' })[1])
    expect(device.state).toBe('away')
  })

  test('wait for the window when it has enough', async () => {
    window.join()
    // A window that says nothing about room.
    window.phone = null
    const post = window.post.bind(window)
    window.post = (message) => (message.t === 'data' ? window.posted.push(message) : post(message))
    window.say({ t: 'data', data: '{"t":"hello","v":2,"name":"x","kind":"page"}' })
    const id = device.send(new MemorySource('down', bytesOf(12_000_000))) ?? ''
    window.say({ t: 'data', data: '{"t":"accept","n":2}' })
    const bytes = () =>
      window.posted.reduce((sum, m) => sum + (m.t === 'data' && typeof m.data !== 'string' ? m.data.length : 0), 0)
    await told.phase(id, 'sending')
    for (let i = 0; i < 50; i++) await nextTask()
    const held = bytes()
    expect(held).toBeGreaterThan(2_000_000)
    expect(held).toBeLessThan(2_097_152 + 65_537)
    window.say({ t: 'credit', bytes: 1_000_000 })
    await until('more', () => bytes() > held + 900_000)
    // Cancelled although the window takes nothing.
    device.cancel(id)
    expect((await told.end(id)).state).toBe('cancelled')
  })

  test('a peer that does not keep to the protocol: the channel is closed, and why is shown', () => {
    window.join()
    window.say({ t: 'data', data: 'hello?' })
    expect(window.posted.at(-1)).toEqual({ t: 'close-lane' })
    expect(device.view()).toMatchObject({ state: 'connecting', trouble: 'malformed' })
    window.say({ t: 'lane-closed' })
    expect(device.view()).toMatchObject({ state: 'connecting', trouble: 'malformed' })
  })
})

describe('the window', () => {
  test('goes: so does the phone, and its transfers wait', async () => {
    const phone = window.join()
    const up = phone.send(new MemorySource('up', bytesOf(20_000_000)))
    await told.phase(up, 'sending')
    device.detach()
    expect(told.last(up)).toMatchObject({ state: 'moving', paused: 'away' })
    expect(device.state).toBe('away')
    expect(events.at(-1)).toBe('away')
    const fresh = new FakeWindow(() => device)
    device.attach(fresh)
    fresh.rejoin(phone)
    expect(await told.end(up)).toMatchObject({ state: 'done', sha256: hexHash(bytesOf(20_000_000)) })
    expect(events.at(-1)).toBe('here')
  })

  test('is reloaded while a phone is here that leaves meanwhile: it does not stay for ever', () => {
    window.join()
    const fresh = new FakeWindow(() => device)
    device.attach(fresh)
    expect(window.closed).toBe(true)
    expect(device.state).toBe('away')
    fresh.say({ t: 'registered' })
    expect(device.state).toBe('away')
  })

  test('is reloaded and the phone is still there: here again', () => {
    window.join()
    const fresh = new FakeWindow(() => device)
    device.attach(fresh)
    fresh.join()
    expect(device.state).toBe('here')
    expect(events.filter((e) => e !== 'registered' && e !== 'joined')).toEqual(['here', 'away', 'here'])
  })
})

describe('a 2018 app', () => {
  const joined = () => {
    window.say({ t: 'registered' })
    window.say({ t: 'joined', peer: LEGACY })
  }

  test('is known as one, with its records and its words', () => {
    joined()
    window.signal('syncto', [{ id: 'a', title: 'A' }])
    window.signal('exception', '  out of\n space ')
    expect(device.view()).toMatchObject({
      kind: 'legacy',
      state: 'connecting',
      notice: 'out of space',
    })
    expect(lists).toMatchObject([[{ id: 'a', title: 'A' }]])
    device.exportLegacy(['a'])
    expect(window.signalled('export')).toEqual([['a']])
  })

  test('sends a file', async () => {
    joined()
    window.openLegacy()
    window.signal('transfile', { size: 5, name: 'a.bin' })
    window.say({ t: 'data', data: bytesOf(5) })
    expect(await told.endOf('a.bin')).toMatchObject({ state: 'done', lane: 'legacy' })
    expect(window.signalled('ctrlSendSpeed')).toEqual([5])
  })

  test('announces files before its channel is open here: none is lost', async () => {
    joined()
    window.signal('transfile', { size: 0, name: 'empty.bin' })
    window.signal('transfile', { size: 5, name: 'a.bin' })
    window.openLegacy()
    window.say({ t: 'data', data: bytesOf(5) })
    expect((await told.endOf('a.bin')).state).toBe('done')
    expect((await told.endOf('empty.bin')).state).toBe('done')
  })

  test('a file announced on a connection that is gone is not waited for on the next', () => {
    joined()
    window.signal('transfile', { size: 5, name: 'a.bin' })
    joined()
    window.openLegacy()
    expect(told.all).toEqual([])
  })

  test('without end of announcements it is not kept in memory', () => {
    joined()
    for (let i = 0; i < 1_000; i++) window.signal('transfile', { size: 0, name: `${i}` })
    window.openLegacy()
    expect(new Set(told.all.map(({ id }) => id)).size).toBeLessThanOrEqual(16)
  })

  test('gets a file, and its counts are taken', async () => {
    joined()
    window.openLegacy()
    const id = device.send(new MemorySource('a.bin', bytesOf(5))) ?? ''
    await until('announced', () => window.signalled('transfile').length === 1)
    expect(window.signalled('transfile')).toEqual([{ size: 5, name: 'a.bin' }])
    // Bytes: devices of the tests before this one go on saying `ping`.
    await until('sent', () => window.posted.some((m) => m.t === 'data' && typeof m.data !== 'string'))
    window.signal('ctrlSendSpeed', 5)
    expect((await told.end(id)).state).toBe('done')
  })

  test('what is not of the 2018 protocol is dropped', () => {
    joined()
    window.openLegacy()
    for (const payload of [null, {}, { size: -1, name: 'a' }, { size: 1.5, name: 'a' }, { size: 1, name: 7 }]) {
      window.signal('transfile', payload)
    }
    window.signal('ctrlSendSpeed', 'many')
    window.signal('exception', { html: true })
    expect(told.all).toEqual([])
    expect(device.view().notice).toBeUndefined()
  })

  test('that takes over the link of a phone which has proved a key inherits no proof: no offer, no lane', () => {
    window.say({ t: 'registered' })
    device.proved(SESSION)
    joined()
    expect(device.sessionKey).toBeNull()
    window.open()
    expect(window.posted.at(-1)).toEqual({ t: 'close-lane' })
    expect([device.lane, device.state]).toEqual([null, 'connecting'])
  })

  test('whose link a page takes over leaves no records behind', () => {
    joined()
    window.signal('syncto', [{ id: 'a', title: 'A' }])
    window.say({ t: 'joined', peer: PAGE })
    expect(device.view()).toMatchObject({ kind: 'page' })
    expect(events.at(-1)).toBe('joined')
    expect(forgotten).toBe(1)
  })

  test('whose channel closes after a phone has taken over by a sealed socket: that one is here, and then away', async () => {
    joined()
    window.say({ t: 'lane-open', lane: 'legacy', maxMessage: 65_536, local: ANSWER, remote: OFFER })
    device.proved(SESSION)
    const [far, near] = MemoryLane.pair({ kind: 'socket' })
    device.addLane(near)
    window.say({ t: 'lane-closed' })
    expect(device.state).toBe('here')
    window.say({ t: 'left' })
    far.close()
    await until('away', () => device.state === 'away')
  })

  test('events of that protocol mean nothing on another lane', () => {
    window.join()
    window.signal('transfile', { size: 5, name: 'a.bin' })
    window.signal('ctrlSendSpeed', 5)
    expect(told.all).toEqual([])
  })
})

test('a phone that joins for the first time begins as the settings say then, and what it has stays', () => {
  let first = { autoAccept: false, clipboard: true }
  const options = { ...quietOptions(), newPhones: () => first }
  const device = new Device('new', options)
  expect(device.preferences).toMatchObject({ autoAccept: true, clipboard: false })
  device.proved(SESSION)
  expect(device.preferences).toMatchObject({ autoAccept: false, clipboard: true })
  first = { autoAccept: true, clipboard: false }
  device.proved(SESSION)
  expect(device.preferences).toMatchObject({ autoAccept: false, clipboard: true })
  const known = new Device('known', options)
  known.preferences.restore({ autoAccept: false, clipboard: false })
  known.proved(SESSION)
  expect(known.preferences).toMatchObject({ autoAccept: false, clipboard: false })
})
