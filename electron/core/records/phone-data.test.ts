import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Selection } from '#electron/window-api.ts'
import type { SyncedRecord } from '#protocol/records.ts'
import { openMemoryStore } from '#store/database/open-store.ts'
import { QuotaFull, type Store } from '#store/database/store.ts'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySource } from '#transfer/testing/files.ts'
import { nextTask } from '#transfer/testing/lanes.ts'
import { dataFor, hubOn } from '#core/testing/hub.ts'
import { Core } from '#core/core.ts'
import type { Device } from '#core/devices/device.ts'
import type { AppEvent } from '#core/app-events.ts'
import { Network } from '#core/devices/shown-link.ts'
import { RecordPhone } from '#core/testing/record-phone.ts'
import { FakeWindow, LEGACY, PAGE } from '#core/testing/window.ts'

let inbox = ''
let store: Store
let core: Core
let events: AppEvent[]
let copied: string[]
/** What the system says of a text that is to go on its clipboard. */
let clipboardAnswer: () => Promise<boolean>
let id = ''
let window: FakeWindow

beforeEach(async () => {
  inbox = await mkdtemp(join(tmpdir(), 'lanyard-phone-data-'))
  store = openMemoryStore()
  events = []
  copied = []
  clipboardAnswer = () => Promise.resolve(true)
  core = new Core({
    ...{ inbox, data: dataFor(inbox), name: 'Desk', token: 'secret', store },
    network: new Network([{ address: '192.168.1.20', adapter: 'eth0', kind: 'real' }]),
    toClipboard: (text) => {
      copied.push(text)
      return clipboardAnswer()
    },
    onEvent: (event) => events.push(event),
    onChange: () => undefined,
  })
  core.start(hubOn(3186))
  ;({ id } = core.links.current)
  window = host()
})
afterEach(async () => {
  await core.close()
  store.close()
  await rm(inbox, { recursive: true, force: true })
  await rm(dataFor(inbox), { recursive: true, force: true })
})

function host(): FakeWindow {
  let device: Device | null = null
  const hosted = new FakeWindow(() => device!)
  device = core.attach(core.links.current.id, hosted)
  return hosted
}

/** A phone with these records, once they are here. */
async function phoneWith(...records: readonly Partial<SyncedRecord>[]): Promise<RecordPhone> {
  const phone = new RecordPhone()
  phone.put(...records)
  window.rejoin(phone)
  await until('synced', () => all().total === records.length)
  return phone
}

function away(): void {
  window.say({ t: 'left' })
  window.say({ t: 'lane-closed' })
}

const NEWEST = { sort: 'newest', offset: 0, limit: 50 } as const
const ALL: Selection = { of: { sort: 'newest' }, without: [] }
const all = () => core.phoneData.records.find(NEWEST)
const titles = () => all().rows.map(({ title }) => title)
const keyOf = (title: string): number => all().rows.find((row) => row.title === title)!.key
const history = () => core.phoneData.history.find({ offset: 0, limit: 50 }).rows
const ended = (name: string) => events.some((e) => e.event === 'transfer' && e.name === name && e.state !== 'moving')
const exports = () => core.phoneData.exports

