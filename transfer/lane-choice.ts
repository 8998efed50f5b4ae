import type { LaneWish } from '#protocol/frames.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { LanePace } from './lane-pace.ts'
import type { Lane, LaneKind } from './lane.ts'
import { LookBudget } from './look-budget.ts'

/** Bytes. Smaller blocks say more about the round trip than about the lane: they go where the large ones go. */
const WORTH_BYTES = 131_072
/**
 * Blocks that a lane may have on its way: what it delivers in so many milliseconds, and two more, up to a maximum. That covers
 * a round trip of 100 ms at 60 MB/s, leaves two blocks of a file's credit to the other lane, and a lane that proves slow holds
 * few. In a race it is less, and as many for both.
 */
const AHEAD_MS = 600
const AHEAD_BLOCKS = { first: 4, more: 3, max: 6, race: 4 }
/** Milliseconds after which whoever has more wins a race; before, who has three blocks and twice as much as the other. */
const RACE_MS = 1_000
const WON_BYTES = 3 * BLOCK_BYTES
const RACE_BYTES_MIN = 2 * BLOCK_BYTES
/** Blocks that the leading lane delivers with nothing beside it until its pace is known. */
const KNOWN_BYTES = 3 * BLOCK_BYTES
/** Bytes that go over the kind of lane that is mostly faster, or milliseconds, before there is a look at the other. */
const FIRST_BYTES = 4 * BLOCK_BYTES
const FIRST_MS = 500
/** Milliseconds after a rest until then, where the leading lane does as well as before, and the other one had not won. */
const AGAIN_MS = 1_000
/** Blocks that must be left after a look, unless the leading lane stands still: else a slower lane would have the last ones. */
const LEFT_MIN = 3
/** The same where nothing but time calls for it, and blocks that come before: a short file is over before anything is won. */
const LEFT_OF_LONG = 8
/** Milliseconds without an acknowledgement that are a stall. */
const STALL_MS = 700
/** Milliseconds after which what is known of a lane that was not used is known no more. */
const REMEMBER_MS = 10_000
/** How many times better another lane must look than the leading one for a race; and be in it, to take its place. */
const BETTER = 1.2
const MORE = 1.1
/** Milliseconds of a look that may be nothing but the way there and back, and an acknowledgement that waits for a busy page. */
const LATENCY_MS = 200
/** Of the time since a mark, how much a lane must have been busy for what it delivered to say something. */
const BUSY_SHARE = 0.7

/** What a lane had delivered at a moment, and for how long it had been busy. */
interface Mark {
  readonly at: number
  readonly delivered: number
  readonly busyMs: number
}

/** One block that another lane has, beside the leading one. */
interface Look {
  readonly lane: Lane
  readonly leader: Lane
  readonly before: Mark
  readonly bytes: number
  /** Bytes a millisecond of the other lane, as far as they were known before; 0 = not any more. */
  readonly wasRate: number
}

export interface LaneChoiceEvents {
  /** Another lane leads. */
  onLead(): void
  /** A block is given to some lane. */
  onGave(): void
}

/**
 * Chooses which of several lanes the blocks of files go over. Which is faster depends on the phone's processor, its browser
 * and the network, and may change at any moment. So one lane leads, and now and then another one gets a block beside it:
 * who gets more through in the meantime is known without measuring a block, whatever stalls or is acknowledged late. Where
 * that is not clear both pull for a moment. What such looks cost is measured too, and bounds them (LookBudget).
 */
export class LaneChoice {
  #wish: LaneWish = 'auto'
  /** Found to lead; it holds for the next lane of that kind too. */
  #best: LaneKind | null = null
  readonly #paces = new WeakMap<Lane, LanePace>()
  /** Lanes that had a block since the last long rest. */
  #tried = new WeakSet<Lane>()
  /** Lanes that were not better when they had one, whenever that was. */
  readonly #notBetter = new WeakSet<Lane>()
  #look: Look | null = null
  #race: Map<Lane, Mark> | null = null
  readonly #budget: LookBudget
  /** Bytes a millisecond that the leading lane delivers alone; 0 while nothing is known. */
  #usual = 0
  /** It is to be learnt anew. */
  #isOld = true
  /** What it delivered alone before the last long rest. */
  #usualBefore = 0
  /** The leading lane when it last had nothing to do. */
  #rested: Mark = { at: 0, delivered: 0, busyMs: 0 }
  /** The same after its last long rest. */
  #awoke: Mark = { at: 0, delivered: 0, busyMs: 0 }
  /** What the leading lane had delivered when another one was last busy beside it. */
  #cleanFrom = 0
  readonly #lanes: () => readonly Lane[]
  readonly #events: LaneChoiceEvents
  readonly #now: () => number

  /** `lanes`: those that are open, in the order in which they came. */
  constructor(lanes: () => readonly Lane[], events: LaneChoiceEvents, now: () => number = () => performance.now()) {
    this.#lanes = lanes
    this.#events = events
    this.#now = now
    this.#budget = new LookBudget(now)
  }

  set wish(wish: LaneWish) {
    this.#wish = wish
    this.#race = null
    this.#look = null
  }

