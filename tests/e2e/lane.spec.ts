import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Page } from '@playwright/test'
import type { SealedLane } from '#hub/socket-lane.ts'
import { startCipher } from '#hub/cipher-thread.ts'
import { registered } from '#hub/testing/registered.ts'
import { setStage, type Stage } from '#hub/testing/stage.ts'
import { toBase64Url } from '#protocol/base64url.ts'
import { MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { bytesOf, scratch, sha256 } from '../support/files.ts'
import { expect, test as base } from '../support/fixtures.ts'
import { buildLanePage } from '../support/lane-page.ts'
import type {} from '../support/lane-page/main.ts'

// A real browser's worker and the hub with its real worker thread, and no app around them.
const WORKER = resolve('out/main/cipher-worker.js')
const BYTES = 16_000_003
const KEY = randomBytes(32)

/** A session's key as a page can be given it. */
interface Given {
  readonly id: readonly number[]
  readonly key: readonly number[]
}

/** The browser that plays the phone everywhere here. */
const test = base.extend({
  page: async ({ phones }, use) => {
    const context = await phones.newContext()
    await use(await context.newPage())
    await context.close()
  },
})

let folder: Awaited<ReturnType<typeof scratch>>
let stage: Stage
/** Of a registration that lives as long as the hub, without which it opens no lane. */
let given: Given
let lanes: SealedLane[]

test.beforeAll(async () => {
  folder = await scratch()
  await buildLanePage(join(folder.path, 'page'))
})
test.afterAll(() => folder.remove())
test.beforeEach(() => start())
test.afterEach(() => stage.clear())

async function start(): Promise<void> {
  lanes = []
  const proved = new Map<string, SessionKey>()
  stage = await setStage({
    pageDir: join(folder.path, 'page'),
    keyring: {
      find: () => KEY,
      proved: (_uid, _kid, session) => {
        proved.set(toBase64Url(session.id), session)
        return null
      },
    },
    lanes: { sessionOf: (id) => proved.get(id) ?? null, onLane: (_, lane) => lanes.push(lane) },
    startCipher: () => startCipher(WORKER),
  })
  const { session } = await registered(stage, 'one', KEY)
  given = { id: [...session.id], key: [...session.key] }
}

async function open(page: Page): Promise<void> {
  await page.goto(stage.hub.loopbackUrl)
  await page.waitForFunction(() => 'openSocketLane' in window)
}

/** Opens a lane in the page, which tells what comes out of it: `window.lane`, `window.came`, `window.closed`. */
async function connect(page: Page, key: Given = given): Promise<void> {
  await page.evaluate(async (session) => {
    const own = { id: Uint8Array.from(session.id), key: Uint8Array.from(session.key) }
    const lane = await window.openSocketLane({ url: `ws://${location.host}/lane`, session: own })
    const seen: Window['seen'] = { lane, text: [], bytes: [], closed: 0 }
    lane.listen({
      onFrame: (data) => {
        if (typeof data === 'string') seen.text.push(data)
        else seen.bytes.push(data as Uint8Array<ArrayBuffer>)
      },
      onClose: () => seen.closed++,
    })
    window.seen = seen
  }, key)
}

declare global {
  interface Window {
    seen: {
      readonly lane: Awaited<ReturnType<typeof window.openSocketLane>>
      readonly text: string[]
      readonly bytes: Uint8Array<ArrayBuffer>[]
      closed: number
    }
  }
}

/** In the page: bytes as bytesOf makes them, in frames of the largest size, each from the same memory. */
async function sendAll({ total, size }: { total: number; size: number }): Promise<string> {
  const all = new Uint8Array(total)
  for (let at = 0; at < total; at += 65_536) crypto.getRandomValues(all.subarray(at, at + 65_536))
  const frame = new Uint8Array(size)
  for (let at = 0; at < total; at += size) {
    const piece = all.subarray(at, at + size)
    frame.set(piece)
    await window.seen.lane.ready()
    window.seen.lane.send(frame.subarray(0, piece.length))
  }
  const hash = await crypto.subtle.digest('SHA-256', all)
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function cameHash(): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', await new Blob(window.seen.bytes).arrayBuffer())
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function exchangeBothWays(page: Page): Promise<void> {
  const [lane] = lanes as [SealedLane]
  const came: Uint8Array[] = []
  const texts: string[] = []
  let bytes = 0
  lane.listen({
    onFrame: (data) => {
      if (typeof data === 'string') texts.push(data)
      else came.push(data.slice())
      bytes += typeof data === 'string' ? 0 : data.length
    },
    onClose: () => undefined,
  })
  const down = bytesOf(BYTES, 3)
  const sending = page.evaluate(sendAll, { total: BYTES, size: MESSAGE_BYTES_MAX })
  for (let at = 0; at < BYTES; at += MESSAGE_BYTES_MAX) {
    await lane.ready()
    lane.send(down.subarray(at, at + MESSAGE_BYTES_MAX))
  }
  lane.send('Zoë')
  const up = await sending
  await expect.poll(() => bytes).toBe(BYTES)
  expect(sha256(Buffer.concat(came))).toBe(up)
  await page.waitForFunction(() => window.seen.text.length === 1)
  expect(await page.evaluate(() => window.seen.text)).toEqual(['Zoë'])
  expect(await page.evaluate(cameHash)).toBe(sha256(down))
  expect(texts).toEqual([])
}

test('A17: a page and the hub exchange megabytes both ways at once, over a sealed socket', async ({ page }) => {
  await open(page)
  expect(page.workers()).toEqual([])
  await connect(page)
  await exchangeBothWays(page)
  await page.evaluate(() => window.seen.lane.close())
  await expect.poll(() => lanes[0]?.ending).toBe('end')
  expect(await page.evaluate(() => window.seen.closed)).toBe(1)
  await expect.poll(() => page.workers().length).toBe(0)
})

/** Starts a hub whose page's worker runs this line first. */
async function startWith(line: string): Promise<void> {
  const assets = join(folder.path, 'page/assets')
  const [worker = ''] = (await readdir(assets)).filter((name) => name.startsWith('socket-worker'))
  const file = join(assets, worker)
  const code = await readFile(file, 'utf8')
  await writeFile(file, `${line}\n${code}`)
  await stage.clear()
  await start()
  await writeFile(file, code)
}

test('a browser without WebAssembly does it in script', async ({ page }) => {
  await startWith('self.WebAssembly = undefined')
  await open(page)
  await connect(page)
  await exchangeBothWays(page)
  expect(await page.workers()[0]?.evaluate(() => typeof WebAssembly)).toBe('undefined')
})

test('the page may run the cipher in WebAssembly, so script does not stand in for it unseen', async ({ page }) => {
  await startWith(`
    const start = WebAssembly.instantiate
    WebAssembly.instantiate = async (...given) => {
      const made = await start(...given)
      self.exports = Object.keys(made.instance.exports).length
      return made
    }`)
  await open(page)
  await connect(page)
  const exported = await page.workers()[0]?.evaluate(() => (self as unknown as { exports?: number }).exports)
  expect(exported).toBeGreaterThan(0)
})

test('the computer ends a lane, and nothing of it is left in the page', async ({ page }) => {
  await open(page)
  await connect(page)
  lanes[0]?.send('last')
  lanes[0]?.close()
  await page.waitForFunction(() => window.seen.closed === 1)
  expect(await page.evaluate(() => window.seen.text)).toEqual(['last'])
  await expect.poll(() => page.workers().length).toBe(0)
})

test('a hub that goes away ends the lane', async ({ page }) => {
  await open(page)
  await connect(page)
  const waiting = page.evaluate(async () => {
    const { lane } = window.seen
    for (let i = 0; i < 400; i++) lane.send(new Uint8Array(200_000))
    await lane.ready()
    return window.seen.closed
  })
  await stage.hub.close()
  expect(await waiting).toBeLessThanOrEqual(1)
  await page.waitForFunction(() => window.seen.closed === 1)
  expect(lanes[0]?.ending).toBe('broken')
  await expect.poll(() => page.workers().length).toBe(0)
})

test('a session that the hub does not know opens nothing, and leaves no worker', async ({ page }) => {
  await open(page)
  await expect(connect(page, { id: [...randomBytes(32)], key: given.key })).rejects.toThrow('no sealed socket')
  await expect(connect(page, { id: given.id, key: [...randomBytes(32)] })).rejects.toThrow('no sealed socket')
  await expect.poll(() => page.workers().length).toBe(0)
  expect(lanes).toEqual([])
})
