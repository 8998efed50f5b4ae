import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ShortcutDetails } from 'electron'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { speak } from '#messages/locale'
import { Settings } from '#store/settings.ts'
import { FileManagers, keepFileManagers } from './file-managers.ts'
import { programOf, windowsLine, type Program } from './program.ts'

let folder = ''
let home = ''
let program: Program
beforeEach(async () => {
  // A path with all that an entry could trip over.
  folder = await mkdtemp(join(tmpdir(), `lanyard "it's" $HOME 100% \\ `))
  home = join(folder, 'data')
  program = { path: join(folder, 'lanyard'), args: ['--data=a `b`'] }
  await writeFile(program.path, `#!/bin/sh\nfor arg; do printf '%s\\0' "$arg"; done\n`)
  await chmod(program.path, 0o755)
})
afterEach(async () => {
  speak(['en'])
  await rm(folder, { recursive: true, force: true })
})

const onLinux = (given: Partial<Program> = {}): FileManagers =>
  new FileManagers({ platform: 'linux', program: { ...program, ...given }, home, writeLink: () => false })

async function allFiles(): Promise<string[]> {
  const found = await readdir(home, { recursive: true, withFileTypes: true }).catch(() => [])
  return found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(home.length + 1)).sort() // prettier-ignore
}

/** Returns what the program is started with. */
const run = (command: string, args: readonly string[], cwd = folder): string[] =>
  execFileSync(command, args, { cwd, encoding: 'utf8' }).split('\0').slice(0, -1)

/** Names that a person may choose, in `folder`. */
const NAMES = ['plain', 'a b', `it's "quoted"`, '100 % $HOME `id`', 'new\nline', '-dash', '图片 📷']

/** The value of a key, as the formats of freedesktop.org and GLib escape it. */
async function valueOf(entry: string, key: string): Promise<string> {
  const lines = (await readFile(join(home, entry), 'utf8')).split('\n')
  const value = lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? ''
  return value.replaceAll(/\\([\\n])/gu, (_, char: string) => (char === 'n' ? '\n' : char))
}

