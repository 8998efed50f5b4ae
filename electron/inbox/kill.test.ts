import { spawn } from 'node:child_process'
import { createHash, randomInt } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blockCount } from '#protocol/blocks.ts'
import { killedBlock, type Job } from './testing/killed.ts'
import { rootFrom } from './part-file.ts'
import { newId, sha256 } from './testing/stage.ts'

const SIZE = 200_000_000
/** How often matters to the soak; here each kind of point only has to come up. */
const KILLS = process.env['LANYARD_SOAK'] === undefined ? 16 : 400
/** Blocks that a run may get before it is killed: often fewer than are made safe at once, sometimes all that are left. */
const BLOCKS_MAX = 110
/** A run that does nothing any more. */
const STUCK_MS = 60_000

let scratch = ''
let program = ''
const hashes: string[] = []
let whole = ''
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lanyard-kill-'))
  await Promise.all(['inbox', 'data'].map((name) => mkdir(join(scratch, name))))
  await build({
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: { ssr: 'electron/inbox/testing/killed.ts', outDir: scratch, emptyOutDir: false },
  })
  program = join(scratch, 'killed.js')
  const all = createHash('sha256')
  for (let i = 0; i < blockCount(SIZE); i++) {
    const block = killedBlock(SIZE, i)
    hashes.push(sha256(block))
    all.update(block)
  }
  whole = all.digest('hex')
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** One run of the program, killed after so many blocks and some time; null = it may live. */
async function run(job: Job, killAfter: { blocks: number; ms: number } | null) {
  await writeFile(join(scratch, 'job.json'), JSON.stringify(job))
  const args = [program, join(scratch, 'inbox'), join(scratch, 'data'), join(scratch, 'job.json')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const stuck = setTimeout(() => child.kill('SIGKILL'), STUCK_MS)
  let [said, blocks, have] = ['', 0, 0]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    blocks = said.split('block\n').length - 1
    have = Number(/have (\d+)/.exec(said)?.[1] ?? 0)
    if (killAfter !== null && blocks >= killAfter.blocks) setTimeout(() => child.kill('SIGKILL'), killAfter.ms)
  })
  await new Promise((resolve) => child.once('close', resolve))
  clearTimeout(stuck)
  const result = { have, landed: said.includes('landed\n'), killed: child.signalCode === 'SIGKILL' }
  // It ended by itself, and not because all was done.
  expect(result.killed || result.landed).toBe(true)
  return result
}

test(
  `F91 kill -9 at ${KILLS} random points while 200 MB arrive: no part of a file has its name, and all of it comes`,
  { timeout: KILLS * 20_000 },
  async () => {
    const landed = new Set<string>()
    let [kills, resumed, files] = [0, 0, 0]
    let id = newId()
    while (kills < KILLS) {
      const job: Job = { id, size: SIZE, hashes, root: rootFrom(SIZE, hashes), seed: randomInt(3) }
      const result = await run(job, { blocks: randomInt(1, BLOCKS_MAX), ms: randomInt(0, 25) })
      if (result.killed) kills++
      if (result.have > 0) resumed++
      await onlyWhole(landed)
      if (!result.landed && kills < KILLS) continue
      if (!result.landed) expect((await run(job, null)).landed).toBe(true)
      await onlyWhole(landed)
      files++
      id = newId()
    }
    expect(await parts()).toEqual([])
    // One name for each file: none was received twice.
    expect(landed.size).toBe(files)
    expect(resumed).toBeGreaterThan(0)
    process.stdout.write(`F91: ${kills} kills, ${files} files, ${resumed} runs went on with what was there\n`)
  },
)

const parts = async (): Promise<string[]> =>
  (await readdir(join(scratch, 'inbox'))).filter((name) => name.startsWith('.'))

/** Whatever has a name that a person sees has all its bytes. */
async function onlyWhole(landed: Set<string>): Promise<void> {
  for (const name of await readdir(join(scratch, 'inbox'))) {
    if (name.startsWith('.') || landed.has(name)) continue
    expect(sha256(await readFile(join(scratch, 'inbox', name)))).toBe(whole)
    landed.add(name)
    // The name is what matters from now on; 200 MB each are not.
    await writeFile(join(scratch, 'inbox', name), '')
  }
}