describe('records', () => {
  test('of a phone come, change, go, and stay when it is away', async () => {
    const phone = await phoneWith({ id: 'a', title: 'One', modified: 2 }, { id: 'b', title: 'Two', modified: 1 })
    expect(titles()).toEqual(['One', 'Two'])
    const { recordsVersion } = core.state()
    phone.put({ id: 'a', title: 'Uno' })
    await until('changed', () => titles().includes('Uno'))
    expect(core.state().recordsVersion).toBeGreaterThan(recordsVersion)
    away()
    expect(all().total).toBe(2)
    expect(core.state().owners).toEqual([{ id, name: 'Pixel', kind: 'page', isGone: false }])
  })

  test('stay when the phone is removed, until a person deletes them', async () => {
    await phoneWith({ title: 'One' }, { title: 'f', size: 5 })
    core.pairedDevices.rename(id, 'Anna')
    core.pairedDevices.revoke(id)
    expect(core.state().owners).toEqual([{ id, name: 'Anna', kind: 'page', isGone: true }])
    expect(titles().sort()).toEqual(['One', 'f'])
    // It can't be asked for files any more, and that is said.
    expect(await exports().run({ keys: [keyOf('f')] }, 'txt')).toMatchObject({ files: 1 })
    expect(core.state().exports).toMatchObject([{ state: 'gone', deviceName: 'Anna' }])
    core.phoneData.records.forget(id)
    expect([titles(), core.state().owners]).toEqual([[], []])
  })

  test('that are deleted here stay away until the phone changes them', async () => {
    const phone = await phoneWith({ id: 'a', title: 'One' }, { id: 'b', title: 'Two' })
    core.phoneData.records.hide({ keys: [keyOf('One')] })
    expect(titles()).toEqual(['Two'])
    phone.put({ id: 'a', title: 'One again' })
    await until('back', () => titles().includes('One again'))
  })

  test('are copied as text, and links are known', async () => {
    await phoneWith(
      { title: 'Poem', text: 'roses\nare red', modified: 3 },
      { kind: 'link', title: 'Home', text: 'https://example.org/a', modified: 2 },
      { kind: 'link', title: 'Evil', text: 'javascript:alert(1)', modified: 1 },
    )
    const { records } = core.phoneData
    expect(records.textOf(ALL)).toBe('roses\nare red\n\nhttps://example.org/a\n\njavascript:alert(1)')
    expect(all().rows.map(({ isLink }) => isLink)).toEqual([false, true, false])
    expect([records.linkOf(keyOf('Home')), records.linkOf(keyOf('Evil'))]).toEqual(['https://example.org/a', null])
  })

  describe('that are not kept', () => {
    /** Keeps no page of records while `why` gives a reason. */
    function refuseWith(why: () => Error | null): void {
      const keep = store.records.keep.bind(store.records)
      store.records.keep = (...page) => {
        const error = why()
        if (error !== null) throw error
        keep(...page)
      }
    }

    const said = () => events.filter((e) => e.event === 'error')

    test('as they are more than a phone’s share: it is said once, its connection lives, and files come', async () => {
      let asked = 0
      refuseWith(() => (asked++, new QuotaFull()))
      const phone = new RecordPhone()
      phone.put({ title: 'One' })
      window.rejoin(phone)
      await until('asked', () => asked === 1)
      for (const title of ['Two', 'Three']) {
        const before = asked
        phone.put({ title })
        await until('asked again', () => asked > before)
      }
      expect(said()).toEqual([
        { event: 'error', code: 'records-full', message: expect.stringContaining('Pixel') as string },
      ])
      expect(core.state().fileNotes).toEqual([{ file: 'lanyard.db', what: 'full', detail: 'Pixel' }])
      const { state, trouble } = core.deviceOf(id)!.view()
      expect([state, trouble]).toEqual(['here', undefined])
      phone.session.send(new MemorySource('a.txt', bytesOf(5)))
      await until('landed', () => ended('a.txt'))
      expect(await readdir(inbox)).toContain('a.txt')
      // Its person hears of it again when it has come back and it is so still.
      window.rejoin(phone)
      await until('asked at the greeting', () => asked > 3)
      expect(said()).toHaveLength(1)
    })

    test('as the disk refuses: it is said until they are', async () => {
      let error: Error | null = new Error('database or disk is full')
      refuseWith(() => error)
      const phone = new RecordPhone()
      phone.put({ title: 'One' })
      window.rejoin(phone)
      await until('said', () => said().length > 0)
      expect(core.state().fileNotes).toMatchObject([{ file: 'lanyard.db', what: 'unwritten' }])
      error = null
      phone.put({ title: 'Two' })
      await until('kept', () => all().total === 2)
      expect(core.state().fileNotes).toEqual([])
    })

    test('of an app of 2018', async () => {
      store.records.replaceAll = () => {
        throw new QuotaFull()
      }
      window.say({ t: 'joined', peer: LEGACY })
      window.signal('syncto', [{ id: 1, title: 'Old' }])
      await until('said', () => said().length > 0)
      expect(core.state().fileNotes).toMatchObject([{ what: 'full' }])
    })

    test('of a phone that is removed then: the word goes with it', async () => {
      refuseWith(() => new QuotaFull())
      const phone = new RecordPhone()
      phone.put({ title: 'One' })
      window.rejoin(phone)
      await until('said', () => said().length > 0)
      core.pairedDevices.revoke(id)
      expect(core.state().fileNotes).toEqual([])
    })
  })

  test('of an app of 2018 go when a page takes its link over', async () => {
    window.say({ t: 'joined', peer: LEGACY })
    window.signal('syncto', [{ id: 1, title: 'Old' }])
    await until('listed', () => titles().includes('Old'))
    window.say({ t: 'joined', peer: PAGE })
    expect(titles()).toEqual([])
  })
})