/** Takes an `Exec` apart as the Desktop Entry Specification says, and puts the paths in. */
function desktopWords(exec: string, paths: readonly string[]): string[] {
  const words = [...exec.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s"]+)/gsu)]
  return words.flatMap(([, quoted, bare]) => {
    if (bare === '%F') return paths
    return [(quoted?.replaceAll(/\\(.)/gsu, '$1') ?? bare ?? '').replaceAll('%%', '%')]
  })
}

/** Takes a command line apart as GLib's g_shell_parse_argv does, which knows a shell's quotes and expands nothing. */
const glibWords = (line: string): string[] =>
  [...line.matchAll(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+/gsu)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gsu, (_, plain?: string, quoted?: string, char?: string) =>
      plain ?? quoted?.replaceAll(/\\(["$`\\])/gu, '$1') ?? char ?? ''),
  ) // prettier-ignore

describe.runIf(process.platform !== 'win32')('on Linux, as each file manager would run it', () => {
  const expected = (paths: readonly string[]): string[] => [...program.args, '--', ...paths]
  const paths = (): string[] => NAMES.map((name) => join(folder, name))
  beforeEach(async () => {
    await onLinux().write()
  })

  test.each([['kio/servicemenus/lanyard.desktop'], ['Thunar/sendto/lanyard.desktop']])('%s', async (entry) => {
    const [command = '', ...args] = desktopWords(await valueOf(entry, 'Exec'), paths())
    expect(run(command, args)).toEqual(expected(paths()))
  })

  test('Nemo puts URIs in double quotes and lets GLib take the line apart', async () => {
    const uris = paths().map((path) => pathToFileURL(path).href)
    expect(uris.every((uri) => !uri.includes('"') && !uri.includes('\\'))).toBe(true)
    const exec = await valueOf('nemo/actions/lanyard.nemo_action', 'Exec')
    const line = exec.replace('%U', uris.map((uri) => `"${uri}"`).join(' ')).replaceAll('%%', '%')
    const [command = '', ...args] = glibWords(line)
    expect(run(command, args)).toEqual(expected(uris))
  })

  test('Nautilus runs a script in the folder, with the names', async () => {
    const script = join(home, 'nautilus/scripts', 'Send to phone (Lanyard)')
    expect(run(script, NAMES)).toEqual(expected(NAMES))
  })

  test('what KDE and Nautilus run can be run, and each menu has its words in both languages', async () => {
    for (const entry of ['kio/servicemenus/lanyard.desktop', 'nautilus/scripts/Send to phone (Lanyard)'])
      expect((await stat(join(home, entry))).mode & 0o777).toBe(0o755)
    for (const entry of await allFiles())
      if (!entry.startsWith('nautilus'))
        expect([await valueOf(entry, 'Name'), await valueOf(entry, 'Name[zh_CN]')]).toEqual(['Send to phone (Lanyard)', '发送到手机 (Lanyard)']) // prettier-ignore
  })
})

test('entries follow a program that has moved, are removed whatever the language was, and nothing else is touched', async () => {
  const other = join(home, 'nautilus/scripts/mine')
  await mkdir(join(other, '..'), { recursive: true })
  await writeFile(other, 'mine')
  speak(['zh-CN'])
  await onLinux().write()
  expect(await allFiles()).toContain('nautilus/scripts/发送到手机 (Lanyard)')
  await onLinux({ path: '/opt/moved' }).write()
  for (const entry of await allFiles())
    if (!entry.endsWith('mine')) expect(await readFile(join(home, entry), 'utf8')).toContain('/opt/moved')
  speak(['en'])
  await onLinux().write()
  expect((await allFiles()).filter((entry) => entry.startsWith('nautilus'))).toEqual(['nautilus/scripts/Send to phone (Lanyard)', 'nautilus/scripts/mine']) // prettier-ignore
  speak(['zh-CN'])
  await onLinux().remove()
  expect(await allFiles()).toEqual(['nautilus/scripts/mine'])
})

test('the setting writes and removes them, one after the other, and what the disk refuses is told', async () => {
  const settings = await Settings.open(join(folder, 'settings.json'))
  const errors: unknown[] = []
  const stop = keepFileManagers(settings, onLinux(), (error) => errors.push(error))
  expect(await allFiles()).toEqual([])
  for (const isWished of [true, false, true]) settings.set('fileManagers', isWished)
  await vi.waitFor(async () => {
    expect(await allFiles()).toHaveLength(4)
  })
  stop()
  await rm(home, { recursive: true })
  await writeFile(home, '')
  keepFileManagers(settings, onLinux(), (error) => errors.push(error))()
  await vi.waitFor(() => {
    expect(errors).toHaveLength(1)
  })
  await settings.flush()
})

test('a disk that refuses is an error', async () => {
  await writeFile(home, 'a file in the folder’s place')
  await expect(onLinux().write()).rejects.toThrow()
})

test('on Windows it is one shortcut, to which all chosen files go at once', async () => {
  const links: [string, ShortcutDetails][] = []
  const on = (works: boolean): FileManagers =>
    new FileManagers({
      platform: 'win32',
      program: { path: 'C:\\Lanyard\\lanyard.exe', args: ['--data=C:\\my data\\'] },
      home,
      writeLink: (path, details) => {
        links.push([path, details])
        return works
      },
    })
  await on(true).write()
  expect(links).toEqual([
    [
      join(home, 'Microsoft', 'Windows', 'SendTo', 'Send to phone (Lanyard).lnk'),
      { target: 'C:\\Lanyard\\lanyard.exe', args: '"--data=C:\\my data\\\\" "--"', description: 'Lanyard' },
    ],
  ])
  await expect(on(false).write()).rejects.toThrow('Send to phone (Lanyard).lnk')
  const [[link] = ['']] = links
  await mkdir(join(link, '..'), { recursive: true })
  await writeFile(link, '')
  await on(true).remove()
  expect(await allFiles()).toEqual([])
})

test('elsewhere nothing is written', async () => {
  const mac = new FileManagers({ platform: 'darwin', program, home, writeLink: () => false })
  await mac.write()
  await mac.remove()
  expect(await allFiles()).toEqual([])
})

test.each([
  [['a b'], '"a b"'],
  [['say "hi"'], '"say \\"hi\\""'],
  [['back\\slash'], '"back\\slash"'],
  [['end\\'], '"end\\\\"'],
  [['\\"'], '"\\\\\\""'],
])('a Windows command line: %j', (words, line) => {
  expect(windowsLine(words)).toBe(line)
})

test('the program is started as it was: an AppImage by its file, the sandbox as it is, the data folder with it', () => {
  const facts = { execPath: '/x/lanyard', isPackaged: true, appPath: '/x/app', env: {}, noSandbox: false }
  expect(programOf(facts)).toEqual({ path: '/x/lanyard', args: [] })
  const image = { ...facts, env: { APPIMAGE: '/home/me/Lanyard.AppImage' } }
  expect(programOf(image)).toEqual({ path: '/home/me/Lanyard.AppImage', args: [] })
  // Of another program, which has started this one.
  expect(programOf({ ...image, isPackaged: false }).path).toBe('/x/lanyard')
  expect(programOf({ ...facts, isPackaged: false, noSandbox: true, data: '/d' })).toEqual({
    path: '/x/lanyard',
    args: ['--no-sandbox', '/x/app', '--', '--data=/d'],
  })
})
