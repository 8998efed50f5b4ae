import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadSettings, saveSettings } from './settings.ts'

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
    const [one, two] = [await loadSettings(file), await loadSettings(file)]
    expect(one.id).toMatch(/^[0-9a-f]{16}$/)
    expect(one.id).not.toBe(two.id)
  })

  test.each([
    ['empty', ''],
    ['cut off', `{"id":"${ID}"`],
    ['something else', '[]'],
    ['a number', '7'],
    ['with a wrong id', '{"id":"../../x"}'],
  ])('are fresh when the file is %s', async (_, text) => {
    await written(text)
    const settings = await loadSettings(file)
    expect(settings).toEqual({ id: expect.stringMatching(/^[0-9a-f]{16}$/) as string })
    expect(settings.id).not.toBe(ID)
  })

  test('keep what can be read of them', async () => {
    await written(`{"id":"${ID}","address":"evil.example","legacy":"whatever"}`)
    expect(await loadSettings(file)).toEqual({ id: ID })
  })

  test('keep what is theirs only: unknown fields of a newer version are left out', async () => {
    await written(JSON.stringify({ id: ID, later: true }))
    expect(await loadSettings(file)).toEqual({ id: ID })
  })

  test('saved many times at once are one of them, whole', async () => {
    const addresses = Array.from({ length: 20 }, (_, i) => `10.0.0.${i}`)
    await Promise.all(addresses.map((address) => saveSettings(file, { id: ID, address })))
    expect(addresses).toContain((await loadSettings(file)).address)
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
