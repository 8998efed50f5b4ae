import { spawnSync } from 'node:child_process'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Settings } from '#store/settings.ts'
import { Autostart, keepAutostart, type LoginItems } from './autostart.ts'
import type { Program } from './program.ts'

let home: string
let file: string
const PROGRAM: Program = { path: '/opt/Lanyard/lanyard', args: [] }

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lanyard-autostart-'))
  file = join(home, 'autostart', 'lanyard.desktop')
})
afterEach(() => rm(home, { recursive: true }))

const items = (): LoginItems & { on: boolean } => {
  const list = { on: false, isOn: () => list.on, set: (on: boolean) => void (list.on = on) }
  return list
}
const at = (program = PROGRAM, platform: NodeJS.Platform = 'linux', list = items(), isInstalled = true): Autostart =>
  new Autostart({ platform, program, configHome: home, items: list, isInstalled })

const text = (): Promise<string> => readFile(file, 'utf8')

describe('the entry of a Linux session', () => {
  test('is written and removed, and what is on is read from it', async () => {
    expect(await at().isOn()).toBe(false)
    await at().set(true)
    expect(await at().isOn()).toBe(true)
    expect(await text()).toContain('Exec="/opt/Lanyard/lanyard" "--hidden"\n')
    await at().set(false)
    await at().set(false)
    expect(await at().isOn()).toBe(false)
  })

  test.each(['Hidden=true', 'Hidden = TRUE', 'X-GNOME-Autostart-enabled=false'])(
    'switched off by the desktop with %s it is off, and stays so',
    async (line) => {
      await mkdir(join(home, 'autostart'))
      const off = `[Desktop Entry]\nType=Application\nExec=/old\n${line}\n`
      await writeFile(file, off)
      expect(await at().isOn()).toBe(false)
      await at().refresh()
      expect(await text()).toBe(off)
      await at().set(true)
      expect(await at().isOn()).toBe(true)
    },
  )

  test('is written anew when the program has moved, and only then', async () => {
    await at().refresh()
    expect(await at().isOn()).toBe(false)
    await at().set(true)
    const moved = { path: '/home/me/new place/lanyard', args: [] }
    await at(moved).refresh()
    expect(await text()).toContain('Exec="/home/me/new place/lanyard" "--hidden"\n')
    await at(PROGRAM, 'linux', items(), false).refresh()
    expect(await text()).toContain('new place')
  })

  test('whatever is in its path, a desktop starts that program', async () => {
    const odd = join(home, `a "b" $c \`d\` %e \\f 'g' 界`)
    await mkdir(odd)
    const program = join(odd, 'run me')
    await writeFile(program, `#!/bin/sh\nprintf '%s|' "$@"\n`, { mode: 0o755 })
    await at({ path: program, args: [`--data=${odd}`] }).set(true)
    const exec = /^Exec=(.*)$/m.exec(await text())?.[1] ?? ''
    // As a desktop takes it: the escapes of a value, then `%%`, then the quoting, which here is the shell's.
    const line = exec.replaceAll('\\\\', '\\').replaceAll('%%', '%')
    const { stdout } = spawnSync('sh', ['-c', line], { encoding: 'utf8' })
    expect(stdout).toBe(`--data=${odd}|--hidden|`)
  })
})

test('elsewhere the system has a list of its own', async () => {
  const list = items()
  const autostart = at(PROGRAM, 'win32', list)
  await autostart.set(true)
  expect(list.on).toBe(true)
  expect(await autostart.isOn()).toBe(true)
  await expect(text()).rejects.toThrow('ENOENT')
})

describe('the setting', () => {
  const settings = (): Promise<Settings> => Settings.open(join(home, 'settings.json'))

  test('does what it says, and shows what the system says', async () => {
    const kept = await settings()
    const { look, stop } = keepAutostart(kept, at(), () => undefined)
    kept.set('startAtLogin', true)
    await vi.waitFor(async () => expect(await at().isOn()).toBe(true))
    await rm(file)
    await look()
    expect(kept.now.startAtLogin).toBe(false)
    await at().set(true)
    await look()
    expect(kept.now.startAtLogin).toBe(true)
    stop()
    await kept.flush()
  })

  test('goes back where the entry cannot be written, and says why', async () => {
    const kept = await settings()
    await writeFile(join(home, 'autostart'), 'a file where the folder should be')
    const onError = vi.fn<(error: unknown) => void>()
    const { stop } = keepAutostart(kept, at(), onError)
    kept.set('startAtLogin', true)
    await vi.waitFor(() => expect(onError).toHaveBeenCalled())
    await vi.waitFor(() => expect(kept.now.startAtLogin).toBe(false))
    stop()
    await kept.flush()
  })
})
