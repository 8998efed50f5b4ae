// A program that receives files into an inbox until it is killed: node killed.js FOLDER DATA JOB. It says each block that
// it has kept, and when a file has landed; the test counts, and kills it whenever it likes.
import { readFileSync } from 'node:fs'
import { argv, stdout } from 'node:process'
import { blockCount, blockLength } from '#protocol/blocks.ts'
import { Inbox } from '../inbox.ts'

/** What is to be received: the same bytes in every run, in an order that differs. */
export interface Job {
  readonly id: string
  readonly size: number
  /** SHA-256 of each block; made once, as hashing takes longer than writing. */
  readonly hashes: readonly string[]
  readonly root: string
  /** Chooses the order. */
  readonly seed: number
}

/** Block `i` of every job: a pattern that is quick to make and differs in each. */
export function killedBlock(size: number, i: number): Uint8Array<ArrayBuffer> {
  const out = new Uint32Array(Math.ceil(blockLength(size, i) / 4))
  for (let at = 0; at < out.length; at += 1024) out.fill((i * 2_654_435_761 + at) >>> 0, at, at + 1024)
  return new Uint8Array(out.buffer, 0, blockLength(size, i))
}

async function receive(folder: string, data: string, job: Job): Promise<void> {
  const { id, size, hashes, root, seed } = job
  const inbox = new Inbox({ folder, data })
  await inbox.start()
  if (inbox.landed('killer', id) === null) {
    const sink = await inbox.open('killer', { id, name: 'film.bin', size, mtime: 1_700_000_000_000 })
    stdout.write(`have ${sink.have.filter((hash) => hash !== undefined).length}\n`)
    const count = blockCount(size)
    for (let n = 0; n < count; n++) {
      // Two lanes: mostly in order, now and then not.
      const i = (n + seed) % 3 === 0 ? n : Math.min(count - 1, n ^ 1)
      for (const index of new Set([i, n])) {
        if (sink.have[index] !== undefined) continue
        await sink.write(index, killedBlock(size, index))
        sink.keep(index, hashes[index] ?? '')
        stdout.write('block\n')
      }
    }
    await sink.finish(root)
  }
  stdout.write('landed\n')
  await inbox.close()
}

const [folder, data, job] = argv.slice(2)
if (folder !== undefined && data !== undefined && job !== undefined && argv[1]?.endsWith('killed.js') === true) {
  await receive(folder, data, JSON.parse(readFileSync(job, 'utf8')) as Job)
}