describe('an export', () => {
  const file = { kind: 'file', size: 5 }

  test('writes texts here and asks the phone for files, which come unasked though all files ask', async () => {
    const phone = await phoneWith(
      { title: 'Note', text: 'words' },
      { ...file, id: 'f', title: 'a.bin' },
      { ...file, title: 'b.bin' },
    )
    core.setAutoAccept(id, false)
    const selection = { keys: [keyOf('Note'), keyOf('a.bin')] }
    expect(await exports().run(selection, 'txt')).toEqual({ texts: 1, name: 'Note.txt', files: 1 })
    await until('a.bin', () => ended('a.bin'))
    expect(phone.exports).toEqual([['f']])
    expect((await readdir(inbox)).sort()).toEqual(['Note.txt', 'a.bin'])
    expect(await readFile(join(inbox, 'Note.txt'), 'utf8')).toBe('Note\n\nwords\n')
    expect(history().map(({ name, what }) => [name, what])).toEqual([
      ['a.bin', 'export'],
      ['Note.txt', 'export'],
    ])
    expect(core.state().exports).toEqual([])
  })

  test('does not open the door for more files than were asked for', async () => {
    const phone = await phoneWith({ ...file, title: 'a.bin' })
    core.setAutoAccept(id, false)
    await exports().run(ALL, 'txt')
    await until('a.bin', () => ended('a.bin'))
    const batch = [...phone.told.all].find(({ name }) => name === 'a.bin')!.batch!
    phone.session.sendBatch({ id: batch, name: '', files: 1, bytes: 5 }, one(new MemorySource('evil.bin', bytesOf(5))))
    await until('it asks', () => core.state().transfers.some(({ name, asks }) => name === 'evil.bin' && asks))
    expect(await readdir(inbox)).toEqual(['a.bin'])
  })

  test('of a phone that is away waits for a person’s word, then for the phone', async () => {
    const phone = await phoneWith({ ...file, title: 'a.bin' })
    away()
    expect(await exports().run(ALL, 'txt')).toMatchObject({ files: 1 })
    const [asked] = core.state().exports
    expect(asked).toMatchObject({ state: 'away', records: 1, deviceName: 'Pixel' })
    exports().wait(asked!.id, true)
    expect(core.state().exports).toMatchObject([{ state: 'waiting' }])
    window.rejoin(phone)
    await until('a.bin', () => ended('a.bin'))
    expect(core.state().exports).toEqual([])
  })

  test('that nobody waits for is not asked when the phone comes back', async () => {
    const phone = await phoneWith({ ...file, title: 'a.bin' }, { title: 'x' })
    away()
    await exports().run({ keys: [keyOf('a.bin')] }, 'txt')
    await exports().run({ keys: [keyOf('a.bin')] }, 'txt')
    exports().wait(core.state().exports[0]!.id, false)
    window.rejoin(phone)
    phone.put({ title: 'y' })
    await until('in touch', () => titles().includes('y'))
    expect([phone.exports, core.state().exports.map(({ state }) => state)]).toEqual([[], ['away']])
    // It is here now: the word is enough.
    exports().wait(core.state().exports[0]!.id, true)
    await until('a.bin', () => ended('a.bin'))
  })

  test('says which files the phone has no more', async () => {
    const phone = await phoneWith({ ...file, id: 'f', title: 'a.bin' })
    const { key } = all().rows[0]!
    phone.log.remove('f')
    await exports().run({ keys: [key] }, 'txt')
    await until('told', () => core.state().exports[0]?.state === 'absent')
    exports().wait(core.state().exports[0]!.id, false)
    expect(core.state().exports).toEqual([])
  })
})

