import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dataOf } from '#inbox/inbox-context.ts'
import type { TransferView } from '#transfer/transfer-view.ts'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, hexHash, MemorySource } from '#transfer/testing/files.ts'
import { Core } from '#core/core.ts'
import { DiskWatch } from './disk-watch.ts'
import type { AppEvent } from '#core/app-events.ts'
import { Network } from '#core/devices/shown-link.ts'
import { dataFor, hubOn } from '#core/testing/hub.ts'
import { FakeWindow } from '#core/testing/window.ts'

const held: TransferView = {
  id: 'f',
  direction: 'in',
  name: 'film',
  bytes: 30,
  total: 100,
  state: 'moving',
  phase: 'paused',
  paused: 'disk-full',
  lane: 'webrtc',
}

describe('F89 F90 what the disk holds up is tried again by itself', () => {
  let missing: (bytes: number) => Promise<number>
  let tried: string[]
  let watch: DiskWatch
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    missing = () => Promise.resolve(0)
    tried = []
    watch = new DiskWatch({ missing: (n) => missing(n), tryDisk: (device, id) => tried.push(`${device} ${id}`) })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const seconds = (n: number) => vi.advanceTimersByTimeAsync(n * 1000)

  test('once there is room for what is still to come, and not before', async () => {
    const asked: number[] = []
    let lacks = 5
    missing = (bytes) => {
      asked.push(bytes)
      return Promise.resolve(lacks)
    }
    watch.put('d', held)
    await seconds(11)
    expect([asked, tried]).toEqual([[70, 70], []])
    lacks = 0
    await seconds(5)
    expect(tried).toEqual(['d f'])
  })

  test('a folder that can’t be reached is looked for again', async () => {
    missing = () => Promise.reject(new Error('gone'))
    watch.put('d', { ...held, paused: 'disk-error' })
    await seconds(11)
    expect(tried).toEqual([])
    missing = () => Promise.resolve(0)
    await seconds(5)
    expect(tried).toEqual(['d f'])
  })

  test.each([
    ['that goes on', { phase: 'sending' }],
    ['that has ended', { state: 'cancelled' }],
    ['that goes out', { direction: 'out', paused: 'disk-full' }],
    ['that a person holds up', { phase: 'paused', paused: 'here' }],
  ] as const)('nothing ticks for a file %s', (_, now) => {
    watch.put('d', held)
    expect(vi.getTimerCount()).toBe(1)
    const { paused: _was, ...free } = held
    watch.put('d', { ...free, ...now })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('nothing ticks after the end', () => {
    watch.put('d', held)
    watch.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('F90: the folder vanishes before a file comes: it goes on by itself once the folder is back', async () => {
  const inbox = await mkdtemp(join(tmpdir(), 'lanyard-watch-'))
  const core = new Core({
    ...{ inbox, data: dataFor(inbox), name: 'Desk', token: '', lookAtDiskMs: 20 },
    network: new Network([]),
    onEvent: () => undefined,
    onChange: () => undefined,
  })
  try {
    core.start(hubOn(1))
    const window: FakeWindow = new FakeWindow(() => core.devices[0]!)
    core.attach(core.links.current.id, window)
    const phone = window.join()
    await core.inbox.start()
    await rename(inbox, `${inbox}-away`)
    const bytes = bytesOf(3_000_000)
    phone.send(new MemorySource('up.bin', bytes))
    const row = () => core.state().transfers[0]
    await until('held up', () => row()?.paused === 'disk-error')
    await until('said there', () => phone.told.moving[0]?.paused === 'disk-error')
    await rename(`${inbox}-away`, inbox)
    await until('done', () => row()?.state === 'done')
    expect(hexHash(await readFile(join(inbox, 'up.bin')))).toBe(hexHash(bytes))
  } finally {
    await mkdir(inbox, { recursive: true })
    await core.close()
    for (const folder of [inbox, dataFor(inbox), `${inbox}-away`]) await rm(folder, { recursive: true, force: true })
  }
})

test('B5: another folder in its place is asked about, a file waits for the answer, and goes on after it', async () => {
  const inbox = await mkdtemp(join(tmpdir(), 'lanyard-watch-'))
  const place = { folder: inbox, data: dataFor(inbox) }
  const events: AppEvent[] = []
  const core = new Core({
    ...{ inbox, data: place.data, name: 'Desk', token: '', lookAtDiskMs: 20 },
    network: new Network([]),
    onEvent: (event) => events.push(event),
    onChange: () => undefined,
  })
  try {
    core.start(hubOn(1))
    const window: FakeWindow = new FakeWindow(() => core.devices[0]!)
    core.attach(core.links.current.id, window)
    const phone = window.join()
    await mkdir(dataOf(place), { recursive: true })
    // The run before had a drive there.
    await writeFile(join(dataOf(place), 'place'), '0123456789abcdef'.repeat(2))
    const bytes = bytesOf(3_000_000)
    phone.send(new MemorySource('up.bin', bytes))
    await until('held up', () => core.state().transfers[0]?.paused === 'disk-error')
    expect(core.state().isOtherInbox).toBe(true)
    expect(await readdir(inbox)).toEqual([])
    await core.inbox.use()
    await until('done', () => core.state().transfers[0]?.state === 'done')
    expect(core.state().isOtherInbox).toBe(false)
    expect(hexHash(await readFile(join(inbox, 'up.bin')))).toBe(hexHash(bytes))
    const said = events.filter((event) => event.event === 'error' && event.code.startsWith('inbox'))
    expect(said).toMatchObject([{ code: 'inbox-other', message: expect.stringContaining(inbox) as string }])
  } finally {
    await core.close()
    for (const folder of [inbox, place.data]) await rm(folder, { recursive: true, force: true })
  }
})
