import { blockCount, blockLength } from '#protocol/blocks.ts'
import type { Lane } from './lane.ts'

/** Which blocks of a file the receiver has, which are under way and over which lane, and which are to be sent. */
export class Outbox {
  readonly count: number
  readonly #size: number
  /** Blocks that are written at the receiver. */
  #done: Uint8Array
  readonly #lanes = new Map<number, Lane>()
  /** Every block before this one is done or under way. */
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

  /** The first block to be sent; null when all are there or under way. */
  next(): number | null {
    while (this.#cursor < this.count && this.#isGiven(this.#cursor)) this.#cursor++
    return this.#cursor < this.count ? this.#cursor : null
  }

  /** The one to be sent after it. */
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

  /** The receiver says what it has: all else goes (again), also what is under way. */
  restart(has: (index: number) => boolean): void {
    this.#lanes.clear()
    this.#underWay = 0
    this.#acked = 0
    this.#cursor = 0
    this.#left = this.count
    this.#done = new Uint8Array(this.count)
    for (let i = 0; i < this.count; i++) if (has(i)) this.#markDone(i)
  }

  /** The receiver says what it has, and has let go of nothing that is under way. */
  update(has: (index: number) => boolean): void {
    for (let i = 0; i < this.count; i++) {
      if (has(i)) this.ack(i)
      else if (this.#done[i] === 1) {
        // Thrown away, and what was under way with it.
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
   * It is written there. Returns the lane that it went over; null for one that is not under way: it may have been, over a
   * lane that broke after it had arrived.
   */
  ack(index: number): Lane | null {
    if (index >= this.count || this.#done[index] === 1) return null
    const lane = this.#lanes.get(index) ?? null
    this.#takeBack(index)
    this.#markDone(index)
    return lane
  }

  /** The receiver wants it once more. */
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

  /** What was under way over this lane is to be sent again. */
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
