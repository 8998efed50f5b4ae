import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import type { Page } from '@playwright/test'
import { toBase64Url } from '#protocol/base64url.ts'
import { scratch } from '../tests/support/files.ts'
import { buildLanePage } from '../tests/support/lane-page.ts'
import type {} from '../tests/support/lane-page/main.ts'
import { launchBrowser } from '../tests/support/phone.ts'
import { rawChannel } from './raw-channel.ts'
import { median } from './median.ts'

// The sealed socket alone, beside a plain WebSocket and a bare data channel between two pages: bytes from a page's memory into a file, and from memory into a page.
// npx vite build --ssr bench/lane.ts --outDir out/bench, the same with bench/lane-hub.ts, then node out/bench/lane.js
const { values } = parseArgs({
  options: {
    /** MB each way. */
    size: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    /** Such as `sealed up`: only this row. */
    only: { type: 'string', default: '' },
    /** Bytes of a frame. */
    frame: { type: 'string', default: '262144' },
    /** The program that runs the hub: plain Node, or an Electron, which then runs as Node. */
    runtime: { type: 'string', default: process.execPath },
  },
})

interface Order {
  readonly lane: 'sealed' | 'plain'
  readonly t: 'up' | 'down'
  readonly ports: { readonly port: number; readonly plainPort: number }
  readonly session: { readonly id: readonly number[]; readonly key: readonly number[] }
  readonly bytes: number
  readonly size: number
}

const folder = await scratch()
const session = { id: randomBytes(32), key: randomBytes(32) }
await buildLanePage(join(folder.path, 'page'))
const hub = await startHub()
const browser = await launchBrowser()
try {
  // The plain WebSocket is on a port of its own, which the page's policy does not allow.
  const page = await browser.newPage({ bypassCSP: true })
  await page.goto(`http://127.0.0.1:${hub.ports.port}/`)
  await page.waitForFunction(() => 'openSocketLane' in window)
  const other = await (await browser.newContext()).newPage()
  await other.goto('about:blank')
  await measure(page, other)
} finally {
  await browser.close()
  hub.child.kill()
  await folder.remove()
}

async function startHub(): Promise<{ child: ChildProcess; ports: Order['ports'] }> {
  const args = [
    toBase64Url(session.id),
    toBase64Url(session.key),
    join(folder.path, 'page'),
    join(folder.path, 'up.bin'),
  ]
  const child = spawn(values.runtime, [join(import.meta.dirname, 'lane-hub.js'), ...args], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, ports: JSON.parse(line) as Order['ports'] }
}

async function measure(page: Page, other: Page): Promise<void> {
  const bytes = Number(values.size) * 1e6
  const size = Number(values.frame)
  const rows = (['up', 'down'] as const)
    .flatMap((t) => (['plain', 'sealed'] as const).map((lane) => ({ t, lane })))
    .filter(({ t, lane }) => `${lane} ${t}`.includes(values.only))
  const seen = new Map<string, { speed: number; cpu: number }[]>()
  for (let round = 1; round <= Number(values.rounds); round++) {
    if ('raw channel'.includes(values.only)) {
      const speed = await rawChannel(page, other, bytes)
      seen.set('raw channel', [...(seen.get('raw channel') ?? []), { speed, cpu: 0 }])
      console.error(`round ${round}: raw channel ${speed.toFixed(1)} MB/s`)
    }
    for (const row of rows) {
      const key = { id: [...session.id], key: [...session.key] }
      const { seconds, cpu } = await page.evaluate(run, { ...row, ports: hub.ports, session: key, bytes, size })
      const name = `${row.lane} ${row.t}`
      seen.set(name, [...(seen.get(name) ?? []), { speed: bytes / 1e6 / seconds, cpu }])
      console.error(
        `round ${round}: ${name} ${(bytes / 1e6 / seconds).toFixed(1)} MB/s, hub ${cpu.toFixed(2)} s of processor`,
      )
    }
  }
  for (const [name, all] of seen)
    console.log(
      `${name.padEnd(12)} ${median(all.map(({ speed }) => speed))
        .toFixed(1)
        .padStart(6)} MB/s`,
    )
}

/** In the page: seconds until the other side has all, or until all is here; and what it cost the hub. */
async function run({ lane: kind, t, ports, session, bytes, size }: Order): Promise<{ seconds: number; cpu: number }> {
  const lane = kind === 'sealed' ? await sealed() : await plain()
  let came = 0
  const all = new Promise<number>((resolve) => {
    lane.listen({
      onFrame: (data) => {
        if (typeof data !== 'string') came += data.length
        else resolve((JSON.parse(data) as { cpu: number }).cpu)
      },
      onClose: () => {
        resolve(-1)
      },
    })
  })
  const frame = new Uint8Array(size)
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(frame.subarray(at, at + 65_536))
  const start = performance.now()
  lane.send(JSON.stringify({ t, bytes, size }))
  for (let sent = 0; t === 'up' && sent < bytes; sent += size) {
    await lane.ready()
    lane.send(frame)
  }
  const cpu = await all
  const seconds = (performance.now() - start) / 1000
  lane.close()
  if (cpu < 0 || (t === 'down' && came < bytes)) throw new Error('the lane closed')
  return { seconds, cpu }

  function sealed() {
    const own = { id: Uint8Array.from(session.id), key: Uint8Array.from(session.key) }
    return window.openSocketLane({ url: `ws://127.0.0.1:${ports.port}/lane`, session: own })
  }

  async function plain() {
    const ws = new WebSocket(`ws://127.0.0.1:${ports.plainPort}/`)
    ws.binaryType = 'arraybuffer'
    await new Promise((resolve, reject) => {
      ws.onopen = resolve
      ws.onerror = reject
    })
    return {
      send: (data: string | Uint8Array<ArrayBuffer>) => {
        ws.send(data)
      },
      ready: async () => {
        while (ws.bufferedAmount > 4_194_304) await new Promise((resolve) => setTimeout(resolve, 1))
      },
      listen: (events: { onFrame: (data: string | Uint8Array) => void }) => {
        ws.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
          events.onFrame(typeof data === 'string' ? data : new Uint8Array(data))
        }
      },
      close: () => {
        ws.close()
      },
    }
  }
}
