import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AddressChoice } from '#hub/address-choice.ts'
import { openMemoryStore } from '#store/database/open-store.ts'
import { parseLink } from '#protocol/pairing.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Source } from '#transfer/source.ts'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, hexHash, MemorySource } from '#transfer/testing/files.ts'
import { hubOn, dataFor } from './testing/hub.ts'
import { Core } from './core.ts'
import type { Device } from './devices/device.ts'
import type { AppEvent } from './app-events.ts'
import { Network } from './devices/shown-link.ts'
import { FakeWindow, LEGACY, PAGE } from './testing/window.ts'

const LAN: AddressChoice = { address: '192.168.1.20', adapter: 'eth0', kind: 'real' }
const VPN: AddressChoice = { address: '10.8.0.2', adapter: 'tun0', kind: 'vpn' }

let inbox = ''
let events: AppEvent[] = []
let unset = 0
const pass = (ms: number): void => {
  unset += ms
}
let core: Core
const cores: Core[] = []
beforeEach(async () => {
  inbox = await mkdtemp(join(tmpdir(), 'lanyard-core-'))
  start()
})
afterEach(async () => {
  // The inbox keeps its log open.
  await Promise.all(cores.splice(0).map((one) => one.close()))
  await rm(inbox, { recursive: true, force: true })
})

function start(choices: readonly AddressChoice[] = [LAN]): void {
  events = []
  core = new Core({
    inbox,
    data: dataFor(inbox),
    name: 'Desk',
    network: new Network(choices),
    token: 'secret',
    store: openMemoryStore(),
    clocks: { unset: () => unset },
    onEvent: (event) => events.push(event),
    onChange: () => undefined,
  })
  cores.push(core)
  core.start(hubOn(3186))
}

async function* each(sources: readonly Source[]): AsyncGenerator<Source> {
  for (const source of sources) yield await Promise.resolve(source)
}

/** The window takes over the hosting of a link. */
function host(linkId = core.links.current.id): FakeWindow {
  let device: Device | null = null
  const window = new FakeWindow(() => {
    if (device === null) throw new Error('no such link')
    return device
  })
  device = core.attach(linkId, window)
  return window
}

const of = (event: AppEvent['event']) => events.filter((e) => e.event === event)
const transfers = () => events.flatMap((e) => (e.event === 'transfer' ? [e] : []))
const uidShown = () => parseLink(core.state().link?.text ?? '')?.uid

async function end(name: string) {
  const found = () => transfers().find((e) => e.name === name && e.state !== 'moving')
  await until(`end of ${name}`, () => found() !== undefined)
  return found()!
}

