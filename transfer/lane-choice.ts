import type { LaneWish } from '#protocol/frames.ts'
import type { Lane, LaneKind } from './lane.ts'

/** Bytes. Smaller blocks say more about the round trip than about the lane. */
const WORTH_BYTES = 524_288
/** Blocks that each lane gets to show what it can, and the milliseconds after which the next one has its turn. */
const BLOCKS_EACH = 5
const TURN_MS = 350
/**
 * Milliseconds after which a choice is made of what is known, within the first second of the first large file; and after which
 * it is made all the same where one lane has shown nothing yet, since its turn came late or all are slow.
 */
const DECIDE_MS = 900
const DECIDE_LATEST_MS = 3_000

interface Run {
  readonly lane: Lane
  given: number
  startedAt: number
  acks: number
  bytes: number
  firstAt: number
  lastAt: number
}

const freshRun = (lane: Lane): Run => ({ lane, given: 0, startedAt: 0, acks: 0, bytes: 0, firstAt: 0, lastAt: 0 })

/** Bytes a millisecond between the first block that arrived and the last, or 0 while there are no two. */
const paceOf = ({ acks, bytes, firstAt, lastAt }: Run): number => (acks < 2 ? 0 : bytes / Math.max(1, lastAt - firstAt))

/**
 * Which of several lanes the bytes of files go over. Each gets a few blocks of the first large file; the faster one gets
 * the rest, and all that comes after it. Which is faster depends on the phone's processor, its browser and the network.
 */
export class LaneChoice {
  #wish: LaneWish = 'auto'
  #runs: Run[] = []
  #startedAt = 0
  /** Found faster; it holds for the next lane of that kind too. */
  #best: LaneKind | null = null
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  set wish(wish: LaneWish) {
    this.#wish = wish
  }

  /** The one that is wished for, or was found faster; undefined while neither is known, or it is not there. */
  settled(lanes: readonly Lane[]): Lane | undefined {
    return lanes.find(({ kind }) => kind === (this.#wish === 'auto' ? this.#best : this.#wish))
  }

  /** The lane for the next block, of `lanes` in the order in which they came. Null without any. */
  pick(lanes: readonly Lane[], bytes: number): Lane | null {
    const [first, second] = lanes
    if (first === undefined) return null
    const settled = this.settled(lanes)
    if (settled !== undefined) return settled
    if (second === undefined || this.#wish !== 'auto' || bytes < WORTH_BYTES) return first
    return this.#tryNext(lanes)
  }

  /** A block that went over the lane is written at the other end. */
  acked(lane: Lane, bytes: number): void {
    const run = this.#runs.find((one) => one.lane === lane)
    if (run === undefined || this.#best !== null || bytes < WORTH_BYTES) return
    run.lastAt = this.#now()
    // What came with the first one was under way before the clock started.
    if (run.acks++ === 0) run.firstAt = run.lastAt
    else run.bytes += bytes
    if (this.#runs.every(({ acks }) => acks >= BLOCKS_EACH)) this.#decide()
  }

  #tryNext(lanes: readonly Lane[]): Lane {
    if (this.#runs.length !== lanes.length || this.#runs.some(({ lane }, i) => lane !== lanes[i])) {
      this.#runs = lanes.map(freshRun)
      this.#startedAt = this.#now()
    }
    const now = this.#now()
    if (this.#isTime(now - this.#startedAt)) return this.#decide()
    const run = this.#runs.find((one) => one.given < BLOCKS_EACH && (one.given === 0 || now - one.startedAt < TURN_MS))
    const next = run ?? this.#leader()
    if (next.given++ === 0) next.startedAt = now
    return next.lane
  }

  #isTime(passed: number): boolean {
    const isKnown = ({ acks }: Run): boolean => acks >= 2
    return (
      passed >= DECIDE_MS && (this.#runs.every(isKnown) || (passed >= DECIDE_LATEST_MS && this.#runs.some(isKnown)))
    )
  }

  #leader(): Run {
    return this.#runs.reduce((best, one) => (paceOf(one) > paceOf(best) ? one : best))
  }

  #decide(): Lane {
    const { lane } = this.#leader()
    this.#best = lane.kind
    return lane
  }
}
