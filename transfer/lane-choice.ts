import type { LaneWish } from '#protocol/frames.ts'
import type { Lane, LaneKind } from './lane.ts'

/** Bytes. Smaller blocks say more about the round trip than about the lane. */
const WORTH_BYTES = 524_288
/** Blocks that each lane gets to show what it can, and the milliseconds after which the next one has its turn. */
const BLOCKS_EACH = 5
const TURN_MS = 350
/**
 * Milliseconds after which a choice is made of what is known, within the first second of the first large file; and, from the
 * beginning of the last lane's turn, after which it is made all the same where one has shown nothing yet.
 */
const DECIDE_MS = 900
const DECIDE_LATEST_MS = 3_000

interface Run {
  readonly lane: Lane
  given: number
  startedAt: number
  acks: number
  bytes: number
  /** Milliseconds, up to the last block that arrived, in which it had something to do; and since when it has. */
  busyMs: number
  busySince: number
}

const freshRun = (lane: Lane): Run => ({ lane, given: 0, startedAt: 0, acks: 0, bytes: 0, busyMs: 0, busySince: 0 })

const isKnown = ({ acks }: Run): boolean => acks >= 2

/**
 * Bytes a millisecond, or 0 while no two blocks arrived. Of all the time that it was busy, not of that between blocks: after
 * a stall several arrive at once.
 */
const paceOf = (run: Run): number => (isKnown(run) ? run.bytes / Math.max(1, run.busyMs) : 0)

/**
 * Chooses which of several lanes the bytes of files go over. Each gets a few blocks of the first large file; the faster one gets
 * the rest, and all that comes after it. Which is faster depends on the phone's processor, its browser and the network.
 */
export class LaneChoice {
  #wish: LaneWish = 'auto'
  #runs: Run[] = []
  /** Found faster; it holds for the next lane of that kind too. */
  #best: LaneKind | null = null
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  set wish(wish: LaneWish) {
    this.#wish = wish
  }

  /** Returns the lane that is wished for, or was found faster; undefined while neither is known, or it is not there. */
  settled(lanes: readonly Lane[]): Lane | undefined {
    return lanes.find(({ kind }) => kind === (this.#wish === 'auto' ? this.#best : this.#wish))
  }

  /** Returns the lane for the next block, of `lanes` in the order in which they came. Null without any. */
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
    // It was given before this run.
    if (run.acks === run.given) return
    const now = this.#now()
    run.acks++
    run.bytes += bytes
    run.busyMs += now - run.busySince
    run.busySince = now
    if (this.#runs.every(({ acks }) => acks >= BLOCKS_EACH)) this.#decide()
  }

  #tryNext(lanes: readonly Lane[]): Lane {
    if (this.#runs.length !== lanes.length || this.#runs.some(({ lane }, i) => lane !== lanes[i]))
      this.#runs = lanes.map(freshRun)
    const now = this.#now()
    if (this.#isTime(now)) return this.#decide()
    // What is idle may go on: its turn ended with a file, not with its time.
    const hasTurn = (one: Run): boolean => one.given === one.acks || now - one.startedAt < TURN_MS
    const next = this.#runs.find((one) => one.given < BLOCKS_EACH && hasTurn(one)) ?? this.#leader()
    if (next.given === 0) next.startedAt = now
    if (next.given++ === next.acks) next.busySince = now
    return next.lane
  }

  #isTime(now: number): boolean {
    if (this.#runs.some(({ given }) => given === 0)) return false
    const starts = this.#runs.map(({ startedAt }) => startedAt)
    if (now - Math.min(...starts) < DECIDE_MS) return false
    const isLate = now - Math.max(...starts) >= DECIDE_LATEST_MS
    return isLate ? this.#runs.some(isKnown) : this.#runs.every(isKnown)
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