describe('links', () => {
  test('ready once the link is registered, and only once', () => {
    expect(events).toEqual([])
    const window = host()
    window.say({ t: 'registered' })
    window.say({ t: 'registered' })
    expect(events).toEqual([{ event: 'ready', link: core.state().link?.text, port: 3186, address: LAN.address }])
  })

  test('the window is needed until it has been at the hub, and while a lane leads to a phone', () => {
    const window = host()
    expect(core.needsWindow).toBe(true)
    window.say({ t: 'registered' })
    expect(core.needsWindow).toBe(false)
    window.join()
    expect(core.needsWindow).toBe(true)
    window.say({ t: 'lane-closed' })
    window.say({ t: 'left' })
    expect(core.needsWindow).toBe(false)
  })

  test('a phone takes the link on the screen, and the next one is shown', () => {
    const first = uidShown()
    host().join()
    expect(uidShown()).not.toBe(first)
    expect(of('link')).toEqual([{ event: 'link', link: core.state().link?.text }])
    // Both stay registered: the phone may come back.
    expect(core.state().hosted.map(({ uid }) => uid)).toEqual([first, uidShown()])
    for (const uid of [first, uidShown()]) expect(core.links.hosts(uid ?? '')).toBe(true)
    expect(core.links.hosts('strange')).toBe(false)
  })

  test('a phone that comes back takes no further link', () => {
    const window = host()
    window.join()
    const shown = uidShown()
    window.say({ t: 'left' })
    window.say({ t: 'lane-closed' })
    window.join()
    expect(uidShown()).toBe(shown)
    expect(core.state().devices).toHaveLength(1)
  })

  test('an id that names no link is nobody’s', () => {
    expect(core.attach('nonsense', new FakeWindow(() => undefined as never))).toBeNull()
  })

  test('nothing is hosted before the hub listens', () => {
    const early = new Core({ inbox, data: dataFor(inbox), name: '', network: new Network([LAN]), token: '', onEvent: () => undefined, onChange: () => undefined }) // prettier-ignore
    expect(early.state()).toMatchObject({ link: null, hosted: [] })
  })

  test('of more than 64 phones that are away the one unseen for longest is forgotten, never one that is here', () => {
    const here = host()
    here.join()
    const leave = (window: FakeWindow): void => {
      pass(60_000)
      window.say({ t: 'left' })
      window.say({ t: 'lane-closed' })
    }
    const windows = Array.from({ length: 64 }, (_, i) => {
      const window = host()
      window.join({ ...PAGE, name: `${i}` })
      leave(window)
      return window
    })
    // The first of them comes again and again; that it stands first says nothing.
    windows[0]!.join({ ...PAGE, name: '0' })
    leave(windows[0]!)
    for (let i = 64; i < 70; i++) {
      const window = host()
      window.join({ ...PAGE, name: `${i}` })
      leave(window)
    }
    host().join({ ...PAGE, name: 'last' })
    const { devices, hosted } = core.state()
    const away = devices.filter((device) => device.state === 'away').map(({ name }) => name)
    expect(away).toHaveLength(64)
    expect(away).toEqual(['0', ...Array.from({ length: 63 }, (_, i) => `${i + 7}`)])
    expect(devices.filter((device) => device.state === 'here').map(({ name }) => name)).toEqual(['Pixel', 'last'])
    expect(hosted).toHaveLength(67)
  })
})

describe('the network', () => {
  test('none: no link, and ready all the same; then the link comes', () => {
    start([])
    host().say({ t: 'registered' })
    expect(events).toEqual([
      { event: 'ready', link: '', port: 3186, address: '' },
      expect.objectContaining({ event: 'error', code: 'no-network' }),
    ])
    expect(core.state()).toMatchObject({ link: null, address: null })
    core.addressesChanged([LAN])
    expect(of('link')).toEqual([{ event: 'link', link: core.state().link?.text }])
  })

  test('lost, it is said once; what comes back is a link again, even the same one', () => {
    host().say({ t: 'registered' })
    const before = core.state().link?.text
    core.addressesChanged([])
    core.addressesChanged([])
    expect(of('error')).toMatchObject([{ code: 'no-network' }])
    expect(core.state().link).toBeNull()
    core.addressesChanged([LAN])
    expect(of('link')).toEqual([{ event: 'link', link: before }])
  })

  test('G104: another address is another link, shown unasked; the same one is no news', () => {
    start([LAN, VPN])
    host().say({ t: 'registered' })
    core.addressesChanged([LAN, VPN])
    expect(of('link')).toEqual([])
    core.chooseAddress(VPN.address)
    expect(core.state().address).toEqual({ host: VPN.address, port: 3186 })
    core.chooseAddress('1.2.3.4')
    expect(of('link')).toHaveLength(1)
  })
})

