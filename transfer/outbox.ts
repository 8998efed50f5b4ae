import { blockCount, blockLength } from '#protocol/blocks.ts'
import type { Lane } from './lane.ts'

/** Is told of every block that is given to a lane, and what becomes of it. */
export interface Flight {
  gave(lane: Lane, bytes: number): void
  /** It is written at the other end. */
  acked(lane: Lane, bytes: number): void
  /** It is not waited for any more. */
  dropped(lane: Lane, bytes: number): void
}

const NOBODY: Flight = { gave: () => undefined, acked: () => undefined, dropped: () => undefined }

interface Given {
  readonly lane: Lane
  readonly at: number
  /** The lanes that have it as well, and took too long. */
  readonly before: readonly Lane[]
}

/** Knows which blocks of a file the receiver has, which are in flight and over which lane, and which are to be sent. */
export class Outbox {
  readonly count: number
  readonly #size: number
  readonly #flight: Flight
  /** Blocks that are written at the receiver. */
  #done: Uint8Array
  readonly #given = new Map<number, Given>()
  /** Every block before this one is done or in flight. */
  #cursor = 0
  #acked = 0
  #left: number
  #underWay = 0
  /** Some of it was sent. */
  gave = false

  constructor(size: number, flight: Flight = NOBODY) {
    this.#size = size
    this.#flight = flight
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
    this.dropAll()
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

  /** Gives a block to a lane; one that another lane has as well, in place of that. */
  give(index: number, lane: Lane, at: number): void {
    this.gave = true
    const had = this.#given.get(index)
    this.#takeBack(index)
    const bytes = this.lengthOf(index)
    this.#given.set(index, { lane, at, before: had === undefined ? [] : [...had.before, had.lane] })
    this.#underWay += bytes
    this.#flight.gave(lane, bytes)
  }

  /** Bytes of a block. */
  lengthOf(index: number): number {
    return blockLength(this.#size, index)
  }

  laneOf(index: number): Lane | undefined {
    return this.#given.get(index)?.lane
  }

  /** Returns the block that other lanes have had for the longest, since before `at`, and this one never; null without any. */
  oldestElsewhere(lane: Lane, at: number): number | null {
    for (const [index, given] of this.#given)
      if (given.at < at && given.lane !== lane && !given.before.includes(lane)) return index
    return null
  }

  /** Takes back all that is in flight. */
  dropAll(): void {
    for (const index of [...this.#given.keys()]) this.#takeBack(index)
    this.#cursor = 0
  }

  /** Counts a block as written. It need not be in flight: it may have been, over a lane that broke after it had arrived. */
  ack(index: number): void {
    if (index >= this.count || this.#done[index] === 1) return
    this.#takeBack(index, true)
    this.#markDone(index)
  }

  /** Has a block sent that the receiver wants once more. */
  again(index: number): void {
    if (index >= this.count) return
    this.#takeBack(index)
    if (this.#done[index] === 1) {
      this.#done[index] = 0
      this.#left++
      this.#acked -= this.lengthOf(index)
    }
    this.#cursor = Math.min(this.#cursor, index)
  }

  /** Has all sent again that was in flight over this lane. */
  lost(lane: Lane): void {
    for (const [index, given] of [...this.#given]) if (given.lane === lane) this.again(index)
  }

  #isGiven(index: number): boolean {
    return this.#done[index] === 1 || this.#given.has(index)
  }

  #takeBack(index: number, isAcked = false): void {
    const given = this.#given.get(index)
    if (given === undefined) return
    this.#given.delete(index)
    const bytes = this.lengthOf(index)
    this.#underWay -= bytes
    if (isAcked) this.#flight.acked(given.lane, bytes)
    else this.#flight.dropped(given.lane, bytes)
  }

  #markDone(index: number): void {
    this.#done[index] = 1
    this.#left--
    this.#acked += this.lengthOf(index)
  }
}
