import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Remembered } from '#store/device-store.ts'
import type { Unsent, UnsentFile } from '#store/unsent.ts'
import { until } from '#transfer/testing/ends.ts'
import { hexHash } from '#transfer/testing/files.ts'
import { Core } from '#core/core.ts'
import { Network } from '#core/devices/shown-link.ts'
import { sendPaths } from './send.ts'
import { dataFor, hubOn } from '#core/testing/hub.ts'
import { FakePhone, FakeWindow, LEGACY, PAGE } from '#core/testing/window.ts'
import { ResendQueue } from './resend-queue.ts'

let folder = ''
const cores: Core[] = []
/** What is on disk: of the phones, and of what is on its way to them. */
let disk: { remembered: readonly Remembered[]; unsent: readonly Unsent[] }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-unsent-'))
  disk = { remembered: [], unsent: [] }
})
afterEach(async () => {
  await Promise.all(cores.splice(0).map((one) => one.close()))
  for (const one of [folder, dataFor(folder)]) await rm(one, { recursive: true, force: true })
})

/** The program starts; the one before, if there was one, says nothing and saves nothing any more. */
function run() {
  const core = new Core({
    ...{ inbox: folder, data: dataFor(folder), name: 'Desk', token: '' },
    network: new Network([]),
    phones: {
      earlier: { devices: disk.remembered },
      save: ({ devices: remembered }) => {
        if (alive) disk = { ...disk, remembered }
        return Promise.resolve()
      },
      knowsAll: () => true,
    },
    unsent: {
      earlier: disk.unsent,
      save: (unsent) => {
        if (alive) disk = { ...disk, unsent }
        return Promise.resolve()
      },
    },
    onEvent: () => undefined,
    onChange: () => undefined,
  })
  let alive = true
  cores.push(core)
  core.start(hubOn(1))
  const hosted = (id: string): FakeWindow => {
    const window = new FakeWindow(() => core.deviceOf(id)!)
    core.attach(id, window)
    return window
  }
  const kill = (): void => {
    alive = false
  }
  return { core, hosted, kill }
}

/** A phone that joined and is away again, and the computer that has files for it. */
async function before(names: readonly string[]) {
  const { core, hosted, kill } = run()
  const id = core.links.current.id
  const window = hosted(id)
  const phone = window.join()
  await until('remembered', () => disk.remembered.length === 1)
  window.say({ t: 'left' })
  window.say({ t: 'lane-closed' })
  for (const name of names) await writeFile(join(folder, name), name.repeat(1000))
  await sendPaths(core, id, names.map((name) => join(folder, name))) // prettier-ignore
  return { core, id, phone, window, kill }
}

const written = (count: number) => until(`${count} written down`, () => disk.unsent.length === count)
const rows = (core: Core) => core.state().transfers.map(({ name, state, paused, reason }) => [name, state, paused ?? reason]) // prettier-ignore

describe('what was on its way when the program was killed', () => {
  test('is on the list of the next run, and arrives by the same ids when the phone is back', async () => {
    const { id, phone, kill, core: first } = await before(['a', 'b'])
    const ids = first.state().transfers.map((row) => row.id)
    await written(2)
    kill()
    const { core, hosted } = run()
    expect(rows(core)).toEqual([['b', 'moving', 'away'], ['a', 'moving', 'away']]) // prettier-ignore
    expect(core.state().transfers.map((row) => row.id)).toEqual(ids)
    hosted(id).rejoin(phone)
    await until('both here', () => phone.sinks.filter(({ state }) => state === 'finished').length === 2)
    expect(phone.sinks.map(({ sha256 }) => sha256)).toEqual(['a', 'b'].map((n) => hexHash(Buffer.from(n.repeat(1000)))))
    await written(0)
  })

  test('and has changed or vanished since is said to have, on both sides, and not sent', async () => {
    const { id, phone, kill } = await before(['changed', 'touched', 'gone', 'same'])
    await written(4)
    kill()
    await writeFile(join(folder, 'changed'), 'x')
    await utimes(join(folder, 'touched'), 1, 1)
    await rm(join(folder, 'gone'))
    const { core, hosted } = run()
    hosted(id).rejoin(phone)
    await until('all ended', () => rows(core).every(([, state]) => state !== 'moving'))
    expect(rows(core)).toEqual([
      ['same', 'done', undefined],
      ['gone', 'failed', 'source-changed'],
      ['touched', 'failed', 'source-changed'],
      ['changed', 'failed', 'source-changed'],
    ])
    expect(phone.told.ended.filter(({ state }) => state === 'done').map(({ name }) => name)).toEqual(['same'])
    await written(0)
  })

  test('a folder that goes as one zip is the same zip', async () => {
    const { core, id, kill } = await before([])
    const many = Array.from({ length: 31 }, (_, i) => `${i}`)
    for (const name of many) await writeFile(join(folder, name), name)
    await sendPaths(core, id, many.map((name) => join(folder, name))) // prettier-ignore
    await written(1)
    const [{ name, total } = { name: '', total: 0 }] = core.state().transfers
    expect(name).toBe('0.zip')
    kill()
    const next = run().core
    expect(next.state().transfers).toMatchObject([{ name, total, paused: 'away' }])
  })

  test('the rest of a batch goes on as a batch, which ends', async () => {
    const { core, id, phone, kill } = await before([])
    Object.assign(core.deviceOf(id)!, { takesFolders: true })
    const many = Array.from({ length: 40 }, (_, i) => `${i}`)
    for (const name of many) await writeFile(join(folder, name), name)
    await sendPaths(core, id, [...many, 'missing'].map((name) => join(folder, name))) // prettier-ignore
    await written(40)
    kill()
    disk = { ...disk, unsent: JSON.parse(JSON.stringify(disk.unsent.slice(5))) as Unsent[] }
    const next = run()
    const left = { skipped: 1, skippedNames: ['missing'] }
    expect(next.core.state().batches).toMatchObject([{ files: 35, done: 0, state: 'moving', ...left }])
    next.hosted(id).rejoin(phone)
    await until('batch over', () => next.core.state().batches[0]?.state === 'done')
    await written(0)
  })
})