describe('files', () => {
  test('land in the inbox, and each has a beginning and an end', async () => {
    const window = host()
    const phone = window.join()
    const bytes = bytesOf(3_000_000)
    phone.send(new MemorySource('up.bin', bytes))
    const done = await end('up.bin')
    expect(done).toMatchObject({ state: 'done', direction: 'in', bytes: 3_000_000, total: 3_000_000, lane: 'webrtc', sha256: hexHash(bytes), path: join(inbox, 'up.bin') }) // prettier-ignore
    expect(done.device).toEqual({ id: core.state().devices[0]?.id, name: 'Pixel' })
    expect(hexHash(await readFile(join(inbox, 'up.bin')))).toBe(hexHash(bytes))
    expect(transfers()[0]).toMatchObject({ state: 'moving' })
    expect(new Set(transfers().map(({ id }) => id)).size).toBe(1)
    expect(core.transferList.pathOf(done.id)).toBe(join(inbox, 'up.bin'))
    const [row] = core.state().transfers
    expect(row).toMatchObject({ id: done.id, canShow: true, canRetry: false })
    expect(row).not.toHaveProperty('path')
  })

  test('with a hostile name are refused, and nothing is made', async () => {
    host()
      .join()
      .send(new MemorySource('../../evil', bytesOf(5)))
    expect(await end('../../evil')).toMatchObject({ state: 'failed', reason: 'bad-name' })
    expect(await readdir(inbox)).toEqual([])
  })

  test('progress is told four times a second at most', async () => {
    const phone = host().join()
    phone.send(new MemorySource('up.bin', bytesOf(30_000_000)))
    const since = performance.now()
    await end('up.bin')
    const progress = transfers().filter((e) => e.state === 'moving' && e.phase === 'sending')
    expect(progress.length).toBeLessThanOrEqual(2 + (performance.now() - since) / 250)
  })

  test('small ones of a batch are told of at their start and their end only, a larger one in between as well', async () => {
    const phone = host().join()
    const sizes = [1_048_576, 10, 1_048_577]
    const sources = sizes.map((size, i) => new MemorySource(`${i}.bin`, bytesOf(size, i)))
    const batch = { id: 'b'.repeat(32), name: 'many', files: sizes.length, bytes: sizes.reduce((a, b) => a + b) }
    const since = performance.now()
    phone.sendBatch(batch, each(sources))
    for (const { name } of sources) expect((await end(name)).state).toBe('done')
    const linesOf = (name: string): AppEvent[] => transfers().filter((e) => e.name === name)
    for (const { name } of sources.slice(0, 2)) {
      expect(linesOf(name)[0]).toMatchObject({ phase: 'waiting' })
      expect(linesOf(name).length).toBeLessThanOrEqual(2 + (performance.now() - since) / 250)
    }
    expect(linesOf('2.bin').map((e) => e.event === 'transfer' && e.phase)).toContain('checking')
  })

  test('that were handed over before a phone is here wait for the first, and go to no second', async () => {
    const paths = ['first.bin', 'second.bin'].map((name) => join(inbox, name))
    for (const path of paths) await writeFile(path, path)
    core.handedFiles.take(paths)
    expect(core.state().handed).toEqual({ count: 2, name: 'first.bin', phones: null })
    const one = host().join()
    const two = host().join()
    for (const name of ['first.bin', 'second.bin']) expect((await end(name)).state).toBe('done')
    expect([one.sinks.length, two.sinks.length]).toEqual([2, 0])
    expect(core.state().handed).toBeNull()
  })

  test('that were handed over while two phones are here wait for the answer; the last used comes first', async () => {
    const [a, b] = [host().join(), host().join()]
    const ids = core.state().devices.map(({ id }) => id)
    const path = join(inbox, 'gift.bin')
    await writeFile(path, 'x')
    b.session.send(new MemorySource('from b', bytesOf(5)))
    await end('from b')
    core.handedFiles.take([path])
    expect(core.state().handed?.phones).toEqual(ids.reverse())
    core.handedFiles.answer(ids)
    await until('both have it', () => a.sinks.length === 1 && b.sinks.length === 1)
  })

  test('to a device that is away wait for its return; to an unknown one, or one that was never here, they are refused', async () => {
    const file = new MemorySource('a', bytesOf(1))
    expect(core.transferList.send('nobody', [file])).toBe(false)
    expect(core.transferList.send(core.links.current.id, [file])).toBe(false)
    const window = host()
    const phone = window.join()
    window.say({ t: 'left' })
    window.say({ t: 'lane-closed' })
    expect(core.transferList.send(core.state().devices[0]!.id, [file])).toBe(true)
    expect(core.state().transfers).toMatchObject([{ state: 'moving', phase: 'paused', paused: 'away' }])
    window.rejoin(phone)
    expect(await end('a')).toMatchObject({ state: 'done' })
    expect(phone.sinks).toHaveLength(1)
  })

  test('of two phones do not meet: neither cancels the other’s', async () => {
    const phones = [host().join(), host().join()]
    const [a, b] = core.state().devices
    expect(a?.id).not.toBe(b?.id)
    for (const phone of phones) phone.send(new MemorySource('same.bin', bytesOf(2_000_000)))
    await until('both rows', () => core.state().transfers.length === 2)
    const [newest] = core.state().transfers
    core.transferList.cancel(newest!.id)
    await until('both ends', () => core.state().transfers.every(({ state }) => state !== 'moving'))
    expect(core.state().transfers.map(({ state }) => state)).toEqual(['cancelled', 'done'])
  })

  test('cancelling what is unknown does nothing', () => {
    core.transferList.cancel('nonsense')
    expect(core.transferList.pathOf('nonsense')).toBeNull()
  })
})