describe('texts', () => {
  test('come, are shown and remembered, and copied at once only where a person wants that', async () => {
    const phone = await phoneWith()
    phone.texts.send('https://example.org')
    await until('one', () => core.state().texts.length === 1)
    expect(core.state().texts).toMatchObject([{ text: 'https://example.org', isLink: true, deviceName: 'Pixel' }])
    expect(copied).toEqual([])
    core.setClipboard(id, true)
    phone.texts.send('x'.repeat(1_000))
    await until('two, and copied', () => core.state().texts.filter((one) => one.copied).length === 1)
    const [card] = core.state().texts
    expect([card!.text.length, card!.isCut, card!.copied]).toEqual([600, true, true])
    expect(copied).toEqual(['x'.repeat(1_000)])
    expect(history().map(({ what, direction }) => [what, direction])).toEqual([
      ['text', 'in'],
      ['text', 'in'],
    ])
    core.phoneData.dismiss(card!.id)
    expect(core.state().texts).toHaveLength(1)
    expect(events.filter(({ event }) => event === 'text')).toHaveLength(2)
  })

  test.each([
    ['refuses', () => Promise.resolve(false)],
    ['fails', () => Promise.reject(new Error('no clipboard'))],
    ['does not answer', () => new Promise<boolean>(() => undefined)],
  ])('are not called copied where the clipboard %s', async (_, answer) => {
    clipboardAnswer = answer
    const phone = await phoneWith()
    core.setClipboard(id, true)
    phone.texts.send('a text')
    await until('one', () => copied.length === 1 && core.state().texts.length === 1)
    await nextTask()
    expect(core.state().texts).toMatchObject([{ text: 'a text', copied: false }])
  })

  test('for a phone that is away get there when it is back', async () => {
    const phone = await phoneWith()
    await until('greeted', () => core.state().devices[0]!.texts)
    away()
    core.deviceOf(id)!.sync.send('hello')
    expect(core.state().devices[0]!.unheard).toBe(1)
    expect(history()).toEqual([])
    window.rejoin(phone)
    await until('heard', () => phone.heard.length === 1 && core.state().devices[0]!.unheard === 0)
    expect(history()).toMatchObject([{ what: 'text', direction: 'out', text: 'hello', canAgain: true, result: 'done' }])
  })
})

async function* one<T>(item: T): AsyncGenerator<T, void, undefined> {
  yield await Promise.resolve(item)
}

test.each(['json', 'csv'] as const)(
  'a moment that no clock has hides no record, and is left out of %s',
  async (format) => {
    const phone = await phoneWith({ title: 'sound' })
    // As an earlier version kept it, and as a phone says it today.
    const list = [{ id: 'old', kind: 'note', title: 'from before', modified: Number.MAX_SAFE_INTEGER }]
    store.records.keep(id, {
      t: 'records',
      since: '',
      list,
      cursor: store.records.cursor(id),
      more: false,
      fresh: false,
    })
    const modified = Number.MIN_SAFE_INTEGER
    const page = { since: core.phoneData.records.cursor(core.deviceOf(id)!), cursor: 'next', more: false, fresh: false }
    phone.session.sync({ t: 'changed' })
    phone.session.sync({ t: 'records', ...page, list: [{ id: 'new', kind: 'note', title: 'from now', modified }] })
    await until('all here', () => store.records.count(id) === 3)
    const { rows } = core.phoneData.records.find({ sort: 'newest', offset: 0, limit: 10 })
    expect(rows.map(({ title }) => title).sort()).toEqual(['from before', 'from now', 'sound'])
    for (const row of rows) expect(() => new Date(row.modified).toISOString()).not.toThrow()
    const written = await core.phoneData.exports.run({ of: { sort: 'newest' }, without: [] }, format)
    expect(written.texts).toBe(3)
    const text = await readFile(core.phoneData.exports.lastPath ?? '', 'utf8')
    for (const title of ['from before', 'from now', 'sound']) expect(text).toContain(title)
  },
)
