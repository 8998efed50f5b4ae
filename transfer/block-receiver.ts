import { blockCount, blockLength, type Part } from '#protocol/blocks.ts'
import { BLOCK_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { BufferPool } from './buffer-pool.ts'
import { TransferError } from './errors.ts'
import { rootOf, type Sha256 } from './hashing.ts'
import type { Sink } from './sink.ts'

/** Thrown where what is here from an earlier try is of another version of the file. */
export class Stale extends Error {}

export interface BlockReceiverEvents {
  acked(index: number): void
  /** The block is not what its hash says; it is to come once more. */
  again(index: number): void
  /** Something was decided. */
  wake(): void
}

/** Hashes that a sender may tell before the bytes of their blocks: some lanes are faster than others. */
const AHEAD_MAX = 64
/** Blocks that are written and not hashed yet: each is held in memory. */
const HASHING_MAX = 16

/** Receives the blocks of one file: joins their parts, writes them to the sink, and compares each with its hash. */
export class BlockReceiver {
  readonly #size: number
  readonly #sink: Sink
  readonly #sha256: Sha256 | null
  readonly #events: BlockReceiverEvents
  readonly #assembly: BlockAssembly
  /** Blocks that are whole, and being written or in the sink. */
  readonly #taken: Uint8Array
  /** Blocks that are in the sink. */
  readonly #stored: Uint8Array
  /** Hashes, as computed here, and as the sender says. */
  readonly #ours: (string | undefined)[]
  readonly #theirs: (string | undefined)[] = []
  /** Blocks that are right: the sender has the same hash. */
  readonly #kept: Uint8Array
  /** Blocks that the sink counts on after a crash. */
  readonly #safe: Uint8Array
  /** Some of the bytes were sent. */
  came = false
  readonly #wrongOnce = new Set<number>()
  #ahead = 0
  #left: number
  #unkept: number
  #written = 0
  #error: Error | null = null
  readonly #hashing: Promise<void>[] = []
  /** Writes, one after the other. */
  #work: Promise<void> = Promise.resolve()

  constructor(size: number, sink: Sink, sha256: Sha256 | null, events: BlockReceiverEvents) {
    const count = blockCount(size)
    this.#size = size
    this.#sink = sink
    this.#sha256 = sha256
    this.#events = events
    this.#assembly = new BlockAssembly(size)
    this.#taken = new Uint8Array(count)
    this.#stored = new Uint8Array(count)
    this.#kept = new Uint8Array(count)
    this.#safe = Uint8Array.from({ length: count }, (_, i) => (sink.have[i] === undefined ? 0 : 1))
    this.#ours = [...sink.have]
    this.#left = count
    this.#unkept = count
    this.#ours.forEach((hash, i) => {
      if (hash !== undefined) this.#count(i)
    })
  }

  /** Bytes that are written, those of an earlier try among them. */
  get written(): number {
    return this.#written
  }

  get allWritten(): boolean {
    return this.#left === 0
  }

  /** Every block is written and right. Without a hasher: written. */
  get complete(): boolean {
    return this.#sha256 === null ? this.#left === 0 : this.#unkept === 0
  }

  /** Throws what went wrong. */
  check(): void {
    if (this.#error !== null) throw this.#error
  }

  /** Whether the block is written, here or in an earlier try. Should it turn out to be wrong, it is asked for once more. */
  has(index: number): boolean {
    return this.#stored[index] === 1
  }

  /** Takes a part. Throws TransferError for one that fits nowhere. */
  part(part: Part): void {
    this.came = true
    if (this.#taken[part.block] === 1) {
      this.#repeated(part)
      return
    }
    const block = this.#assembly.add(part)
    if (block === null) return
    this.#taken[part.block] = 1
    if (this.#theirs[part.block] !== undefined) this.#ahead--
    this.#work = this.#work
      .then(() => this.#store(part.block, block))
      .catch((error: unknown) => {
        this.#fail(error)
      })
  }

  /** Called when the sender begins again with what `has` does not know of. */
  resume(): void {
    this.#assembly.resume()
  }

  /** Called when these blocks begin in place of others of the same file, which were in flight. */
  replaceOther(): void {
    this.#assembly.replaceOther()
  }

  /** Takes the hash that the sender has of a block. */
  announce(index: number, hash: string): void {
    if (index >= this.#kept.length) {
      this.#fail(new TransferError('malformed'))
      return
    }
    if (this.#theirs[index] === undefined && this.#taken[index] === 0 && ++this.#ahead > AHEAD_MAX) {
      this.#fail(new TransferError('malformed'))
      return
    }
    this.#theirs[index] = hash
    this.#compare(index)
  }

  /** Computes the root; undefined where nobody checked. */
  async root(): Promise<string | undefined> {
    if (this.#sha256 === null) return undefined
    return rootOf(this.#sha256, this.#size, this.#ours as string[])
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    this.#error ??= new TransferError('cancelled')
    await this.#work
  }

  /** For a file that goes on later: resolves when the sink knows of all that is here. */
  async keepRest(): Promise<void> {
    await Promise.all(this.#hashing)
  }

  /** Acknowledges a block again that came again: its sender missed the first `ack`. */
  #repeated({ block, offset, payload }: Part): void {
    const isLast = offset + payload.byteLength === blockLength(this.#size, block)
    if (isLast && this.#stored[block] === 1) this.#events.acked(block)
  }

  async #store(index: number, block: Uint8Array<ArrayBuffer>): Promise<void> {
    this.check()
    const length = block.byteLength
    await this.#sink.write(index, block)
    this.#assembly.written(length)
    this.#count(index)
    this.#events.acked(index)
    this.#hashing.push(this.#hash(index, block))
    if (this.#hashing.length > HASHING_MAX) await this.#hashing.shift()
  }

  /** Hashes a block beside the writing, which it may trail. */
  async #hash(index: number, block: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      const hash = await this.#sha256?.(block, (memory) => {
        this.#assembly.reuse(memory)
      })
      this.#assembly.reuse(block.buffer)
      this.#ours[index] = hash
      if (hash !== undefined) this.#keep(index, hash)
      this.#compare(index)
      this.#events.wake()
    } catch (error) {
      this.#fail(error)
    }
  }

  /**
   * Has the sink keep the block. Hashes may come far behind the bytes, over a slower lane, and a crash must not cost more for it. So the block is kept as it
   * is here, and is not right before the sender has vouched for it, now or when it goes on: it tells every hash again then,
   * and where one differs all begins anew.
   */
  #keep(index: number, ours: string): void {
    const theirs = this.#theirs[index] ?? ours
    if (theirs !== ours || this.#safe[index] === 1) return
    this.#safe[index] = 1
    this.#sink.keep(index, ours)
  }

  #count(index: number): void {
    this.#taken[index] = 1
    this.#stored[index] = 1
    this.#left--
    this.#written += blockLength(this.#size, index)
  }

  #uncount(index: number): void {
    this.#taken[index] = 0
    this.#ours[index] = undefined
    this.#theirs[index] = undefined
    this.#stored[index] = 0
    this.#safe[index] = 0
    this.#left++
    this.#written -= blockLength(this.#size, index)
    this.#assembly.expectLate()
  }

  #compare(index: number): void {
    const ours = this.#ours[index]
    const theirs = this.#theirs[index]
    if (ours === undefined || theirs === undefined || this.#error !== null) return
    if (ours === theirs) {
      if (this.#kept[index] === 1) return
      this.#kept[index] = 1
      this.#unkept--
      this.#events.wake()
    } else this.#differs(index)
  }

  #differs(index: number): void {
    // From an earlier try, or right until now: the file is another one by now, and the two are never mixed.
    if (this.#sink.have[index] === this.#ours[index] || this.#kept[index] === 1) this.#fail(new Stale())
    else if (this.#wrongOnce.has(index)) this.#fail(new TransferError('corrupt'))
    else {
      this.#wrongOnce.add(index)
      this.#uncount(index)
      this.#events.again(index)
    }
  }

  #fail(error: unknown): void {
    this.#error ??= error instanceof Error ? error : new TransferError('failed')
    this.#events.wake()
  }
}

/**
 * Puts parts together to blocks. A block comes in order over one lane; when that lane breaks it comes again from its
 * start over another, while late parts may still follow: the bytes are the same, so whatever fits counts.
 */
export class BlockAssembly {
  readonly #size: number
  readonly #open = new Map<number, { readonly bytes: Uint8Array<ArrayBuffer>; filled: number }>()
  /** Of blocks that were written. */
  readonly #spare = new BufferPool(BLOCK_BYTES, CREDIT_BYTES / BLOCK_BYTES)
  /** Bytes of blocks that were begun and not written yet. */
  #held = 0
  /** Of those, what a sender no longer counts as in flight, since it began again. */
  #carried = 0
  /** Parts may follow of which the ones before are not here any more. */
  #resumed = false

  constructor(size: number) {
    this.#size = size
  }

  /** Returns the block that this part completes; null while it is not whole. Throws TransferError for a part that fits nowhere. */
  add({ block: index, offset, payload }: Part): Uint8Array<ArrayBuffer> | null {
    if (index >= blockCount(this.#size)) throw new TransferError('overrun')
    // Late, and of no use: its block will come whole.
    if (this.#resumed && offset > 0 && !this.#open.has(index)) return null
    const block = this.#open.get(index) ?? this.#begin(index)
    const end = offset + payload.byteLength
    if (end > block.bytes.byteLength) throw new TransferError('overrun')
    if (offset > block.filled) {
      if (!this.#resumed) throw new TransferError('malformed')
      return null
    }
    block.bytes.set(payload, offset)
    block.filled = Math.max(block.filled, end)
    if (block.filled < block.bytes.byteLength) return null
    this.#open.delete(index)
    return block.bytes
  }

  /** Counts bytes as written; the sender may send as many. */
  written(length: number): void {
    this.#held -= length
  }

  /** Takes memory back that nobody looks at any more. */
  reuse(memory: ArrayBuffer): void {
    this.#spare.giveBack(memory)
  }

  /** Called when the sender begins again with every block that is not whole. What is here stays: the bytes are the same. */
  resume(): void {
    this.expectLate()
    // Never more than one sender could rightly have in flight, however often it begins again.
    this.#carried = Math.min(this.#held, CREDIT_BYTES)
  }

  /** Called in place of another for the same file: what was in flight to that one may still come, from anywhere on. */
  replaceOther(): void {
    this.expectLate()
    this.#carried = CREDIT_BYTES
  }

  /** Lets parts follow of blocks that are no longer here. */
  expectLate(): void {
    this.#resumed = true
  }

  #begin(index: number): { readonly bytes: Uint8Array<ArrayBuffer>; filled: number } {
    const length = blockLength(this.#size, index)
    if (this.#held + length > CREDIT_BYTES + this.#carried) throw new TransferError('overrun')
    // A hasher may take the memory along, so a short block has its own.
    const bytes = length === BLOCK_BYTES ? this.#spare.take(length) : new Uint8Array(length)
    const block = { bytes, filled: 0 }
    this.#open.set(index, block)
    this.#held += length
    return block
  }
}