describe('once more', () => {
  /** A file that changes when it is first sent, as a document that is saved meanwhile. */
  function changing(): Source {
    return {
      ...describeSource('doc.txt', 10),
      open: () => Promise.reject(new TransferError('source-changed')),
      again: () => Promise.resolve(new MemorySource('doc.txt', bytesOf(11))),
    }
  }
  const describeSource = (name: string, size: number) => ({ name, size, mtime: 0, mime: '' })

  test('a file that changed is sent as it is now', async () => {
    const phone = host().join()
    core.transferList.send(core.state().devices[0]!.id, [changing()])
    const failed = await end('doc.txt')
    expect(failed.reason).toBe('source-changed')
    expect(core.state().transfers[0]).toMatchObject({ canRetry: true })
    await Promise.all([core.transferList.retry(failed.id), core.transferList.retry(failed.id)])
    await until('the end', () => core.state().transfers.some(({ state }) => state === 'done'))
    // One row and one file, though it was asked for twice.
    expect(core.state().transfers.map(({ state }) => state)).toEqual(['done'])
    expect(phone.sinks.filter((sink) => sink.state === 'finished').map((sink) => sink.bytes)).toEqual([11])
  })

  test('not what is done, moves or came in', async () => {
    const window = host()
    const phone = window.join()
    const id = core.state().devices[0]!.id
    core.transferList.send(id, [new MemorySource('out.bin', bytesOf(5))])
    phone.send(new MemorySource('in.bin', bytesOf(5)))
    const rows = [await end('out.bin'), await end('in.bin')]
    for (const row of rows) await core.transferList.retry(row.id)
    await core.transferList.retry('nonsense')
    expect(core.state().transfers.map(({ state }) => state)).toEqual(['done', 'done'])
  })

  test('of a phone that is away: it waits for its return', async () => {
    const window = host()
    const phone = window.join()
    core.transferList.send(core.state().devices[0]!.id, [changing()])
    const failed = await end('doc.txt')
    window.say({ t: 'left' })
    window.say({ t: 'lane-closed' })
    await core.transferList.retry(failed.id)
    expect(core.state().transfers).toMatchObject([{ state: 'moving', paused: 'away' }])
    window.rejoin(phone)
    await until('the end', () => core.state().transfers.some(({ state }) => state === 'done'))
    expect(core.state().transfers).toHaveLength(1)
  })

  test('finished rows go when they are told to', async () => {
    host()
      .join()
      .send(new MemorySource('in.bin', bytesOf(5)))
    await end('in.bin')
    core.transferList.clearFinished()
    expect(core.state().transfers).toEqual([])
    expect(await readdir(inbox)).toEqual(['in.bin'])
  })
})

