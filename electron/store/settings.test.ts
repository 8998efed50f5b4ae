import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freshSettings, settingsFile, type Settings } from './settings.ts'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-settings-'))
  file = join(folder, 'deep', 'settings.json')
})
afterEach(async () => {
  await chmod(folder, 0o700)
  await rm(folder, { recursive: true, force: true })
})

const ID = '0123456789abcdef'
const open = (path: string) => settingsFile(path, { onLate: () => undefined })
const loadSettings = (path: string) => open(path).load()
const saveSettings = (path: string, settings: Settings) => open(path).save(settings)

async function written(text: string): Promise<void> {
  await mkdir(join(folder, 'deep'))
  await writeFile(file, text)
}

describe('settings', () => {
  test('come back as they were saved, and nothing lies beside them', async () => {
    await saveSettings(file, { id: ID, address: '192.168.1.20' })
    const last = { id: ID, address: '192.168.1.21', legacy: 'never' } as const
    await saveSettings(file, last)
    expect(await loadSettings(file)).toEqual(last)
    expect(await readdir(join(folder, 'deep'))).toEqual(['settings.json'])
  })

  test('are nobody else’s to read', async () => {
    await saveSettings(file, { id: ID })
    expect((await stat(file)).mode & 0o077).toBe(process.platform === 'win32' ? 0o066 : 0)
  })

  test('are fresh where there are none, and differ each time', async () => {
    expect(await loadSettings(file)).toBeNull()
    const [one, two] = [freshSettings(), freshSettings()]
    expect(one.id).toMatch(/^[0-9a-f]{16}$/)
    expect(one.id).not.toBe(two.id)
  })

  test.each([
    ['empty', ''],
    ['cut off', `{"id":"${ID}"`],
    ['something else', '[]'],
    ['a number', '7'],
    ['with a wrong id', '{"id":"../../x"}'],
  ])('are none when the file is %s, and it is kept', async (_, text) => {
    await written(text)
    expect(await loadSettings(file)).toBeNull()
    expect(await readFile(`${file}.unreadable-1`, 'utf8')).toBe(text)
  })

  test('keep what can be read of them', async () => {
    await written(`{"id":"${ID}","address":"evil.example","legacy":"whatever"}`)
    expect(await loadSettings(file)).toEqual({ id: ID })
  })

  test('keep what a newer version has added, should it come back', async () => {
    await written(JSON.stringify({ id: ID, later: true }))
    const settings = await loadSettings(file)
    await saveSettings(file, { ...settings!, address: '10.0.0.1' })
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ id: ID, later: true, address: '10.0.0.1' })
  })

  test('keep a value that only a newer version understands, until another is chosen', async () => {
    const newer = { id: ID, address: 'fd00::1', legacy: 'tuesdays', lane: 'pigeon' }
    await written(JSON.stringify(newer))
    const settings = open(file)
    const found = await settings.load()
    await settings.save(found!)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(newer)
    await settings.save({ ...found!, legacy: 'never' })
    await settings.save({ ...found!, legacy: undefined })
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ id: ID, address: 'fd00::1', lane: 'pigeon' })
  })

  test('saved many times at once are one of them, whole', async () => {
    const addresses = Array.from({ length: 20 }, (_, i) => `10.0.0.${i}`)
    await Promise.all(addresses.map((address) => saveSettings(file, { id: ID, address })))
    expect(addresses).toContain((await loadSettings(file))?.address)
    expect(await readdir(join(folder, 'deep'))).toEqual(['settings.json'])
  })

  test('that can’t be put in place leave nothing behind', async () => {
    await mkdir(file, { recursive: true })
    await expect(saveSettings(file, { id: ID })).rejects.toThrow()
    expect(await readdir(join(folder, 'deep'))).toEqual(['settings.json'])
  })

  test('are text that a person can read', async () => {
    await saveSettings(file, { id: ID })
    expect(await readFile(file, 'utf8')).toBe(`{\n  "id": "${ID}"\n}\n`)
  })
})
