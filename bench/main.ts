import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { startApp, type RunningApp } from '../tests/support/app.ts'
import { scratch } from '../tests/support/files.ts'
import { launchBrowser, Phone } from '../tests/support/phone.ts'
import { httpPost } from './http-post.ts'
import { peakMemory } from './memory.ts'
import { rawChannel } from './raw-channel.ts'
import { median, printTable, writeJson, type Row } from './report.ts'
import { desktopToPhone, phoneToDesktop } from './transfer.ts'

// Side by side in one run: ours, the bare data channel between the same two pages, and one plain POST.
// Rounds alternate, so that a noisy neighbour disturbs all of them alike; medians are shown.
const { values } = parseArgs({
  options: {
    /** MB of the timed file. */
    size: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    /** MiB of the file for memory; 0 leaves it out. */
    memory: { type: 'string', default: '1024' },
    json: { type: 'string', default: 'out/bench/results.json' },
  },
})
const size = Number(values.size) * 1e6
const rounds = Number(values.rounds)
const memoryBytes = Number(values.memory) * 1_048_576

const folder = await scratch()
const rows: Row[] = []
const startedAt = performance.now()
const desktop = await startApp()
await desktop.window.getByTestId('qr').waitFor()
rows.push({ what: 'start to code on the screen', value: (performance.now() - startedAt) / 1000, unit: 's' })
const browser = await launchBrowser()
const phone = await Phone.join(browser, desktop.link())
try {
  await throughput()
  if (memoryBytes > 0) await memory(desktop)
  printTable(rows)
  await writeJson(values.json, rows, { sizeMB: size / 1e6, rounds, memoryMiB: memoryBytes / 1_048_576 })
} finally {
  await browser.close()
  await desktop.close()
  await folder.remove()
}

async function throughput(): Promise<void> {
  const file = await makeFile('timed.bin', size)
  const seen: Record<'rawUp' | 'up' | 'rawDown' | 'down' | 'post', number[]> = {
    rawUp: [],
    up: [],
    rawDown: [],
    down: [],
    post: [],
  }
  for (let round = 1; round <= rounds; round++) {
    seen.rawUp.push(await rawChannel(phone.page, desktop.window, size))
    seen.up.push(size / 1e6 / (await phoneToDesktop(desktop, phone, file, folder.path)))
    seen.rawDown.push(await rawChannel(desktop.window, phone.page, size))
    seen.down.push(size / 1e6 / (await desktopToPhone(desktop, file, folder.path)))
    seen.post.push(await httpPost(browser, folder.path, size))
    console.error(
      `round ${round}: ${Object.entries(seen)
        .map(([what, all]) => `${what} ${(all.at(-1) ?? 0).toFixed(1)}`)
        .join('  ')}`,
    )
  }
  const [rawUp, up, rawDown, down, post] = [seen.rawUp, seen.up, seen.rawDown, seen.down, seen.post].map(median) as [
    number,
    number,
    number,
    number,
    number,
  ]
  rows.push(
    { what: 'raw data channel, phone to desktop', value: rawUp, unit: 'MB/s' },
    { what: 'Lanyard, phone to desktop, file to disk', value: up, unit: 'MB/s', ratio: up / rawUp },
    { what: 'raw data channel, desktop to phone', value: rawDown, unit: 'MB/s' },
    { what: 'Lanyard, desktop to phone, file to saved', value: down, unit: 'MB/s', ratio: down / rawDown },
    { what: 'one plain http POST, phone to disk', value: post, unit: 'MB/s', ratio: post / rawUp },
  )
}

async function memory({ app }: RunningApp): Promise<void> {
  const file = await makeFile('large.bin', memoryBytes)
  for (const [what, move] of [
    ['in', () => phoneToDesktop(desktop, phone, file, folder.path)],
    ['out', () => desktopToPhone(desktop, file, folder.path)],
  ] as const) {
    const peaks = await peakMemory(app, async () => {
      await move()
    })
    for (const { type, peakMB, growthMB } of peaks) {
      rows.push({ what: `memory, ${values.memory} MiB ${what}, ${type}: peak`, value: peakMB, unit: 'MB' })
      rows.push({ what: `memory, ${values.memory} MiB ${what}, ${type}: growth`, value: growthMB, unit: 'MB' })
    }
  }
}

async function makeFile(name: string, bytes: number): Promise<string> {
  const path = join(folder.path, name)
  const piece = randomBytes(1_048_576)
  const pieces = function* () {
    for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(piece.length, left))
  }
  await pipeline(Readable.from(pieces()), createWriteStream(path))
  return path
}