  /** The lane that leads: wished for, found faster, or, while nothing is known, the one that mostly is. Null without any. */
  get leader(): Lane | null {
    const lanes = this.#lanes()
    const wished = this.#wish === 'auto' ? undefined : lanes.find(({ kind }) => kind === this.#wish)
    const best = wished ?? lanes.find(({ kind }) => kind === this.#best)
    return best ?? lanes.find(({ kind }) => kind === 'socket') ?? lanes[0] ?? null
  }

  /** All lanes, the leading one first. */
  get ranked(): readonly Lane[] {
    const { leader } = this
    return leader === null ? [] : [leader, ...this.#lanes().filter((lane) => lane !== leader)]
  }

  /** Bytes a millisecond that the lane delivers; 0 while nothing is known. */
  rateOf(lane: Lane): number {
    return this.#paceOf(lane).rate
  }

  /** Milliseconds that what is on its way over the lane should take; 0 = not known. */
  expectedMsOf(lane: Lane): number {
    return this.#paceOf(lane).expectedMs
  }

  /** Whether the lane is to have a block of so many bytes now; `left`: blocks that are to be sent after it. */
  wants(lane: Lane, bytes: number, left: number): boolean {
    if (bytes < WORTH_BYTES) return lane === this.leader
    this.#judgeRace()
    const { leader } = this
    if (leader === null) return false
    const { underWay } = this.#paceOf(lane)
    if (this.#race !== null) return underWay + bytes <= this.#aheadOf(lane, AHEAD_BLOCKS.race)
    if (lane === leader) return underWay + bytes <= this.#aheadOf(lane, AHEAD_BLOCKS.max)
    return leader.kind !== this.#wish && this.#isLookDue(lane, leader, left)
  }

  /** A block is given to the lane. */
  gave(lane: Lane, bytes: number): void {
    this.#events.onGave()
    if (bytes < WORTH_BYTES) return
    const pace = this.#paceOf(lane)
    const { leader } = this
    if (lane === leader) this.#begin(pace)
    else if (leader !== null) this.#beside(lane, leader, bytes)
    pace.gave(bytes)
  }

  /** A block that went over the lane is written at the other end. */
  acked(lane: Lane, bytes: number): void {
    if (bytes < WORTH_BYTES) return
    this.#paceOf(lane).acked(bytes)
    this.#budget.earn(bytes)
    if (lane === this.leader) this.#best ??= lane.kind
    if (this.#race !== null) this.#judgeRace()
    else if (this.#look !== null) this.#judgeLook(this.#look, lane)
    this.#settle()
  }

  /** A block is on its way over the lane no longer, and what became of it is not known. */
  dropped(lane: Lane, bytes: number): void {
    if (bytes < WORTH_BYTES) return
    this.#paceOf(lane).dropped(bytes)
    if (this.#look?.lane === lane) this.#look = null
    this.#settle()
  }

  #paceOf(lane: Lane): LanePace {
    const known = this.#paces.get(lane)
    if (known !== undefined) return known
    const pace = new LanePace(this.#now)
    this.#paces.set(lane, pace)
    return pace
  }

  #markOf(lane: Lane): Mark {
    const { delivered, busyMs } = this.#paceOf(lane)
    return { at: this.#now(), delivered, busyMs }
  }

  #aheadOf(lane: Lane, max: number): number {
    const { rate } = this.#paceOf(lane)
    const blocks = rate === 0 ? AHEAD_BLOCKS.first : AHEAD_BLOCKS.more + (rate * AHEAD_MS) / BLOCK_BYTES
    return Math.min(max, blocks) * BLOCK_BYTES
  }

  /** Notes that the leading lane has something to do; forgets, after a long rest, what may have changed meanwhile. */
  #begin(pace: LanePace): void {
    if (pace.isBusy) return
    this.#rested = { at: this.#now(), delivered: pace.delivered, busyMs: pace.busyMs }
    if (this.#now() - pace.deliveredAt < REMEMBER_MS) return
    this.#awoke = this.#rested
    if (this.#usual > 0) this.#usualBefore = this.#usual
    this.#usual = 0
    this.#isOld = true
    this.#cleanFrom = pace.delivered
    this.#tried = new WeakSet()
    this.#budget.renew()
  }

  #isLookDue(lane: Lane, leader: Lane, left: number): boolean {
    const other = this.#paceOf(lane)
    if (this.#look !== null || other.isBusy) return false
    const pace = this.#paceOf(leader)
    if (pace.isStalled(STALL_MS)) return this.#budget.allowsAtOnce
    if (left < LEFT_MIN) return false
    if (this.#tried.has(lane) ? this.#hasChanged(pace, other) : this.#isReady(lane, pace, left))
      return this.#budget.allowsAtOnce
    const isLong = left >= LEFT_OF_LONG && pace.delivered - this.#rested.delivered >= KNOWN_BYTES
    return this.#tried.has(lane) && isLong && this.#budget.allows
  }

  /** Whether a lane that was not tried is to be now: at once, unless it is of the kind that is mostly slower, or was not better. */
  #isReady(lane: Lane, leading: LanePace, left: number): boolean {
    const bytes = leading.delivered - this.#awoke.delivered
    const ms = leading.busyMs - this.#awoke.busyMs
    const wasWorse = this.#notBetter.has(lane) && this.#usualBefore > 0
    if (!wasWorse && lane.kind === 'socket') return true
    if (bytes < FIRST_BYTES && ms < FIRST_MS) return false
    const isAsBefore = bytes / ms > this.#usualBefore / 2
    return !wasWorse || !isAsBefore || (ms >= AGAIN_MS && left >= LEFT_OF_LONG)
  }

  /** Whether the leading lane is no longer what it was when the two were compared, or no longer what the other was. */
  #hasChanged(pace: LanePace, other: LanePace): boolean {
    if (this.#isOld || pace.delivered - this.#cleanFrom < KNOWN_BYTES) return false
    const isOff = pace.rate < this.#usual / 2 || pace.rate > this.#usual * 2
    return isOff || this.#remembered(other) > pace.rate * BETTER
  }

  /** Bytes a millisecond; 0 = not known, or not any more. */
  #remembered(pace: LanePace): number {
    return this.#now() - pace.deliveredAt < REMEMBER_MS ? pace.rate : 0
  }

  /** Notes that another lane gets a block beside the leading one. */
  #beside(lane: Lane, leader: Lane, bytes: number): void {
    this.#budget.began(this.#deliveredInAll)
    this.#budget.spent(bytes)
    this.#tried.add(lane)
    this.#notBetter.add(lane)
    if (this.#race !== null || this.#look !== null) return
    const wasRate = this.#remembered(this.#paceOf(lane))
    this.#look = { lane, leader, before: this.#markOf(leader), bytes, wasRate }
  }

  get #deliveredInAll(): number {
    return this.#lanes().reduce((sum, lane) => sum + this.#paceOf(lane).delivered, 0)
  }

  /** Judges a look: when its block has come, or the leading lane has delivered so much that it can't win any more. */
  #judgeLook({ lane, leader, before, bytes, wasRate }: Look, by: Lane): void {
    const pace = this.#paceOf(leader)
    const tookMs = this.#now() - before.at
    const delivered = pace.delivered - before.delivered
    // As if none of the time were the way of one block there and back, of which the leading lane has several on its way.
    const isClear = delivered * Math.max(0, 1 - LATENCY_MS / tookMs) >= bytes * BETTER
    if (by !== lane && !isClear) return
    this.#look = null
    if (leader !== this.leader || !this.#wasBusy(leader, before)) return
    if (isClear && wasRate <= Math.max(pace.rate, this.#usual) * BETTER) return
    this.#race = new Map(this.#lanes().map((one) => [one, this.#markOf(one)]))
  }

  /** Whether the lane had something to do for most of the time since: else it shows nothing. */
  #wasBusy(lane: Lane, { at, busyMs }: Mark): boolean {
    return this.#paceOf(lane).busyMs - busyMs >= (this.#now() - at) * BUSY_SHARE
  }

  #judgeRace(): void {
    const race = this.#race
    if (race === null) return
    const gains = this.#lanes()
      .flatMap((lane) => {
        const mark = race.get(lane)
        return mark === undefined ? [] : [{ lane, mark, bytes: this.#paceOf(lane).delivered - mark.delivered }]
      })
      .sort((a, b) => b.bytes - a.bytes)
    const [best, second] = gains
    const isIdle = gains.every(({ lane }) => !this.#paceOf(lane).isBusy)
    if (best === undefined || second === undefined || isIdle) {
      this.#race = null
      return
    }
    const isWon = best.bytes >= WON_BYTES && best.bytes > 2 * second.bytes
    const isLate = this.#now() - best.mark.at >= RACE_MS && best.bytes >= RACE_BYTES_MIN
    if (!isWon && !isLate) return
    this.#race = null
    if (best.lane === this.leader || !this.#wasBusy(second.lane, second.mark)) return
    if (best.bytes > second.bytes * MORE) this.#lead(best.lane)
  }

  #lead(lane: Lane): void {
    const { leader } = this
    if (leader !== null) this.#notBetter.add(leader)
    this.#notBetter.delete(lane)
    this.#best = lane.kind
    this.#usualBefore = 0
    this.#usual = 0
    this.#isOld = true
    this.#cleanFrom = this.#paceOf(lane).delivered
    this.#budget.renew()
    this.#events.onLead()
  }

  /** Ends what went on beside the leading lane, when it has; and learns what that lane delivers alone. */
  #settle(): void {
    const { leader } = this
    if (leader === null) return
    const pace = this.#paceOf(leader)
    if (this.#race !== null || this.#lanes().some((lane) => lane !== leader && this.#paceOf(lane).isBusy)) {
      this.#cleanFrom = pace.delivered
      return
    }
    if (this.#budget.ended(this.#deliveredInAll)) {
      this.#isOld = true
      pace.doubt()
    }
    if (!this.#isOld || pace.delivered - this.#cleanFrom < KNOWN_BYTES) return
    this.#usual = pace.rate
    this.#isOld = false
    this.#budget.charge(this.#usual)
  }
}
