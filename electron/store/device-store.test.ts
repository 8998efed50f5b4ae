import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bytesFrom } from '#protocol/base64url.ts'
import { DeviceStore, type KeptDevices, type Remembered, type Sealer } from './device-store.ts'
import { RefusingDisk } from './testing/refusing-disk.ts'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-devices-'))
  file = join(folder, 'devices.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const key = { kid: 'A'.repeat(22), key: `${'B'.repeat(42)}A` }
const PHONE: Remembered = {
  id: '0123456789abcdef',
  uid: 'u',
  name: 'Pixel',
  label: '',
  kind: 'page',
  firstSeen: 1,
  lastSeen: 2,
  version: 2,
  autoAccept: true,
  clipboard: false,
  key,
  next: null,
  dead: [],
  until: null,
}
/** A keychain that another one can't open. */
const keychain = (name: string): Sealer => ({
  seal: (text) => Buffer.from(`${name}${Buffer.from(text).toString('hex')}`),
  open: (sealed) => {
    const text = sealed.toString()
    if (!text.startsWith(name)) throw new Error('sealed by another')
    return Buffer.from(text.slice(name.length), 'hex').toString()
  },
})
const DAY = { now: 5, walls: [5, 6], credit: 0 }
const phone = (digit: string): Remembered => ({ ...PHONE, id: digit.repeat(16), uid: digit })
const open = (sealer: Sealer | null | (() => Sealer | null), disk?: RefusingDisk) => {
  const late: KeptDevices[] = []
  const store = new DeviceStore(file, {
    sealer: typeof sealer === 'function' ? sealer : () => sealer,
    onLate: (found) => late.push(found),
    ...(disk !== undefined && { disk }),
  })
  return { store, late }
}
const load = async (sealer: Sealer | null) => (await open(sealer).store.load()).devices
const save = (sealer: Sealer | null, ...devices: Remembered[]) => open(sealer).store.save({ devices, calendar: DAY })

describe.each([
  ['with a keychain', keychain('one')],
  ['without one', null],
])('remembered phones, %s', (_, sealer) => {
  test('come back as they were, with what a newer version has added', async () => {
    expect(await load(sealer)).toEqual([])
    await save(sealer, { ...PHONE, later: 'x' })
    expect(await open(sealer).store.load()).toEqual({ devices: [{ ...PHONE, later: 'x' }], calendar: DAY })
    expect(await readdir(folder)).toEqual(['devices.json'])
  })

  test('their keys are sealed, or nobody else’s to read', async () => {
    await save(sealer, PHONE)
    expect((await readFile(file, 'utf8')).includes(key.key)).toBe(sealer === null)
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o077).toBe(0)
  })

  test('the newest of many at once is what stays', async () => {
    const { store } = open(sealer)
    await Promise.all(Array.from({ length: 30 }, (_, i) => store.save({ devices: [{ ...PHONE, lastSeen: i }] })))
    expect(await load(sealer)).toEqual([{ ...PHONE, lastSeen: 29 }])
  })
})

test.each([
  ['cut off', '{"devices":['],
  ['something else', '[]'],
])('a file that is %s is put aside, and it is said', async (_, text) => {
  await writeFile(file, text)
  const { store } = open(keychain('one'))
  expect((await store.load()).devices).toEqual([])
  expect([await readdir(folder), store.notes]).toMatchObject([['devices.json.unreadable-1'], [{ what: 'set-aside' }]])
  expect(await readFile(`${file}.unreadable-1`, 'utf8')).toBe(text)
})

test('one entry that makes no sense does not cost the others, and goes back into the file', async () => {
  await writeFile(file, JSON.stringify({ devices: [{ ...PHONE, key: 7 }, PHONE, { kind: 'watch' }] }))
  const { store } = open(null)
  const kept = await store.load()
  expect(kept.devices).toEqual([PHONE])
  await store.save(kept)
  const { devices } = JSON.parse(await readFile(file, 'utf8')) as { devices: unknown[] }
  expect(devices).toEqual([PHONE, { ...PHONE, key: 7 }, { kind: 'watch' }])
})

test('a key that is none, and an id that is there twice, cost nobody else their place', async () => {
  const devices = [phone('1'), { ...phone('2'), key: { kid: 'A'.repeat(22), key: `${'A'.repeat(42)}B` } }, { ...phone('1'), name: 'Twin' }, phone('3')] // prettier-ignore
  await writeFile(file, JSON.stringify({ devices }))
  const found = await open(null).store.load()
  expect(found.devices).toEqual([phone('1'), phone('3')])
  // Everything that uses them takes them.
  for (const one of found.devices) expect(bytesFrom(one.key.key)).toHaveLength(32)
})

test('a folder that can’t be looked through may hold phones that wait for their keychain', async () => {
  await save(keychain('one'), phone('1'))
  await open(null).store.load()
  const disk = new RefusingDisk()
  disk.refused = { list: 'EACCES' }
  const { store, late } = open(keychain('one'), disk)
  expect(await store.load()).toEqual({ devices: [] })
  expect([store.knowsAll, store.notes]).toEqual([false, [{ file: 'devices.json', what: 'unread', detail: 'EACCES' }]])
  disk.refused = {}
  await store.retry()
  expect([store.knowsAll, store.notes, late.map(({ devices }) => devices)]).toEqual([true, [], [[phone('1')]]])
})

