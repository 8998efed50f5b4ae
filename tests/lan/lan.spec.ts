import { expect, test, type Browser } from '@playwright/test'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { makeFile, scratch, sha256File } from '../support/files.ts'
import { launchBrowser, Phone } from '../support/phone.ts'
import { Started } from '../support/started.ts'
import { Lan } from './network.ts'

const ROOT = resolve(import.meta.dirname, '../..')

let lan: Lan
let folder: Awaited<ReturnType<typeof scratch>>
let desktop: Started | null
let phones: Browser | null

test.beforeEach(async () => {
  lan = new Lan()
  folder = await scratch()
})

test.afterEach(async () => {
  await phones?.close()
  await desktop?.stop()
  phones = null
  desktop = null
  lan.remove()
  await folder.remove()
})

/** Both hosts start, after the network is what the test wants it to be. */
async function start(): Promise<{ app: Started; phone: Phone; port: number }> {
  const switches = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--ozone-platform=headless', '--disable-gpu']
  const own = [
    '--headless',
    '--json',
    '--port',
    '0',
    '--inbox',
    join(folder.path, 'inbox'),
    '--data',
    join(folder.path, 'data'),
  ]
  const program = process.env['ELECTRON_EXEC_PATH'] ?? ''
  const app = new Started(...lan.on(lan.desktop, program, [...switches, ROOT, '--', ...own]))
  desktop = app
  const ready = await app.events.wait('ready', (e) => e.event === 'ready', 30_000)
  expect(ready['address']).toBe(lan.desktopAddress)
  phones = await launchBrowser(lan.phoneProgram(process.env['LANYARD_CHROMIUM'] ?? '/usr/bin/chromium'))
  const phone = await Phone.join(phones, String(ready['link']))
  return { app, phone, port: Number(ready['port']) }
}

async function fileTravels(app: Started, phone: Phone, name: string): Promise<void> {
  const outbox = join(folder.path, 'outbox')
  await mkdir(outbox, { recursive: true })
  const file = await makeFile(outbox, name, 3_000_001)
  await phone.send(file.path)
  expect(await app.events.ended(name)).toMatchObject({ state: 'done', lane: 'webrtc', sha256: file.sha256 })
  expect(await sha256File(join(folder.path, 'inbox', name))).toBe(file.sha256)
}

test('two hosts on an open network, and the desktop is found by mDNS', async () => {
  const { app, phone, port } = await start()
  // What 127.0.0.1 hides: a real phone's page is no secure context.
  expect(
    await phone.page.evaluate(() => [isSecureContext, typeof crypto.subtle, typeof navigator.serviceWorker]),
  ).toEqual([false, 'undefined', 'undefined'])
  await fileTravels(app, phone, 'open.bin')
  const browse = new Started(...lan.on(lan.phone, process.execPath, [join(import.meta.dirname, 'browse.mjs')]))
  const found = await browse.events.wait('advert', (e) => e.event === 'found')
  expect(await browse.exited()).toBe(0)
  expect(found).toMatchObject({ port, txt: { v: '2' } })
  expect((found['txt'] as { id: string }).id).toMatch(/^[0-9a-f]{16}$/)
  expect(found['addresses']).toContain(lan.desktopAddress)
  expect(phone.problems).toEqual([])
})

test('mDNS blocked: the hidden names go nowhere, the phone connects all the same', async () => {
  lan.blockMdns()
  const { app, phone } = await start()
  await fileTravels(app, phone, 'no-mdns.bin')
  expect(lan.dropped(lan.desktop, 'mdns')).toBeGreaterThan(0)
})

test('mDNS blocked and a firewall on the desktop: it connects by the copied candidates', async () => {
  lan.blockMdns()
  lan.blockInboundUdp()
  // The wall stands: a stray packet does not get in. (A connection that the desktop opens outwards meets no wall.)
  lan.knock()
  expect(lan.dropped(lan.desktop, 'wall')).toBe(1)
  const { app, phone } = await start()
  await fileTravels(app, phone, 'firewall.bin')
})
