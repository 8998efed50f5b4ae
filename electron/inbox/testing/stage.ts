import { createHash, randomBytes } from 'node:crypto'
import { blockCount, blockLength } from '#protocol/blocks.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import type { Landed, Sink } from '#transfer/sink.ts'
import { Inbox } from '../inbox.ts'
import type { OfferedFile } from '../opening.ts'
import { rootFrom } from '../part-file.ts'
import { TestClock } from './clock.ts'
import { FaultDisk } from './fault-disk.ts'

export const IN = '/in'
export const DATA = '/data'
export const PHONE = '0123456789abcdef'
export const OTHER = 'fedcba9876543210'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
export const newId = (): string => randomBytes(16).toString('hex')

/** Bytes that differ in every block, and for every seed. */
export function content(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size)
  for (let at = 0; at < size; at += 4096) out.fill((at / 4096) * 7 + seed, at, at + 4096)
  for (let i = 0; i < blockCount(size); i++) out[i * BLOCK_BYTES] = i + seed * 13
  return out
}

export const blockOf = (bytes: Uint8Array<ArrayBuffer>, i: number): Uint8Array<ArrayBuffer> =>
  bytes.subarray(i * BLOCK_BYTES, i * BLOCK_BYTES + blockLength(bytes.byteLength, i))

export const rootOf = (bytes: Uint8Array<ArrayBuffer>): string =>
  rootFrom(
    bytes.byteLength,
    Array.from({ length: blockCount(bytes.byteLength) }, (_, i) => sha256(blockOf(bytes, i))),
  )

export const offerOf = (bytes: Uint8Array, offer: Partial<OfferedFile> = {}): OfferedFile => ({
  id: newId(),
  name: 'film.bin',
  size: bytes.byteLength,
  mtime: 0,
  ...offer,
})

/** Writes and keeps block `i` as a receiver does. */
export async function give(sink: Sink, bytes: Uint8Array<ArrayBuffer>, ...indexes: number[]): Promise<void> {
  for (const i of indexes) {
    await sink.write(i, blockOf(bytes, i))
    sink.keep(i, sha256(blockOf(bytes, i)))
  }
}

/** Gives all that is not there yet, and finishes. */
export async function complete(sink: Sink, bytes: Uint8Array<ArrayBuffer>): Promise<Landed> {
  for (let i = 0; i < blockCount(bytes.byteLength); i++) if (sink.have[i] === undefined) await give(sink, bytes, i)
  return sink.finish(rootOf(bytes))
}

export class Stage {
  clock = new TestClock()
  readonly disk = new FaultDisk([IN, DATA, '/outside'])
  inbox = this.#newInbox()

  /** The program was killed (a machine that crashed is `disk.crash`), and starts again. */
  restart(): Inbox {
    this.disk.kill()
    const { ms, hurry } = this.clock
    // Nor do the timers of the old one go off any more.
    this.clock = Object.assign(new TestClock(), { ms, hurry })
    this.inbox = this.#newInbox()
    return this.inbox
  }

  /** What a person sees in the inbox, and what is hidden there. */
  get files(): string[] {
    return this.disk.tree(IN).filter((path) => !isPart(path))
  }

  get parts(): string[] {
    return this.disk.tree(IN).filter(isPart)
  }

  get journals(): string[] {
    return this.disk.tree(DATA).filter((path) => path.endsWith('.json'))
  }

  receive(bytes: Uint8Array<ArrayBuffer>, offer: Partial<OfferedFile> = {}): Promise<Landed> {
    return this.inbox.open(PHONE, offerOf(bytes, offer)).then((sink) => complete(sink, bytes))
  }

  #newInbox(): Inbox {
    return new Inbox({ folder: IN, data: DATA, disk: this.disk.forRun(), clock: this.clock })
  }
}

const isPart = (path: string): boolean => /(^|\/)\.[^/]+\.[0-9a-f]{8}\.part$/.test(path)