test('a folder that can’t be written is an error, and the next save is tried again', async () => {
  const store = new DeviceStore(join(file, 'deeper', 'devices.json'), { sealer: () => null, onLate: () => undefined })
  await writeFile(file, '')
  await expect(store.save({ devices: [PHONE] })).rejects.toThrow()
  await rm(file)
  await store.save({ devices: [PHONE] })
})

describe('phones that are locked by a keychain', () => {
  const locked = [
    ['that is away', null],
    ['that is another one', keychain('other')],
  ] as const

  test.each(locked)('%s wait under a name of their own, start after start, and come back with it', async (_, away) => {
    await save(keychain('one'), phone('1'), phone('2'))
    const before = await readFile(file, 'utf8')
    for (let start = 0; start < 3; start++) {
      const { store } = open(away)
      expect(await store.load()).toMatchObject({ devices: [] })
      expect([store.knowsAll, store.notes]).toMatchObject([
        false,
        [{ what: 'locked', detail: 'devices.json.locked-1' }],
      ])
      expect(await readFile(`${file}.locked-1`, 'utf8')).toBe(before)
    }
    const { store } = open(keychain('one'))
    expect((await store.load()).devices).toEqual([phone('1'), phone('2')])
    expect([store.knowsAll, store.notes, await readdir(folder)]).toEqual([true, [], ['devices.json']])
    expect(await load(keychain('one'))).toEqual([phone('1'), phone('2')])
  })

  test.each(locked)('%s are joined with those that were paired meanwhile', async (_, away) => {
    await save(keychain('one'), phone('1'))
    await open(away).store.load()
    await save(away, phone('2'))
    expect(await load(away)).toEqual([phone('2')])
    if (away !== null) {
      // Now those of the other one are locked, beside the first.
      expect(await load(null)).toEqual([])
      expect((await readdir(folder)).sort()).toEqual(['devices.json.locked-1', 'devices.json.locked-2'])
      return
    }
    expect(await load(keychain('one'))).toEqual([phone('2'), phone('1')])
    expect(await readFile(file, 'utf8')).not.toContain(key.key)
    expect(await readdir(folder)).toEqual(['devices.json'])
  })

  test('come back within a run when the keychain does', async () => {
    await save(keychain('one'), phone('1'))
    let now: Sealer | null = null
    const { store, late } = open(() => now)
    await store.load()
    await store.save({ devices: [phone('2')] })
    await store.retry()
    expect(late).toEqual([])
    now = keychain('one')
    await store.retry()
    expect([late, store.knowsAll]).toEqual([[{ devices: [phone('1')] }], true])
    // Not before its owner has saved them: a crash would lose them.
    expect(await readdir(folder)).toContain('devices.json.locked-1')
    await store.save({ devices: [phone('2'), phone('1')] })
    expect([await readdir(folder), await load(now)]).toEqual([['devices.json'], [phone('2'), phone('1')]])
  })

  test('of an earlier version, which forgot them, come back too', async () => {
    await save(keychain('one'), phone('1'))
    await rename(file, `${file}.unreadable`)
    await writeFile(`${file}.unreadable-1`, '{')
    expect(await load(null)).toEqual([])
    expect(await load(keychain('one'))).toEqual([phone('1')])
  })

  test('are never written without it, once it was there', async () => {
    let now: Sealer | null = keychain('one')
    const { store } = open(() => now)
    await store.save({ devices: [PHONE] })
    const before = await readFile(file, 'utf8')
    now = null
    await expect(store.save({ devices: [PHONE, phone('2')] })).rejects.toThrow('keychain')
    expect([store.notes, await readFile(file, 'utf8')]).toMatchObject([[{ what: 'unwritten' }], before])
  })

  test('and can’t be put aside are not written over', async () => {
    await save(keychain('one'), PHONE)
    const before = await readFile(file, 'utf8')
    const disk = new RefusingDisk()
    disk.refused = { moveAside: 'EROFS' }
    const { store } = open(null, disk)
    await store.load()
    expect(store.knowsAll).toBe(false)
    await expect(store.save({ devices: [] })).rejects.toThrow('not replaced')
    expect(await readFile(file, 'utf8')).toBe(before)
  })
})

test('phones that the disk refuses to tell are not forgotten, and are there when it does', async () => {
  await save(null, phone('1'))
  const disk = new RefusingDisk()
  disk.refused = { read: 'EIO' }
  const { store, late } = open(null, disk)
  expect(await store.load()).toEqual({ devices: [] })
  await expect(store.save({ devices: [phone('2')] })).rejects.toThrow()
  expect(store.knowsAll).toBe(false)
  disk.refused = {}
  await store.retry()
  expect([late, store.knowsAll]).toEqual([[{ devices: [phone('1')], calendar: DAY }], true])
})