test('what is cancelled, alone or with its batch, is not remembered', async () => {
  const { core, id } = await before(['a', 'b'])
  await written(2)
  for (const row of core.state().transfers) core.transferList.cancel(row.id)
  await written(0)
  Object.assign(core.deviceOf(id)!, { takesFolders: true })
  const many = Array.from({ length: 400 }, (_, i) => `${i}`)
  for (const name of many) await writeFile(join(folder, name), name)
  await sendPaths(core, id, many.map((name) => join(folder, name))) // prettier-ignore
  await written(400)
  core.transferList.cancel(core.state().batches[0]!.id)
  await written(0)
})

test('who can’t come back is not remembered: a removed phone, an app of 2018', async () => {
  const { core, id } = await before(['a'])
  await written(1)
  core.pairedDevices.revoke(id)
  await written(0)
  const link = core.links.current.id
  const window = new FakeWindow(() => core.deviceOf(link)!)
  core.attach(link, window)
  window.join(LEGACY)
  window.openLegacy()
  await sendPaths(core, link, [join(folder, 'a')])
  expect(core.resendQueue.filesFor(link)).toEqual([])
})

test('a phone of an earlier run is given files while it is away', async () => {
  const { id, kill, phone } = await before([])
  kill()
  const { core, hosted } = run()
  await writeFile(join(folder, 'late'), 'late')
  await sendPaths(core, id, [join(folder, 'late')])
  expect(rows(core)).toEqual([['late', 'moving', 'away']])
  hosted(id).rejoin(phone, PAGE)
  await until('here', () => phone.sinks[0]?.state === 'finished')
  expect(phone).toBeInstanceOf(FakePhone)
})

describe('texts that the phone has not got', () => {
  test('are said to it in the next run, in their order, and no longer once it has them', async () => {
    const { core: first, id, kill } = await before([])
    for (const text of ['at seven', 'bring the key']) first.deviceOf(id)!.sync.send(text)
    await written(2)
    kill()
    const { core, hosted } = run()
    expect(core.deviceOf(id)!.view().unheard).toBe(2)
    const said: string[] = []
    const phone: FakePhone = new FakePhone({
      self: { name: 'Pixel', kind: 'page', texts: true },
      onSync: (frame) => {
        if (frame.t !== 'text') return
        said.push(frame.text)
        phone.session.sync({ t: 'text-ack', id: frame.id })
      },
    })
    hosted(id).rejoin(phone)
    await written(0)
    expect([said, core.deviceOf(id)!.view().unheard]).toEqual([['at seven', 'bring the key'], 0])
  })

  test('go with it when it is removed', async () => {
    const { core, id } = await before([])
    core.deviceOf(id)!.sync.send('at seven')
    await written(1)
    core.pairedDevices.revoke(id)
    await written(0)
  })
})

test('ten thousand files are remembered, and no more; of a zip its files count', async () => {
  let saved: readonly Unsent[] = []
  const files = new ResendQueue({
    earlier: [],
    save: (now) => {
      saved = now
      return Promise.resolve()
    },
  })
  const spot = { absolute: '/f', path: [], name: 'f', size: 1, mtime: 1 }
  const one = (n: number): UnsentFile => ({ device: 'd', id: `${n}`, local: { kind: 'file', spot } })
  const zip = (n: number, of: number): Unsent => ({
    ...one(n),
    local: { kind: 'zip', name: 'z', made: 1, spots: Array.from({ length: of }, () => spot) },
  })
  files.add([zip(0, 9_000), ...Array.from({ length: 1_500 }, (_, n) => one(n + 1))])
  await files.flush()
  expect(saved).toHaveLength(1_001)
  files.drop('d', '0')
  files.add([one(1), one(5_000)])
  await files.flush()
  expect(saved).toHaveLength(1_001)
  expect(saved.at(-1)?.id).toBe('5000')
})
