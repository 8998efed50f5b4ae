import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DeviceStore, type Remembered, type Sealer } from './devices.ts'

let folder = ''
let file = ''
let lines: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-devices-'))
  file = join(folder, 'devices.json')
  lines = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const key = { kid: 'A'.repeat(22), key: 'B'.repeat(43) }
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
const load = (sealer: Sealer | null): Promise<Remembered[]> =>
  new DeviceStore(file, sealer).load((line) => lines.push(line))

describe.each([
  ['with a keychain', keychain('one')],
  ['without one', null],
])('remembered phones, %s', (_, sealer) => {
  test('come back as they were', async () => {
    expect(await load(sealer)).toEqual([])
    await new DeviceStore(file, sealer).save([PHONE])
    expect(await load(sealer)).toEqual([PHONE])
    expect([await readdir(folder), lines]).toEqual([['devices.json'], []])
  })

  test('their keys are sealed, or nobody else’s to read', async () => {
    await new DeviceStore(file, sealer).save([PHONE])
    expect((await readFile(file, 'utf8')).includes(key.key)).toBe(sealer === null)
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o077).toBe(0)
  })

  test('the newest of many at once is what stays', async () => {
    const store = new DeviceStore(file, sealer)
    await Promise.all(Array.from({ length: 30 }, (_, i) => store.save([{ ...PHONE, lastSeen: i }])))
    expect(await load(sealer)).toEqual([{ ...PHONE, lastSeen: 29 }])
  })
})

test.each([
  ['cut off', '{"devices":['],
  ['something else', '[]'],
  ['sealed with another keychain', JSON.stringify({ sealed: keychain('other').seal('[]').toString('base64') })],
])('a file that is %s is put aside, and it is said', async (_, text) => {
  await writeFile(file, text)
  expect(await load(keychain('one'))).toEqual([])
  expect([await readdir(folder), lines.length]).toEqual([['devices.json.unreadable'], 1])
  expect(await readFile(`${file}.unreadable`, 'utf8')).toBe(text)
})

test('one entry that makes no sense does not cost the others', async () => {
  await writeFile(file, JSON.stringify({ devices: [{ ...PHONE, key: 7 }, PHONE, null] }))
  expect(await load(null)).toEqual([PHONE])
})

test('a folder that can’t be written is an error, and the next save is tried again', async () => {
  const store = new DeviceStore(join(file, 'deeper', 'devices.json'), null)
  await writeFile(file, '')
  await expect(store.save([PHONE])).rejects.toThrow()
  await rm(file)
  await store.save([PHONE])
})
