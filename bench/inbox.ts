// What the inbox alone can do, without lanes: npx vite build --ssr bench/inbox.ts --outDir out/bench, then
// node out/bench/inbox.js [FOLDER]. Folder: on the disk that is to be measured; the system's temporary one unless given.
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { Inbox } from '#inbox/inbox.ts'

const SMALL_FILES = 10_000
const SMALL_BYTES = 1_024
const LARGE_BLOCKS = 1_024
/** Files that a session may have open or landing at once. */
const SIDE_BY_SIDE = [1, 8, 64]

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const scratch = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'lanyard-bench-'))
try {
  for (const lanes of SIDE_BY_SIDE) say(`${SMALL_FILES} files of 1 KB, ${lanes} at once: ${await small(lanes)} files/s`)
  for (let round = 0; round < 3; round++) {
    say(`1 GiB, written and fsynced without more: ${await plain()} MB/s`)
    say(`1 GiB through the inbox, in order: ${await large((i) => i)} MB/s`)
    say(`1 GiB through the inbox, in pairs swapped: ${await large((i) => i ^ 1)} MB/s`)
  }
  say(`resident at the end: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`)
} finally {
  await rm(scratch, { recursive: true })
}

async function fresh(): Promise<Inbox> {
  const [folder, data] = [join(scratch, 'inbox'), join(scratch, 'data')]
  for (const path of [folder, data]) {
    await rm(path, { recursive: true, force: true })
    await mkdir(path)
  }
  const inbox = new Inbox({ folder, data })
  await inbox.start()
  return inbox
}

async function small(lanes: number): Promise<string> {
  const inbox = await fresh()
  const bytes = new Uint8Array(SMALL_BYTES)
  let next = 0
  const seconds = await timed(() =>
    Promise.all(
      Array.from({ length: lanes }, async () => {
        while (next < SMALL_FILES) {
          const name = `small-${next++}.txt`
          const id = randomBytes(16).toString('hex')
          const sink = await inbox.open('bench', { id, name, size: SMALL_BYTES, mtime: 1_700_000_000_000 })
          await sink.write(0, bytes)
          sink.keep(0, hash(bytes))
          await sink.finish()
        }
      }),
    ),
  )
  await inbox.close()
  return (SMALL_FILES / seconds).toFixed(0)
}

async function large(order: (i: number) => number): Promise<string> {
  const inbox = await fresh()
  const bytes = new Uint8Array(randomBytes(BLOCK_BYTES))
  // As every block is the same, it is hashed once: the receiver's hashing is not what is measured.
  const known = hash(bytes)
  const seconds = await timed(async () => {
    const id = randomBytes(16).toString('hex')
    const sink = await inbox.open('bench', { id, name: 'large.bin', size: LARGE_BLOCKS * BLOCK_BYTES, mtime: 0 })
    for (let n = 0; n < LARGE_BLOCKS; n++) {
      await sink.write(order(n), bytes)
      sink.keep(order(n), known)
    }
    await sink.finish()
  })
  await inbox.close()
  return ((LARGE_BLOCKS * BLOCK_BYTES) / 1e6 / seconds).toFixed(0)
}

async function plain(): Promise<string> {
  const bytes = new Uint8Array(randomBytes(BLOCK_BYTES))
  const sum = createHash('sha256')
  const seconds = await timed(async () => {
    const file = await open(join(scratch, 'plain.bin'), 'w')
    for (let n = 0; n < LARGE_BLOCKS; n++) {
      sum.update(bytes)
      await file.write(bytes, 0, BLOCK_BYTES, n * BLOCK_BYTES)
    }
    await file.sync()
    await file.close()
  })
  await rm(join(scratch, 'plain.bin'))
  return ((LARGE_BLOCKS * BLOCK_BYTES) / 1e6 / seconds).toFixed(0)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  await work()
  return (performance.now() - since) / 1000
}
