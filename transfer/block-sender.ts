import { blockLength, encodePart } from '#protocol/blocks.ts'
import type { Frame } from '#protocol/frames.ts'
import { BLOCK_BYTES, BLOCK_HEADER_BYTES } from '#protocol/limits.ts'
import { BufferPool } from './buffer-pool.ts'
import { TransferError } from './errors.ts'
import { rootOf, type Sha256 } from './hashing.ts'
import type { Lane } from './lane.ts'
import type { LaneChoice } from './lane-choice.ts'
import { BlockOrders, type Order } from './block-orders.ts'
import { Outbox } from './outbox.ts'
import type { OpenSource } from './source.ts'
import type { Condition } from './concurrency.ts'

export interface BlockSenderPorts {
  readonly n: number
  /** Bytes of the file. */
  readonly size: number
  readonly sha256: Sha256
  /** Woken when anything changes; ends all waiting here when it fails. */
  readonly condition: Condition
  /** Says which lane a block is for, and hears what becomes of it. */
  readonly choice: LaneChoice
  /** Whether other files wait for this one. */
  othersWait(): boolean
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
/** Blocks whose memory is kept for the next ones: one that is read, one that is sent, and what the hasher hands back at once. */
const SPARE_BLOCKS_MAX = 4
/** Milliseconds between two looks at lanes that say nothing. */
const LOOK_EVERY_MS = 250

/** Sends the blocks of one file: reads them, sends them over whichever lane there is, hashes them beside. */
export class BlockSender {
  readonly outbox: Outbox
  readonly #ports: BlockSenderPorts
  readonly #orders: BlockOrders
  readonly #hashes: (string | undefined)[] = []
  /** Blocks whose hash the receiver of now knows. */
  #told = new Set<number>()
  #hashing = 0
  readonly #blocks = new BufferPool(BLOCK_BYTES, SPARE_BLOCKS_MAX)
  /** Lanes that are just being given a block. */
  readonly #handing = new Set<Lane>()
  /** Every frame is made here, one after the other: one for each length. */
  readonly #rooms = new Map<number, Uint8Array<ArrayBuffer>>()

  constructor(ports: BlockSenderPorts) {
    this.#ports = ports
    this.outbox = new Outbox(ports.size, ports.choice)
    this.#orders = new BlockOrders(this.outbox, ports.choice)
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
      await this.#untilOrder(over)
      const order = this.#order()
      if (order !== null && !over()) await this.#carryOut(order, open, ahead)
    }
  }

  /**
   * Resolves when there is something to send, or it is over. While blocks are in flight the lanes are looked at now and then:
   * one that stands still wakes nobody. A file that waits for a phone costs nothing.
   */
  async #untilOrder(over: () => boolean): Promise<void> {
    const { condition } = this.#ports
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = (): void => {
      timer = undefined
      condition.wake()
    }
    try {
      await condition.until(() => {
        if (over() || this.#order() !== null) return true
        if (this.outbox.underWay > 0 && this.#ports.mayGo()) timer ??= setTimeout(look, LOOK_EVERY_MS)
        return false
      })
    } finally {
      clearTimeout(timer)
    }
  }

  /** Reads a block and gives it to its lane, which takes it beside whatever other lanes are just being given. */
  async #carryOut({ index, isAgain }: Order, open: OpenSource, ahead: ReadAhead): Promise<void> {
    const block = isAgain ? await this.#read(open, index) : await ahead.take(index, this.outbox.after(index))
    // What is to be sent, and over which lane, may have changed while the disk was busy.
    const order = this.#order()
    if (order?.index === index) {
      this.#orders.give(order)
      void this.#handOver(order.lane, index, block)
    } else if (!isAgain) ahead.putBack(index, block)
  }

  async #handOver(lane: Lane, index: number, block: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#handing.add(lane)
    try {
      if (await this.#sendParts(lane, index, block)) void this.#hash(index, block)
    } catch {
      // All is over, which whoever waits for the blocks is told.
    }
    this.#handing.delete(lane)
    // The lanes have all of it. Not before: a crowd of files of one block each would share them, and the memory.
    if (this.outbox.next() === null && this.#handing.size === 0) this.#ports.idle()
    this.#ports.condition.wake()
  }

  /** Returns what can be sent now, and over which lane. */
  #order(): Order | null {
    if (!this.#ports.mayGo() || this.#hashing >= HASHING_MAX) return null
    return this.#orders.next(this.#handing, this.#ports.othersWait())
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

  async #read(open: OpenSource, index: number): Promise<Uint8Array<ArrayBuffer>> {
    const length = blockLength(this.#ports.size, index)
    const room = length === BLOCK_BYTES ? this.#blocks.take(length) : undefined
    const block = await open.read(index * BLOCK_BYTES, length, room)
    if (room !== undefined && block.buffer !== room.buffer) this.#blocks.giveBack(room.buffer)
    return block
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
    const room = this.#rooms.get(length) ?? new Uint8Array(length)
    this.#rooms.set(length, room)
    return room
  }

  async #hash(i: number, block: Uint8Array<ArrayBuffer>): Promise<void> {
    const { condition } = this.#ports
    this.#hashing++
    try {
      await this.#know(i, block)
      this.#tell(i)
    } catch (error) {
      condition.fail(error instanceof Error ? error : new TransferError('failed'))
    } finally {
      this.#hashing--
      condition.wake()
    }
  }

  /** Computes the hash of a block, whose memory is for others then. */
  async #know(i: number, block: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#hashes[i] ??= await this.#ports.sha256(block, (memory) => {
      this.#blocks.giveBack(memory)
    })
    this.#blocks.giveBack(block.buffer)
  }

  async #tellKnown(open: OpenSource, i: number): Promise<void> {
    if (this.#hashes[i] === undefined) await this.#know(i, await this.#read(open, i))
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
