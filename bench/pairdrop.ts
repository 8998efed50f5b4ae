import type { Browser, BrowserContext, Page } from '@playwright/test'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pick } from './transfer.ts'

/** PairDrop's own server and page, from a checkout with its packages installed, and two pages that see each other. */
export interface PairDrop {
  /** From the pick to all files, whole, in the other page: s. */
  readonly send: (files: string | readonly string[]) => Promise<number>
  close(): Promise<void>
}

/** No STUN server: there is no need for one here, and the bench speaks to nobody outside. */
const RTC_CONFIG = { sdpSemantics: 'unified-plan', iceServers: [] }
/** Of the only other page that there is. */
const FIELD = 'x-peer input[type=file]'
const START_MS = 20_000
const LIMIT_MS = 15 * 60_000

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function answers(url: string): Promise<void> {
  for (const end = performance.now() + START_MS; performance.now() < end;) {
    const isThere = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isThere) return
    await delay(100)
  }
  throw new Error('the server of --pairdrop does not answer; are its packages installed (npm ci there)?')
}

/** Says yes to whatever is offered, as a person would, and counts what came: by the page's own events. */
function willing(): void {
  const came = { files: 0 }
  Object.assign(globalThis, { came })
  addEventListener('files-transfer-request', (event) => {
    const { peerId } = (event as CustomEvent<{ peerId: string }>).detail
    const detail = { to: peerId, accepted: true }
    setTimeout(() => dispatchEvent(new CustomEvent('respond-to-files-transfer-request', { detail })))
  })
  addEventListener('files-received', () => came.files++)
}

export async function startPairDrop(browser: Browser, folder: string): Promise<PairDrop> {
  const port = await freePort()
  const settings = await mkdtemp(join(tmpdir(), 'lanyard-pairdrop-'))
  // Its server takes the path of a file with the configuration.
  const config = join(settings, 'rtc.json')
  await writeFile(config, JSON.stringify(RTC_CONFIG))
  const env = { ...process.env, PORT: String(port), RTC_CONFIG: config }
  const server = spawn(process.execPath, [join('server', 'index.js')], { cwd: folder, env, stdio: 'ignore' })
  const contexts: BrowserContext[] = []
  const close = async (): Promise<void> => {
    for (const context of contexts) await context.close()
    await rm(settings, { recursive: true, force: true })
    if (server.exitCode !== null || !server.kill()) return
    await once(server, 'exit')
  }
  try {
    const url = `http://127.0.0.1:${port}/`
    await answers(url)
    const pages: Page[] = []
    for (let n = 0; n < 2; n++) {
      const context = await browser.newContext({ serviceWorkers: 'block' })
      contexts.push(context)
      await context.addInitScript(willing)
      const page = await context.newPage()
      pages.push(page)
      await page.goto(url)
    }
    const [from, to] = pages as [Page, Page]
    await from.locator(FIELD).waitFor({ state: 'attached', timeout: START_MS })
    return { send: (files) => send(from, to, [files].flat()), close }
  } catch (error) {
    await close()
    throw error
  }
}

const cameTo = (page: Page): Promise<number> =>
  page.evaluate(() => (globalThis as unknown as { came: { files: number } }).came.files)

async function send(from: Page, to: Page, files: readonly string[]): Promise<number> {
  const before = await cameTo(to)
  // Its page does not empty the field, and picking what is picked already is no change.
  await from.locator(FIELD).evaluate((element) => ((element as HTMLInputElement).value = ''))
  const start = performance.now()
  await pick(from, FIELD, files)
  await to.waitForFunction((n) => (globalThis as unknown as { came: { files: number } }).came.files > n, before, {
    timeout: LIMIT_MS,
  })
  return (performance.now() - start) / 1000
}
