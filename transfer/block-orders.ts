import { BLOCK_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import type { LaneChoice } from './lane-choice.ts'
import type { Lane } from './lane.ts'
import type { Outbox } from './outbox.ts'

/**
 * Milliseconds for which a block that is on its way over another lane is waited for when nothing else is left to be sent: at
 * least, or so many times what a block takes over this one; and where nothing is known of that.
 */
const PATIENCE_MS = 300
const PATIENCE_TIMES = 3
const PATIENCE_UNKNOWN_MS = 1_000
/** The same where more is left to be sent, but no credit: so many times what the other lane should need for all that it has. */
const EXPECTED_TIMES = 2

/** A block and the lane that it is for. */
export interface Order {
  readonly index: number
  readonly lane: Lane
  /** Another lane has it as well, and takes too long. */
  readonly isAgain: boolean
}

/**
 * Says which block of a file goes next and over which lane, as far as the receiver's credit allows. When nothing else is left,
 * or no credit, what another lane takes too long for goes once more: a lane that stands still must not hold up the end.
 */
export class BlockOrders {
  readonly #outbox: Outbox
  readonly #choice: LaneChoice
  readonly #now: () => number

  constructor(outbox: Outbox, choice: LaneChoice, now: () => number = () => performance.now()) {
    this.#outbox = outbox
    this.#choice = choice
    this.#now = now
  }

  /** Null: nothing now. `busy`: lanes that take no block yet; `othersWait`: other files are to be sent after this one. */
  next(busy: ReadonlySet<Lane>, othersWait: boolean): Order | null {
    const outbox = this.#outbox
    const choice = this.#choice
    const isLeft = outbox.next() !== null
    const next = this.#hasCredit ? outbox.next() : null
    for (const lane of choice.ranked) {
      const index = busy.has(lane) ? null : (next ?? this.#late(lane, isLeft))
      if (index === null) continue
      const left = othersWait ? Infinity : outbox.count - index - 1
      const isOnly = lane === choice.leader && outbox.underWay === 0
      if (isOnly || choice.wants(lane, outbox.lengthOf(index), left)) return { index, lane, isAgain: next === null }
    }
    return null
  }

  give({ index, lane }: Order): void {
    this.#outbox.give(index, lane, this.#now())
  }

  get #hasCredit(): boolean {
    const { underWay } = this.#outbox
    return underWay === 0 || underWay + BLOCK_BYTES <= CREDIT_BYTES
  }

  /** Returns the block that another lane than this one has had for too long; null without any. `isLeft`: more is to be sent. */
  #late(lane: Lane, isLeft: boolean): number | null {
    const choice = this.#choice
    const rate = choice.rateOf(lane)
    const patience = rate === 0 ? PATIENCE_UNKNOWN_MS : Math.max(PATIENCE_MS, (PATIENCE_TIMES * BLOCK_BYTES) / rate)
    // This lane has credit of its own while the other one takes its time: sending twice what is coming would slow both.
    const others = isLeft ? choice.ranked.filter((other) => other !== lane) : []
    const expected = Math.max(0, ...others.map((other) => choice.expectedMsOf(other)))
    return this.#outbox.oldestElsewhere(lane, this.#now() - Math.max(patience, EXPECTED_TIMES * expected))
  }
}
