import { blockCount, blockLength, encodePart } from '#protocol/blocks.ts'
import type { Frame } from '#protocol/frames.ts'
import { BLOCK_BYTES, BLOCK_HEADER_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { TransferError } from './errors.ts'
import { rootOf, type Sha256 } from './hashing.ts'
import type { Lane } from './lane.ts'
import type { OpenSource } from './source.ts'
import type { Condition } from './concurrency.ts'

export interface BlockSenderPorts {
  readonly n: number
  /** Bytes of the file. */
  readonly size: number
  readonly sha256: Sha256
  /** Woken when anything changes; ends all waiting here when it fails. */
  readonly condition: Condition
  /** The lane for a block of so many bytes; null while there is none. */
  forBlock(bytes: number): Lane | null
  /** The receiver's answer to the last offer has come, and nothing pauses the file. */
  mayGo(): boolean
  /** As `mayGo`, but a pause does not matter: the receiver knows what frames about blocks mean. */
  mayTell(): boolean
  /** The receiver has sent `done`. */
  isOver(): boolean
  frame(frame: Frame): void
  /** Every block is there or in flight. */
  idle(): void
}

/**
 * Blocks whose hash is not there yet. Hashing runs beside the lane and may trail it, but each of these blocks is held in
 * memory: a phone that hashes more slowly than it sends must not collect the whole file.
 */
const HASHING_MAX = 16

/** Sends the blocks of one file: reads them, sends them over whichever lane there is, hashes them beside. */
export class BlockSender {
  readonly outbox: Outbox
  readonly #ports: BlockSenderPorts
  readonly #hashes: (string | undefined)[] = []
  /** Blocks whose hash the receiver of now knows. */
  #told = new Set<number>()
  #hashing = 0
  /** Every frame is made here, one after the other. */
  #room = new Uint8Array(0)

  constructor(ports: BlockSenderPorts) {
    this.#ports = ports
    this.outbox = new Outbox(ports.size)
  }

  /** Another object each time that the receiver says what it has. */
  get round(): ReadonlySet<number> {
    return this.#told
  }

  /** Begins with what the receiver says that it has: all else goes (again). `dropped`: also what is in flight. */
  restart(has: (index: number) => boolean, dropped: boolean): void {
    if (dropped) this.outbox.restart(has)
    else this.outbox.update(has)
    this.#told = new Set()
  }

  /** Sends a block again that the receiver wants once more. */
  again(index: number): void {
    if (index >= this.outbox.count) return
    this.#hashes[index] = undefined
    this.#told.delete(index)
    this.outbox.again(index)
  }

  root(): Promise<string> {
    return rootOf(this.#ports.sha256, this.#ports.size, this.#hashes as string[])
  }

  /** Resolves when every block is acknowledged, or all is over, whatever becomes of lanes meanwhile. */
  async sendMissing(open: OpenSource): Promise<void> {
    const over = (): boolean => this.outbox.allAcked || this.#ports.isOver()
    const ahead = new ReadAhead((index) => this.#read(open, index))
    while (!over()) {
      await this.#ports.condition.until(() => over() || (this.outbox.next() !== null && this.#maySend()))
      const index = this.outbox.next()
      if (index === null || over()) continue
      const block = await ahead.take(index, this.outbox.after(index))
      const lane = this.#ports.forBlock(block.byteLength)
      // What is to be sent may have changed while the disk was busy.
      if (lane === null || this.outbox.next() !== index || !this.#maySend()) {
        ahead.putBack(index, block)
        continue
      }
      this.outbox.give(index, lane)
      if (await this.#sendParts(lane, index, block)) void this.#hash(index, block)
      // The lane has all of it. Not before: a crowd of files of one block each would share the lane, and the memory.
      if (this.outbox.next() === null) this.#ports.idle()
    }
  }

  /** Tells the hashes of the first and the last block that the receiver has: most changes of a file show there. */
  async probe(open: OpenSource): Promise<void> {
    const ends = new Set([this.outbox.firstDone, this.outbox.lastDone])
    for (const i of ends) if (i !== null) await this.#tellKnown(open, i)
  }

  /** Tells the hashes of blocks that the receiver had. False when some block is missing again. */
  async hashRest(open: OpenSource): Promise<boolean> {
    await this.#ports.condition.until(() => this.#hashing === 0)
    for (let i = 0; i < this.outbox.count; i++) {
      if (!this.outbox.allAcked || this.#ports.isOver()) return false
      await this.#tellKnown(open, i)
    }
    return this.outbox.allAcked
  }

  #maySend(): boolean {
    const { underWay } = this.outbox
    const hasCredit = underWay === 0 || underWay + BLOCK_BYTES <= CREDIT_BYTES
    return this.#ports.mayGo() && hasCredit && this.#hashing < HASHING_MAX
  }

  #read(open: OpenSource, index: number): Promise<Uint8Array<ArrayBuffer>> {
    return open.read(index * BLOCK_BYTES, blockLength(this.#ports.size, index))
  }

  /** Sends a block. Returns false when it was taken back half-way: its lane is gone. */
  async #sendParts(lane: Lane, block: number, bytes: Uint8Array): Promise<boolean> {
    const { n, condition } = this.#ports
    const room = this.#roomFor(lane)
    const step = room.byteLength - BLOCK_HEADER_BYTES
    for (let offset = 0; offset < bytes.byteLength; offset += step) {
      await condition.pass(lane.ready())
      if (this.outbox.laneOf(block) !== lane) return false
      lane.send(encodePart({ n, block, offset, payload: bytes.subarray(offset, offset + step) }, room))
    }
    return true
  }

  #roomFor({ maxMessage }: Lane): Uint8Array<ArrayBuffer> {
    const length = Math.min(maxMessage, BLOCK_HEADER_BYTES + Math.min(BLOCK_BYTES, this.#ports.size))
    if (this.#room.byteLength !== length) this.#room = new Uint8Array(length)
    return this.#room
  }

  async #hash(i: number, block: Uint8Array<ArrayBuffer>): Promise<void> {
    const { sha256, condition } = this.#ports
    this.#hashing++
    try {
      this.#hashes[i] ??= await sha256(block)
      this.#tell(i)
    } catch (error) {
      condition.fail(error instanceof Error ? error : new TransferError('failed'))
    } finally {
      this.#hashing--
      condition.wake()
    }
  }

  async #tellKnown(open: OpenSource, i: number): Promise<void> {
    this.#hashes[i] ??= await this.#ports.sha256(await this.#read(open, i))
    this.#ports.condition.check()
    this.#tell(i)
  }

  /** Tells a hash, but not to a receiver that has not answered yet: it would not know of what. All are told before `end`. */
  #tell(i: number): void {
    const hash = this.#hashes[i]
    if (hash === undefined || !this.#ports.mayTell() || this.#told.has(i)) return
    this.#told.add(i)
    this.#ports.frame({ t: 'block', n: this.#ports.n, i, hash })
  }
}

/** Reads one block ahead, so that the lane never waits for the disk. */
class ReadAhead {
  readonly #read: (index: number) => Promise<Uint8Array<ArrayBuffer>>
  #next: { readonly index: number; readonly block: Promise<Uint8Array<ArrayBuffer>> } | null = null

  constructor(read: (index: number) => Promise<Uint8Array<ArrayBuffer>>) {
    this.#read = read
  }

  take(index: number, following: number | null): Promise<Uint8Array<ArrayBuffer>> {
    const block = this.#next?.index === index ? this.#next.block : this.#read(index)
    this.#next = following === null ? null : { index: following, block: this.#read(following) }
    this.#next?.block.catch(() => undefined) // told when its turn comes, unless all is over before it
    return block
  }

  /** Takes a block back that was read, and not sent after all. */
  putBack(index: number, block: Uint8Array<ArrayBuffer>): void {
    this.#next = { index, block: Promise.resolve(block) }
  }
}

/** Knows which blocks of a file the receiver has, which are in flight and over which lane, and which are to be sent. */
export class Outbox {
  readonly count: number
  readonly #size: number
  /** Blocks that are written at the receiver. */
  #done: Uint8Array
  readonly #lanes = new Map<number, Lane>()
  /** Every block before this one is done or in flight. */
  #cursor = 0
  #acked = 0
  #left: number
  #underWay = 0
  /** Some of it was sent. */
  gave = false

  constructor(size: number) {
    this.#size = size
    this.count = blockCount(size)
    this.#done = new Uint8Array(this.count)
    this.#left = this.count
  }

  /** Bytes that are written at the receiver. */
  get acked(): number {
    return this.#acked
  }

  get allAcked(): boolean {
    return this.#left === 0
  }

  /** Bytes sent and not acknowledged. */
  get underWay(): number {
    return this.#underWay
  }

  /** Returns the first block to be sent; null when all are there or in flight. */
  next(): number | null {
    while (this.#cursor < this.count && this.#isGiven(this.#cursor)) this.#cursor++
    return this.#cursor < this.count ? this.#cursor : null
  }

  /** Returns the block to be sent after `index`. */
  after(index: number): number | null {
    for (let i = index + 1; i < this.count; i++) if (!this.#isGiven(i)) return i
    return null
  }

  get firstDone(): number | null {
    const at = this.#done.indexOf(1)
    return at < 0 ? null : at
  }

  get lastDone(): number | null {
    const at = this.#done.lastIndexOf(1)
    return at < 0 ? null : at
  }

  /** Begins with what the receiver has: all else goes (again), also what is in flight. */
  restart(has: (index: number) => boolean): void {
    this.#lanes.clear()
    this.#underWay = 0
    this.#acked = 0
    this.#cursor = 0
    this.#left = this.count
    this.#done = new Uint8Array(this.count)
    for (let i = 0; i < this.count; i++) if (has(i)) this.#markDone(i)
  }

  /** Goes on with what the receiver has, which has lost nothing that is in flight. */
  update(has: (index: number) => boolean): void {
    for (let i = 0; i < this.count; i++) {
      if (has(i)) this.ack(i)
      else if (this.#done[i] === 1) {
        // Thrown away, and what was in flight with it.
        this.restart(has)
        return
      }
    }
  }

  give(index: number, lane: Lane): void {
    this.gave = true
    this.#lanes.set(index, lane)
    this.#underWay += blockLength(this.#size, index)
  }

  laneOf(index: number): Lane | undefined {
    return this.#lanes.get(index)
  }

  /**
   * Counts a block as written. Returns the lane that it went over; null for one that is not in flight: it may have been, over a
   * lane that broke after it had arrived.
   */
  ack(index: number): Lane | null {
    if (index >= this.count || this.#done[index] === 1) return null
    const lane = this.#lanes.get(index) ?? null
    this.#takeBack(index)
    this.#markDone(index)
    return lane
  }

  /** Has a block sent that the receiver wants once more. */
  again(index: number): void {
    if (index >= this.count) return
    this.#takeBack(index)
    if (this.#done[index] === 1) {
      this.#done[index] = 0
      this.#left++
      this.#acked -= blockLength(this.#size, index)
    }
    this.#cursor = Math.min(this.#cursor, index)
  }

  /** Has all sent again that was in flight over this lane. */
  lost(lane: Lane): void {
    for (const [index, over] of [...this.#lanes]) if (over === lane) this.again(index)
  }

  #isGiven(index: number): boolean {
    return this.#done[index] === 1 || this.#lanes.has(index)
  }

  #takeBack(index: number): void {
    if (this.#lanes.delete(index)) this.#underWay -= blockLength(this.#size, index)
  }

  #markDone(index: number): void {
    this.#done[index] = 1
    this.#left--
    this.#acked += blockLength(this.#size, index)
  }
}
