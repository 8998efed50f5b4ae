import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TIERING_BUDGET } from './compile-later.ts'
import { openStore } from './open-store.ts'

const KILLS = process.env['LANYARD_SOAK'] === undefined ? 20 : 200
/** Pages that a run may say before it is killed, some time later: about as long as it takes to keep another. */
const PAGES_MAX = 12
const LATER_MS_MAX = 20
/** A run that does nothing any more. */
const STUCK_MS = 20_000
const RECORDS = 40

let scratch = ''
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lanyard-kill-'))
  // The library is not bundled: it looks for its .wasm beside itself.
  await symlink(resolve('node_modules'), join(scratch, 'node_modules'), 'junction')
  await build({
    configFile: false,
    logLevel: 'warn',
    build: { ssr: 'electron/store/database/testing/killed.ts', outDir: scratch, emptyOutDir: false },
  })
}, 60_000)
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** One run that goes on from a page, and the last one that it said was kept; -1 = none. */
async function run(file: string, from: number, pages: number, ms: number): Promise<number> {
  // Said here as well: what is not bundled is loaded before the program's first line, SQLite too.
  const args = [`--wasm-tiering-budget=${TIERING_BUDGET}`, join(scratch, 'killed.js'), file, String(from)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const stuck = setTimeout(() => child.kill('SIGKILL'), STUCK_MS)
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.split('\n').length > pages + 1) setTimeout(() => child.kill('SIGKILL'), ms)
  })
  await new Promise((resolve) => child.once('close', resolve))
  clearTimeout(stuck)
  expect(child.signalCode).toBe('SIGKILL')
  // A line that the kill cut off was not said.
  const lines = said.split('\n').slice(0, -1)
  return Math.max(-1, ...lines.map((line) => Number(/^kept (\d+)/.exec(line)?.[1] ?? -1)))
}

const recordsAfter = (page: number): number => (Math.floor(page / 2) + 1) * RECORDS

/** What is in the file is all that was said to be kept, and perhaps the page after it: whole, and found by a search. */
function look(file: string, kept: number, told: number): number {
  const lines: string[] = []
  const store = openStore(file, (line) => lines.push(line))
  try {
    const cursor = Number(store.records.cursor('d') || '-1')
    expect([kept, kept + 1]).toContain(cursor)
    expect([store.note, lines]).toEqual([null, []])
    expect(store.records.count('d')).toBe(cursor < 0 ? 0 : recordsAfter(cursor))
    const history = store.history.find({ offset: 0, limit: 1 })
    if (told >= 0) expect(history.rows[0]!.at).toBeGreaterThanOrEqual(told)
    const found = store.records.find({ device: 'd', text: `${cursor} is in`, sort: 'newest', offset: 0, limit: 200 })
    if (cursor >= 0) expect(found.rows.filter(({ modified }) => modified === cursor).length).toBe(RECORDS)
    return cursor
  } finally {
    store.close()
  }
}

test(
  `a program that is killed ${KILLS} times loses nothing that it said was kept`,
  async () => {
    const file = join(scratch, 'data', 'lanyard.db')
    let next = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const told = await run(file, next, randomInt(PAGES_MAX), randomInt(LATER_MS_MAX))
      const kept = Math.max(next - 1, told)
      // Sometimes it is killed again before anybody has looked.
      if (kill % 3 === 2) {
        next = kept + 1
        continue
      }
      next = look(file, kept, told) + 1
    }
    look(file, next - 1, -1)
    expect(next).toBeGreaterThan(KILLS)
  },
  KILLS * STUCK_MS,
)
