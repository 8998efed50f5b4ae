import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Source } from '#transfer/source.ts'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySource } from '#transfer/testing/files.ts'
import { Core } from '#core/core.ts'
import type { CoreOptions } from '#core/core-options.ts'
import { Network } from '#core/devices/shown-link.ts'
import { dataFor, hubOn } from '#core/testing/hub.ts'
import { FakeWindow, LEGACY } from '#core/testing/window.ts'

let inbox = ''
let core: Core
let cores: Core[]
beforeEach(async () => {
  inbox = await mkdtemp(join(tmpdir(), 'lanyard-receiving-'))
  cores = []
  core = openCore()
})
afterEach(async () => {
  for (const one of cores) await one.close()
  for (const folder of [inbox, dataFor(inbox)]) await rm(folder, { recursive: true, force: true })
})

function openCore(more: Partial<CoreOptions> = {}): Core {
  const opened = new Core({
    ...{ inbox, data: dataFor(inbox), name: 'Desk', token: '' },
    network: new Network([]),
    onEvent: () => undefined,
    onChange: () => undefined,
    ...more,
  })
  opened.start(hubOn(1))
  cores.push(opened)
  return opened
}

function joined(on = core) {
  const { id } = on.links.current
  const window = new FakeWindow(() => on.deviceOf(id)!)
  on.attach(id, window)
  return { id, window, phone: window.join() }
}

const named = (name: string, path: readonly string[] = []): Source =>
  Object.assign(new MemorySource(name, bytesOf(9)), path.length > 0 && { path })
const rows = () => core.state().transfers
const landed = async (): Promise<string[]> =>
  (await readdir(inbox, { recursive: true, withFileTypes: true }))
    .flatMap((one) => (one.isFile() ? one.name : []))
    .sort()

describe('D69 what is judged is what will land', () => {
  test.each([
    ...[
      'b.desktop ',
      'c.lnk.',
      'd.l\u200bnk',
      'e.url\u00ad',
      'autorun.inf..',
      '.desktop.ini',
      'f.ｌｎｋ',
      'g.lnk::$DATA',
    ],
    ...[`${'x'.repeat(400)}.lnk`, 'h.l\u200dnk', 'i.lnk\u202e'],
  ])('%j waits for a click, in a batch too, and is called in the question what it will be called', async (name) => {
    const { phone } = joined()
    phone.send(named('ok.txt'))
    phone.send(named(name))
    phone.sendBatch({ id: 'b'.repeat(32), name: 'all', files: 1, bytes: 9 }, each([named(name, ['deep', 'er'])]))
    await until('all are there', () => rows().filter(({ asks, state }) => asks || state === 'done').length === 3)
    const asked = rows().filter(({ asks }) => asks)
    expect(asked).toHaveLength(2)
    for (const row of asked) expect(row.name).toMatch(/^[^\s.][^\u200d\u200b\u00ad\u202e]*[^\s.]$/u)
    expect(await landed()).toEqual(['ok.txt'])
    core.filePrompts.answer(
      asked.map(({ id }) => id),
      true,
    )
    await until('they land', () => rows().every(({ state }) => state === 'done'))
    // Nothing was called another way than it landed.
    expect((await landed()).sort()).toEqual([...asked.map((row) => row.name), 'ok.txt'].sort())
  })

  test('one that can’t land is refused before anybody is asked', async () => {
    const { id, phone } = joined()
    core.setAutoAccept(id, false)
    const sent = phone.send(named('..\\evil.lnk'))
    expect(await phone.told.end(sent)).toMatchObject({ state: 'failed', reason: 'bad-name' })
  })

  test('a half file’s id does not bring another one in', async () => {
    const { window, phone } = joined()
    const id = 'c'.repeat(32)
    const stuck = Object.assign(new MemorySource('film.bin', bytesOf(3_000_000)), { id })
    Object.assign(stuck, {
      open: async () => ({
        ...(await new MemorySource('film.bin', bytesOf(3_000_000)).open()),
        read: (at: number, length: number) =>
          at === 0 ? Promise.resolve(bytesOf(length)) : new Promise(() => undefined),
      }),
    })
    phone.send(stuck)
    await until('some of it came', () => (rows()[0]?.bytes ?? 0) > 0)
    const other = window.rejoin(
      new (Object.getPrototypeOf(phone) as { constructor: new () => typeof phone }).constructor(),
    )
    await until('kept', () => core.inbox.partsOf(core.devices[0]!.id).length === 1)
    other.send(Object.assign(named('evil.lnk'), { id }))
    await until('it asks', () => rows().some(({ name, asks }) => name === 'evil.lnk' && asks))
    expect(await landed()).not.toContain('evil.lnk')
  })
})

test('D69 an app of 2018 that is always let in does not bring in what needs a click where nobody can click', async () => {
  const alone = openCore({ legacy: 'always', person: 'nobody' })
  const { id } = alone.links.current
  const window = new FakeWindow(() => alone.deviceOf(id)!)
  alone.attach(id, window)
  window.say({ t: 'registered' })
  window.say({ t: 'joined', peer: LEGACY })
  window.openLegacy()
  window.signal('transfile', { name: 'a.lnk.', size: 3 })
  const row = () => alone.state().transfers.find(({ name }) => name === 'a.lnk')
  await until('refused', () => row()?.state === 'cancelled' || row()?.state === 'failed')
  expect(await landed()).toEqual([])
})

test('names of batches are shown as names of files are', async () => {
  const { phone } = joined()
  const sources = Array.from({ length: 31 }, (_, i) => named(`${i}`, ['holiday']))
  phone.sendBatch({ id: 'b'.repeat(32), name: 'holi\u202eday\n', files: 31, bytes: 9 }, each(sources))
  await until('it is there', () => core.state().batches.length === 1)
  expect(core.state().batches[0]?.name).toMatch(/^holi day ?$/u)
  await until('it ends', () => core.state().batches[0]?.state === 'done')
})

async function* each(sources: readonly Source[]): AsyncGenerator<Source, void, undefined> {
  for (const source of sources) yield await Promise.resolve(source)
}