describe('a 2018 app', () => {
  test('is asked for its records, and they land', async () => {
    const window = host()
    window.say({ t: 'registered' })
    window.say({ t: 'joined', peer: LEGACY })
    window.signal('syncto', [{ id: 'r1', title: 'One' }])
    window.openLegacy()
    const [device] = core.state().devices
    expect(device).toMatchObject({ kind: 'legacy', name: '' })
    const { records, exports } = core.phoneData
    const newest = { sort: 'newest', offset: 0, limit: 10 } as const
    await until('listed', () => records.find(newest).total === 1)
    const [row] = records.find(newest).rows
    expect(row).toMatchObject({ title: 'One', deviceId: device!.id })
    expect(core.state().owners).toEqual([{ id: device!.id, name: '', kind: 'legacy', isGone: false }])
    expect(await exports.run({ keys: [row!.key] }, 'txt')).toEqual({ texts: 0, name: '', files: 1 })
    expect(window.signalled('export')).toEqual([['r1']])
    expect(core.state().exports).toEqual([])
    await exports.run({ of: { sort: 'newest' }, without: [] }, 'txt')
    expect(window.signalled('export')).toEqual([['r1'], []])
    window.signal('transfile', { size: 5, name: 'export.zip' })
    window.say({ t: 'data', data: bytesOf(5) })
    // It proved nothing, so each of its files asks.
    const asked = core.state().transfers.filter(({ asks }) => asks)
    expect(asked.map(({ name, phase }) => [name, phase])).toEqual([['export.zip', 'waiting']])
    expect(await readdir(inbox)).toEqual([])
    core.filePrompts.answer(asked.map(({ id }) => id), true) // prettier-ignore
    expect(await end('export.zip')).toMatchObject({ state: 'done', lane: 'legacy' })
    expect(await readdir(inbox)).toEqual(['export.zip'])
  })
})

describe('files of a device that is not on auto-accept', () => {
  async function offered() {
    const window = host()
    const phone = window.join()
    const [device] = core.state().devices
    expect(device?.autoAccept).toBe(true)
    core.setAutoAccept(device!.id, false)
    expect(core.state().devices[0]?.autoAccept).toBe(false)
    for (const name of ['a', 'b']) phone.send(new MemorySource(name, bytesOf(10)))
    const asking = () => core.state().transfers.filter(({ asks }) => asks)
    await until('both ask', () => asking().length === 2)
    return { window, phone, asking, device: device! }
  }

  test('wait for the answer: one yes, one no', async () => {
    const { asking } = await offered()
    const [b, a] = asking()
    core.filePrompts.answer([a!.id], true)
    core.filePrompts.answer([b!.id, 'nonsense'], false)
    expect(await end('a')).toMatchObject({ state: 'done' })
    expect(await end('b')).toMatchObject({ state: 'cancelled', reason: 'not-allowed' })
    expect([await readdir(inbox), asking()]).toEqual([['a'], []])
  })

  test('ask nothing any more when they are cancelled here, or the device is removed', async () => {
    const { asking, device } = await offered()
    core.transferList.cancel(asking()[0]!.id)
    expect(await end('b')).toMatchObject({ state: 'cancelled' })
    expect(asking()).toHaveLength(1)
    core.pairedDevices.revoke(device.id)
    expect(await end('a')).toMatchObject({ state: 'failed', reason: 'revoked' })
    expect([asking(), await readdir(inbox)]).toEqual([[], []])
  })

  test('ask on while the device is away, and the answer holds for its return', async () => {
    const { window, phone, asking } = await offered()
    window.say({ t: 'left' })
    window.say({ t: 'lane-closed' })
    expect(asking().map(({ paused }) => paused)).toEqual(['away', 'away'])
    const [b, a] = asking()
    core.filePrompts.answer([a!.id], true)
    core.filePrompts.answer([b!.id], false)
    expect(await readdir(inbox)).toEqual([])
    window.rejoin(phone)
    expect(await end('a')).toMatchObject({ state: 'done' })
    expect(await end('b')).toMatchObject({ state: 'cancelled', reason: 'not-allowed' })
    await until('the phone knows', () => phone.told.moving.length === 0)
    expect(phone.told.ended.map(({ name, reason }) => [name, reason]).sort()).toEqual([
      ['a', undefined],
      ['b', 'not-allowed'],
    ])
    expect([asking(), await readdir(inbox)]).toEqual([[], ['a']])
  })

  test('of a legacy app can’t be let in unasked', () => {
    const window = host()
    window.say({ t: 'joined', peer: LEGACY })
    const [device] = core.state().devices
    core.setAutoAccept(device!.id, true)
    expect(core.state().devices[0]?.autoAccept).toBe(false)
  })
})
