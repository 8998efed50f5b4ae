import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Sha256 } from '../hashing.ts'
import type { Landed, Sink } from '../sink.ts'
import type { OpenSource, Source } from '../source.ts'

export const hexHash = (bytes: Uint8Array): string => bytesToHex(sha256(bytes))

/** As a page's worker might: takes its time, and the buffer with it. */
export const memoryHash: Sha256 = async (bytes) => {
  await Promise.resolve()
  return hexHash(bytes)
}

/** Bytes that are drawn one by one; longer files repeat them, each time with another beginning. */
const DRAWN = 65_536

/** `size` bytes that are the same for the same seed. */
export function bytesOf(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size)
  const drawn = Math.min(size, DRAWN)
  let state = (seed * 2_654_435_761 + 1) >>> 0
  for (let i = 0; i < drawn; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    out[i] = state >>> 24
  }
  const view = new DataView(out.buffer)
  for (let at = DRAWN; at < size; at += DRAWN) {
    out.copyWithin(at, 0, Math.min(DRAWN, size - at))
    if (size - at >= 4) view.setUint32(at, at ^ state)
  }
  return out
}

/** A file made of bytes; counts how often it is open. */
export class MemorySource implements Source {
  readonly name: string
  readonly size: number
  mtime = 1_700_000_000_000
  readonly mime = ''
  readonly bytes: Uint8Array<ArrayBuffer>
  opened = 0
  /** In place of none. */
  thumbnail?: () => Promise<Uint8Array | null>
  closed = 0
  /** Waited for before each read. */
  beforeRead: () => Promise<void> = () => Promise.resolve()

  readonly #hash: (bytes: Uint8Array) => string

  constructor(name: string, bytes: Uint8Array<ArrayBuffer>, hash = hexHash) {
    this.name = name
    this.bytes = bytes
    this.#hash = hash
    this.size = bytes.byteLength
  }

  open(): Promise<OpenSource> {
    this.opened++
    return Promise.resolve({
      read: async (offset, length, room) => {
        await this.beforeRead()
        const bytes = this.bytes.subarray(offset, offset + length)
        if (room === undefined) return bytes.slice()
        room.set(bytes)
        return room
      },
      finish: () => Promise.resolve({ sha256: this.#hash(this.bytes) }),
      close: () => {
        this.closed++
        return Promise.resolve()
      },
    })
  }
}

/** Where a file lands; remembers what became of it, and goes on where an earlier one of the same file was. */
export class MemorySink implements Sink {
  readonly name: string
  readonly have: readonly (string | undefined)[]
  state: 'open' | 'finished' | 'suspended' | 'discarded' = 'open'
  /** Blocks as they were written, in that order. */
  readonly order: number[] = []
  readonly kept: (string | undefined)[]
  root: string | undefined
  readonly #blocks: (Uint8Array | undefined)[]
  readonly #before: (bytes: number) => Promise<void>
  readonly #hash: (bytes: Uint8Array) => string

  constructor(
    name: string,
    beforeWrite: (bytes: number) => Promise<void> = () => Promise.resolve(),
    earlier: MemorySink | null = null,
    hash = hexHash,
  ) {
    this.#hash = hash
    this.name = name
    this.#before = beforeWrite
    this.#blocks = earlier === null ? [] : earlier.#blocks.slice()
    this.kept = earlier === null ? [] : earlier.kept.slice()
    this.have = this.kept.slice()
  }

  async write(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.state !== 'open') throw new Error('written after its end')
    await this.#before(bytes.byteLength)
    this.#blocks[index] = bytes.slice()
    this.kept[index] = undefined
    this.order.push(index)
  }

  keep(index: number, hash: string): void {
    if (this.#hash(this.#blocks[index] ?? new Uint8Array(0)) !== hash) throw new Error('kept something else')
    this.kept[index] = hash
  }

  finish(root?: string): Promise<Landed> {
    if (this.state !== 'open') throw new Error('finished after its end')
    this.state = 'finished'
    this.root = root
    return Promise.resolve({ name: this.name, sha256: this.sha256 })
  }

  suspend(): Promise<void> {
    if (this.state === 'open') this.state = 'suspended'
    return Promise.resolve()
  }

  discard(): Promise<void> {
    if (this.state === 'open') this.state = 'discarded'
    return Promise.resolve()
  }

  get sha256(): string {
    return this.#hash(this.content())
  }

  get bytes(): number {
    return this.#blocks.reduce((sum, block) => sum + (block?.byteLength ?? 0), 0)
  }

  content(): Uint8Array {
    const out = new Uint8Array(this.bytes)
    let at = 0
    for (const block of this.#blocks) {
      if (block === undefined) continue
      out.set(block, at)
      at += block.byteLength
    }
    return out
  }
}
