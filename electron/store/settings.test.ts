import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SETTING_KEYS, SETTINGS, type SettingKey, type SettingValues } from './setting-rows.ts'
import { Settings, type SettingsOptions } from './settings.ts'

let folder = ''
let file = ''
const opened: Settings[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-settings-'))
  file = join(folder, 'deep', 'settings.json')
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((settings) => settings.flush()))
  await chmod(folder, 0o700)
  await rm(folder, { recursive: true, force: true })
})

const ID = '0123456789abcdef'
const INITIAL = Object.fromEntries(SETTING_KEYS.map((key) => [key, SETTINGS[key].initial]))

/** A value of each setting that is not the one at the start. */
const OTHERS: SettingValues = {
  name: 'Küche',
  inbox: folderOf('inbox'),
  kindFolders: { pictures: folderOf('pictures') },
  phoneFolders: { [ID]: folderOf('phone') },
  autoAcceptNew: false,
  clipboard: true,
  theme: 'dark',
  language: 'zh-CN',
  notifyArrivals: false,
  notifyTexts: false,
  notifyQuestions: false,
  notifyFailures: false,
  notifyWaiting: false,
  keepInTray: false,
  toldOfTray: true,
  askedFirewall: true,
  startAtLogin: true,
  keepAwake: false,
  updateQuietly: true,
  fileManagers: true,
  port: 4000,
  address: '192.168.1.20',
  networks: ['198.51.100.0/24', '203.0.113.7/32'],
  legacy: 'never',
  lane: 'socket',
}

function folderOf(name: string): string {
  return join(tmpdir(), name)
}

async function written(content: unknown): Promise<void> {
  await mkdir(join(folder, 'deep'), { recursive: true })
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
}

async function open(options?: SettingsOptions, path = file): Promise<Settings> {
  const settings = await Settings.open(path, options)
  opened.push(settings)
  return settings
}

const onDisk = async (): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'))

describe('each setting', () => {
  test.each(SETTING_KEYS)('%s has a first value that it may have, and another survives a restart', async (key) => {
    const { schema, initial } = SETTINGS[key]
    expect(v.is(schema as v.GenericSchema, initial)).toBe(true)
    const settings = await open()
    expect(settings.now[key]).toEqual(initial)
    set(settings, key)
    expect(settings.now).toEqual({ ...INITIAL, [key]: OTHERS[key] })
    await settings.flush()
    expect((await open()).now).toEqual({ ...INITIAL, [key]: OTHERS[key] })
  })

  test.each(SETTING_KEYS)('%s takes no value that makes no sense, and what was chosen stays', async (key) => {
    const settings = await open()
    set(settings, key)
    for (const wrong of [undefined, 7.5, ['x'], { x: 'relative/path' }, '\0'.repeat(99)])
      expect(() => {
        settings.set(key, wrong as never)
      }).toThrow(v.ValiError)
    expect(settings.now[key]).toEqual(OTHERS[key])
  })
})

test('a network is an address and how much of it counts, and never so little that it would be everybody’s', async () => {
  const settings = await open()
  for (const wrong of [
    '198.51.100.0',
    '198.51.100.0/',
    '198.51.100.0/7',
    '0.0.0.0/0',
    '198.51.100.0/33',
    '198.51.100/24',
    'fd00::/8',
    'fd00::/129',
    'fd00:::/48',
    'fe80::1%eth0/64',
    '198.51.100.0/48',
    '198.51.100.0/24/8',
    ' 198.51.100.0/24',
  ])
    expect(() => {
      settings.set('networks', [wrong])
    }, wrong).toThrow(v.ValiError)
  settings.set('networks', ['198.51.100.0/8', 'fd12:3456::/48', '2001:db8::/32'])
})

function set(settings: Settings, key: SettingKey): void {
  settings.set(key, OTHERS[key])
}

