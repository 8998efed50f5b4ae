import { BLOCK_BYTES } from '#protocol/limits.ts'

/** Of all bytes, how many looks may cost; and the bytes that may be spent ahead of that. */
const SHARE = 0.02
const AHEAD_BYTES = 4 * BLOCK_BYTES
/**
 * Milliseconds from the end of one look to the next: at least, or so many times what the last one cost, up to a maximum. And
 * from the beginning of one to that of the next where something has changed.
 */
const EVERY_MS = { min: 2_000, max: 6_000 }
const COST_TIMES = 20
const AT_ONCE_MS = 500

/**
 * Bounds what is spent on looking at lanes that do not lead. A look costs what the leading lane would have delivered more:
 * nothing where the two have nothing in common, a good deal where they share a processor.
 */
export class LookBudget {
  readonly #now: () => number
  /** Bytes; below 0 only for what can't wait. */
  #allowance = AHEAD_BYTES
  #lookedAt = -Infinity
  #nextAt = 0
  /** What goes on: since when, the bytes that all lanes had delivered, and those that were given to the others since. */
  #look: { readonly at: number; readonly delivered: number; spent: number } | null = null
  /** What went on, and is not paid for yet: for how long, what all lanes delivered meanwhile, and the others were given. */
  #owed: { readonly tookMs: number; readonly delivered: number; readonly spent: number } | null = null

  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether there may be a look that nothing but time calls for. */
  get allows(): boolean {
    return this.#isPossible && this.#owed === null && this.#now() >= this.#nextAt && this.#allowance >= BLOCK_BYTES
  }

  /** Whether there may be a look that something calls for. */
  get allowsAtOnce(): boolean {
    return this.#isPossible && this.#allowance > -AHEAD_BYTES
  }

  get #isPossible(): boolean {
    return this.#now() - this.#lookedAt >= AT_ONCE_MS
  }

  earn(bytes: number): void {
    this.#allowance = Math.min(AHEAD_BYTES, this.#allowance + bytes * SHARE)
  }

  /** Another lane gets a block. `delivered`: bytes that all lanes have delivered, in all. */
  began(delivered: number): void {
    this.#lookedAt = this.#now()
    this.#look ??= { at: this.#lookedAt, delivered, spent: 0 }
  }

  spent(bytes: number): void {
    if (this.#look !== null) this.#look.spent += bytes
  }

  /** No other lane has blocks any more. Returns whether one had. */
  ended(delivered: number): boolean {
    const look = this.#look
    if (look === null) return false
    this.#look = null
    this.#owed = { tookMs: this.#now() - look.at, delivered: delivered - look.delivered, spent: look.spent }
    return true
  }

  /** Charges for the last look. `usual`: bytes a millisecond that the leading lane delivers alone. */
  charge(usual: number): void {
    const owed = this.#owed
    if (owed === null) return
    this.#owed = null
    const lostMs = Math.max(0, owed.tookMs - owed.delivered / usual)
    // What came over another lane without slowing the leading one is not lost.
    this.#allowance -= Math.min(owed.spent, lostMs * usual)
    this.#nextAt = this.#now() + Math.min(EVERY_MS.max, Math.max(EVERY_MS.min, lostMs * COST_TIMES))
  }

  /** Begins anew: another lane leads, or much may have changed. */
  renew(): void {
    this.#look = null
    this.#owed = null
    this.#allowance = AHEAD_BYTES
    this.#nextAt = this.#now() + EVERY_MS.min
  }
}
