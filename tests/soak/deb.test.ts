import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeFile, scratch, sha256File } from '../support/files.ts'
import { FreshSystem } from '../support/fresh-system.ts'
import { ReferencePhone } from '../support/reference-phone.ts'

/**
 * The deb as a person has it: installed by apt into a fresh Debian, started by what its desktop entry says, with the sandbox,
 * removed again. Takes minutes and fetches a system, so it is one of the soak tests: `npm run test:soak -- deb`.
 */

const LIMIT_MS = 40 * 60_000
const RELEASE = resolve('release')

let folder: Awaited<ReturnType<typeof scratch>>
let system: FreshSystem
let deb = ''

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/dist.mjs'], { stdio: ['ignore', 2, 2] })
  const made = (await readdir(RELEASE)).filter((name) => name.endsWith('.deb') && !name.includes('arm64'))
  expect(made).toHaveLength(1)
  deb = join(RELEASE, made[0]!)
  folder = await scratch()
  system = await FreshSystem.make(folder.path)
}, LIMIT_MS)

afterAll(async () => {
  await system.remove()
  await folder.remove()
})

test('is installed, does the main job by its desktop entry, and leaves files and settings when it is removed', async () => {
  await system.give(deb, 'lanyard.deb')
  // As a person would: what else it needs comes with it.
  await system.run('apt-get install -y --no-install-recommends /home/person/lanyard.deb')
  const entry = await readFile(join(system.root, 'usr/share/applications/lanyard.desktop'), 'utf8')
  const [, exec = ''] = /^Exec=(.*?)(?: %[fFuU])?$/m.exec(entry) ?? []
  expect(exec).not.toMatch(/no-sandbox/)

  const down = await makeFile(folder.path, 'down.bin', 3_000_001)
  const up = await makeFile(folder.path, 'up.bin', 3_000_001, 5)
  await system.give(down.path, down.name)
  const app = system.start(`${exec} --headless --json --port 0 --host 127.0.0.1 --send /home/person/${down.name}`)
  const ready = await app.events.wait('ready', ({ event }) => event === 'ready')
  const phone = new ReferencePhone(folder.path, String(ready['link']))
  try {
    await phone.connected()
    expect(await sha256File(await phone.received(down.name))).toBe(down.sha256)
    phone.type(`send ${up.path}`)
    expect(await app.events.ended(up.name)).toMatchObject({ state: 'done', sha256: up.sha256 })
  } finally {
    await phone.close()
    expect([await app.stop(), app.events.noise]).toEqual([0, []])
  }

  const landed = (await app.events.ended(up.name))['path']
  const kept = join(system.root, String(landed))
  const data = join(system.root, 'home/person/.config')
  const before = await readdir(data, { recursive: true })
  expect(before.filter((name) => /devices\.json|lanyard\.db/.test(name))).not.toEqual([])

  await system.run('apt-get purge -y lanyard')
  expect(await system.run('ls /opt /usr/bin /usr/share/applications /etc/ufw 2>/dev/null || true')).not.toMatch(/lanyard/i)
  expect(await sha256File(kept)).toBe(up.sha256)
  expect(await readdir(data, { recursive: true })).toEqual(before)
}, LIMIT_MS) // prettier-ignore