describe('the file', () => {
  test('has what was chosen alone, and nothing lies beside it', async () => {
    await written({ id: ID })
    const settings = await open()
    settings.set('theme', 'dark')
    settings.set('port', 4000)
    settings.set('theme', 'system')
    await settings.flush()
    expect(await readFile(file, 'utf8')).toBe(`{\n  "id": "${ID}",\n  "port": 4000,\n  "version": 1\n}\n`)
    expect(await readdir(join(folder, 'deep'))).toEqual(['settings.json'])
  })

  test('is nobody else’s to read', async () => {
    await (await open()).flush()
    expect((await stat(file)).mode & 0o077).toBe(process.platform === 'win32' ? 0o066 : 0)
  })

  test('of a first run names the computer in its own way, which stays', async () => {
    const settings = await open()
    const other = await open({}, join(folder, 'other.json'))
    expect(settings.id).toMatch(/^[0-9a-f]{16}$/)
    expect(other.id).not.toBe(settings.id)
    await settings.flush()
    expect((await open()).id).toBe(settings.id)
  })

  test.each([
    ['empty', ''],
    ['cut off', `{"id":"${ID}"`],
    ['something else', '[]'],
    ['a number', '7'],
  ])('that is %s is set aside, which is noted, and all is as at the start', async (_, text) => {
    await written(text)
    const settings = await open()
    expect(settings.now).toEqual(INITIAL)
    expect(settings.notes).toEqual([{ file: 'settings.json', what: 'set-aside', detail: 'settings.json.unreadable-1' }])
    expect(await readFile(`${file}.unreadable-1`, 'utf8')).toBe(text)
  })

  test('with an id that makes no sense gets another, and keeps the rest', async () => {
    await written({ id: '../../x', port: 4000 })
    const settings = await open()
    expect(settings.id).toMatch(/^[0-9a-f]{16}$/)
    expect(settings.now.port).toBe(4000)
  })

  test('of the versions before has no version, and is understood', async () => {
    await written({ id: ID, address: '192.168.1.20', legacy: 'never', lane: 'webrtc' })
    const settings = await open()
    expect(settings.now).toEqual({ ...INITIAL, address: '192.168.1.20', legacy: 'never', lane: 'webrtc' })
    expect(settings.notes).toEqual([])
  })

  test('with values that make no sense keeps them, says which, and goes on with the others', async () => {
    const strange = { id: ID, port: 'many', lane: 'pigeon', theme: 'dark' }
    await written(strange)
    const onNotes = vi.fn()
    const settings = await open({ onNotes })
    expect(settings.now).toEqual({ ...INITIAL, theme: 'dark' })
    expect(settings.notes).toEqual([{ file: 'settings.json', what: 'unclear', detail: 'port, lane' }])
    expect(onNotes).toHaveBeenCalled()
    settings.set('lane', 'auto')
    expect(settings.notes).toMatchObject([{ detail: 'port' }])
    settings.set('port', 4000)
    expect(settings.notes).toEqual([])
    await settings.flush()
    expect(await onDisk()).toEqual({ id: ID, port: 4000, theme: 'dark', version: 1 })
  })

  test('of a newer version keeps all that it has, without a word, until another value is chosen', async () => {
    const newer = { version: 9, id: ID, later: { deep: [1] }, lane: 'pigeon', legacy: 'tuesdays', address: 'nowhere' }
    await written(newer)
    const settings = await open()
    expect([settings.now, settings.notes]).toEqual([INITIAL, []])
    settings.set('legacy', 'never')
    settings.set('legacy', 'ask')
    await settings.flush()
    const { legacy: _, ...rest } = newer
    expect(await onDisk()).toEqual(rest)
  })

  test('that can’t be read is not replaced; what was set meanwhile is set in it when it can', async () => {
    await written({ id: ID, port: 4000, later: 1 })
    const text = await readFile(file, 'utf8')
    let refuses = true
    const { nodeFiles } = await import('./disk-file.ts')
    const read = (path: string) =>
      refuses ? Promise.reject(Object.assign(new Error(), { code: 'EIO' })) : nodeFiles.read(path)
    const settings = await open({ disk: { ...nodeFiles, read } })
    expect(settings.notes).toMatchObject([{ what: 'unread', detail: 'EIO' }])
    const heard = vi.fn()
    settings.on('port', heard)
    settings.set('theme', 'dark')
    await settings.flush()
    expect(await readFile(file, 'utf8')).toBe(text)
    refuses = false
    await settings.retry()
    await settings.flush()
    expect(settings.now).toEqual({ ...INITIAL, port: 4000, theme: 'dark' })
    expect([settings.notes, settings.id, heard.mock.calls]).toEqual([[], ID, [[4000, 3186]]])
    expect(await onDisk()).toEqual({ id: ID, port: 4000, later: 1, theme: 'dark', version: 1 })
  })

  test('that can’t be put in place is noted, and nothing is left behind', async () => {
    await mkdir(join(folder, 'deep'))
    const settings = await open()
    await settings.flush()
    await rm(file)
    await mkdir(file)
    settings.set('port', 4000)
    await settings.flush()
    expect(settings.notes).toMatchObject([{ what: 'unwritten' }])
    expect(await readdir(join(folder, 'deep'))).toEqual(['settings.json'])
  })
})

describe('a change', () => {
  test('is told to who listens to that setting, once, and not when nothing changes', async () => {
    const settings = await open()
    const [theme, port, any] = [vi.fn(), vi.fn(), vi.fn()]
    const stop = settings.on('theme', theme)
    settings.on('port', port)
    const stopAny = settings.onAny(any)
    settings.set('theme', 'dark')
    settings.set('theme', 'dark')
    expect(theme.mock.calls).toEqual([['dark', 'system']])
    stop()
    stopAny()
    settings.set('theme', 'light')
    expect([theme.mock.calls.length, port.mock.calls.length, any.mock.calls.length]).toEqual([1, 0, 1])
  })

  test('finds the new value in `now`', async () => {
    const settings = await open()
    const seen: unknown[] = []
    settings.on('theme', (now) => seen.push(now === settings.now.theme))
    settings.set('theme', 'dark')
    expect(seen).toEqual([true])
  })
})

test('values of the command line count for the run, until another is set, and are not kept', async () => {
  await written({ id: ID, port: 4000, lane: 'socket' })
  const settings = await open({ given: { port: 0, lane: 'webrtc', legacy: 'always' } })
  expect(settings.now).toMatchObject({ port: 0, lane: 'webrtc', legacy: 'always' })
  settings.set('lane', 'auto')
  expect(settings.now.lane).toBe('auto')
  await settings.flush()
  expect((await open()).now).toMatchObject({ port: 4000, lane: 'auto', legacy: 'ask' })
})
