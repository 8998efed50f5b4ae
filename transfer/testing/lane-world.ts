import { BLOCK_BYTES } from '#protocol/limits.ts'
import { BlockOrders } from '../block-orders.ts'
import { LaneChoice } from '../lane-choice.ts'
import type { Lane, LaneKind } from '../lane.ts'
import { Outbox } from '../outbox.ts'

/** Milliseconds of a step. */
const STEP_MS = 4
/** What a sender looks at the lanes after, when nothing comes (BlockSender). */
const LOOK_MS = 250
/** Far above what any file takes here. */
const LIMIT_MS = 600_000
const MIB_PER_MS = BLOCK_BYTES / 1_000

/** What a lane can do from a moment on, in ms and MiB a second. */
export interface Stretch {
  readonly from: number
  readonly rate: number
}

/** From and until when a lane stands still, ms. */
export type Stall = readonly [from: number, to: number]

export interface Road {
  readonly kind: LaneKind
  /** From which moment on it is open. */
  readonly opensAt: number
  /** In order, from 0 on. */
  readonly stretches: readonly Stretch[]
  readonly stalls: readonly Stall[]
  /** Milliseconds from the last byte at the other end to its acknowledgement here, both ways together. */
  readonly latency: number
}

export interface World {
  readonly roads: readonly Road[]
  /** Lanes that have work share one processor: each is so much slower while the other has work too. */
  readonly sharesProcessor: boolean
  /** Milliseconds by which acknowledgements wait for each other: a busy page reads them in batches. */
  readonly ackEvery: number
}

export interface Ran {
  readonly ms: number
  /** Bytes by lane, what came twice included. */
  readonly bytes: ReadonlyMap<LaneKind, number>
  /** Milliseconds lost against whoever knows, at each change, which lane is the better one until the next. */
  readonly lostMs: number
  /** The longest time for which most blocks were given to a lane four times slower than the other one. */
  readonly worstWrongMs: number
  /** Of the file, how much went over each lane, by time: for a test that failed. */
  readonly leads: readonly { readonly at: number; readonly kind: LaneKind }[]
}

/** What a road can do at moments that only go on: MiB a second. */
class RateOf {
  readonly #road: Road
  #stretch = 0
  #stall = 0

  constructor(road: Road) {
    this.#road = road
  }

  at(now: number): number {
    const { stretches, stalls, opensAt } = this.#road
    while ((stretches[this.#stretch + 1]?.from ?? Infinity) <= now) this.#stretch++
    while ((stalls[this.#stall]?.[1] ?? Infinity) <= now) this.#stall++
    const isStill = (stalls[this.#stall]?.[0] ?? Infinity) <= now
    return now < opensAt || isStill ? 0 : (stretches[this.#stretch]?.rate ?? 0)
  }
}

export const laneOf = (kind: LaneKind): Lane => ({
  kind,
  maxMessage: BLOCK_BYTES,
  send: () => undefined,
  ready: () => Promise.resolve(),
  listen: () => undefined,
  close: () => undefined,
})

interface Ack {
  readonly index: number
  readonly at: number
}

/** Bytes on their way over one road. */
class Wire {
  readonly lane: Lane
  readonly road: Road
  readonly rates: RateOf
  readonly #blocks: { readonly index: number; left: number }[] = []
  readonly #acks: Ack[] = []
  /** Bytes that were given to it, and that have gone through. */
  bytes = 0
  moved = 0
  /** MiB a second that it can do now. */
  rate = 0

  constructor(road: Road) {
    this.road = road
    this.rates = new RateOf(road)
    this.lane = laneOf(road.kind)
  }

  get hasWork(): boolean {
    return this.#blocks.length > 0
  }

  give(index: number, bytes: number): void {
    this.#blocks.push({ index, left: bytes })
    this.bytes += bytes
  }

  move(now: number, share: number): void {
    let room = this.rate * MIB_PER_MS * STEP_MS * share
    for (let first = this.#blocks[0]; first !== undefined && room > 0; first = this.#blocks[0]) {
      const moved = Math.min(room, first.left)
      first.left -= moved
      room -= moved
      this.moved += moved
      if (first.left > 0) return
      this.#blocks.shift()
      this.#acks.push({ index: first.index, at: now + this.road.latency })
    }
  }

  acksUntil(now: number): readonly Ack[] {
    const due = this.#acks.filter(({ at }) => at <= now)
    this.#acks.splice(0, due.length)
    return due
  }
}

/** Sends files of so many blocks one after the other through lanes of which the program chooses, in a time of its own. */
export class Simulation {
  now = 0
  readonly choice: LaneChoice
  readonly #wires: readonly Wire[]
  readonly #world: World

  constructor(world: World) {
    this.#world = world
    this.#wires = world.roads.map((road) => new Wire(road))
    const open = (): Lane[] => this.#open.map(({ lane }) => lane)
    this.choice = new LaneChoice(open, { onLead: () => undefined, onGave: () => undefined }, () => this.now)
  }

  get #open(): readonly Wire[] {
    return this.#wires
      .filter(({ road }) => road.opensAt <= this.now)
      .toSorted((a, b) => a.road.opensAt - b.road.opensAt)
  }

  rest(ms: number): void {
    this.now += ms
  }

  send(blocks: number, limitMs = LIMIT_MS): Ran {
    const outbox = new Outbox(blocks * BLOCK_BYTES, this.choice)
    const orders = new BlockOrders(outbox, this.choice, () => this.now)
    const begun = this.now
    const before = new Map(this.#wires.map((wire) => [wire, wire.bytes]))
    const wrong = new WrongTime()
    const leads: { at: number; kind: LaneKind }[] = []
    const lost = new LostTime(this.#world.roads, this.#wires, begun)
    let lookAt = this.now
    for (; !outbox.allAcked && this.now - begun < limitMs; this.now += STEP_MS) {
      const isHeard = this.now % Math.max(STEP_MS, this.#world.ackEvery) < STEP_MS
      const acks = isHeard ? this.#wires.flatMap((wire) => wire.acksUntil(this.now)) : []
      for (const { index } of acks.toSorted((a, b) => a.at - b.at)) outbox.ack(index)
      if (acks.length > 0 || this.now >= lookAt) {
        this.#give(outbox, orders)
        lookAt = this.now + LOOK_MS
      }
      this.#move()
      lost.see(this.now, this.#wires)
      const lead = this.choice.leader?.kind
      if (lead !== undefined && leads.at(-1)?.kind !== lead) leads.push({ at: this.now, kind: lead })
      wrong.see(this.now, this.#isWrong)
    }
    const bytes = new Map(this.#wires.map((wire) => [wire.road.kind, wire.bytes - before.get(wire)!]))
    return { ms: this.now - begun, bytes, worstWrongMs: wrong.worst, lostMs: lost.total(this.now, this.#wires), leads }
  }

  #give(outbox: Outbox, orders: BlockOrders): void {
    for (let order = orders.next(new Set(), false); order !== null; order = orders.next(new Set(), false)) {
      orders.give(order)
      const { index, lane } = order
      this.#wires.find((wire) => wire.lane === lane)?.give(index, outbox.lengthOf(index))
    }
  }

  #move(): void {
    for (const wire of this.#wires) wire.rate = wire.rates.at(this.now)
    const busy = this.#wires.filter((wire) => wire.hasWork)
    for (const wire of busy) wire.move(this.now, this.#world.sharesProcessor ? 1 / busy.length : 1)
  }

  get #isWrong(): boolean {
    const lead = this.#open.find(({ lane }) => lane === this.choice.leader)
    if (lead === undefined) return false
    return this.#open.some(({ rate }) => rate > 0 && rate >= 4 * lead.rate)
  }
}

/** The longest time without a break for which something was so. */
class WrongTime {
  worst = 0
  #since: number | null = null

  see(now: number, isWrong: boolean): void {
    if (!isWrong) this.#since = null
    else {
      this.#since ??= now
      this.worst = Math.max(this.worst, now - this.#since)
    }
  }
}

/** Adds up, from one change of the lanes to the next, how much longer things took than over the better lane alone. */
class LostTime {
  readonly #changes: number[]
  /** Bytes that each lane alone could have moved since the last change, and that all had moved then. */
  #could: number[] = []
  #before: number
  #from: number
  #lost = 0

  constructor(roads: readonly Road[], wires: readonly Wire[], begin: number) {
    const moments = roads.flatMap(({ stretches, opensAt }) => [opensAt, ...stretches.map(({ from }) => from)])
    this.#changes = moments.filter((at) => at > begin).sort((a, b) => a - b)
    this.#from = begin
    this.#before = movedBy(wires)
  }

  see(now: number, wires: readonly Wire[]): void {
    wires.forEach(({ rate }, i) => (this.#could[i] = (this.#could[i] ?? 0) + rate * MIB_PER_MS * STEP_MS))
    if (now < (this.#changes[0] ?? Infinity)) return
    while ((this.#changes[0] ?? Infinity) <= now) this.#changes.shift()
    this.#close(now, wires)
  }

  total(now: number, wires: readonly Wire[]): number {
    this.#close(now, wires)
    return this.#lost
  }

  #close(now: number, wires: readonly Wire[]): void {
    const could = Math.max(...this.#could)
    const moved = movedBy(wires)
    if (could > 0) this.#lost += (now - this.#from) * Math.max(0, 1 - (moved - this.#before) / could)
    this.#from = now
    this.#before = moved
    this.#could = []
  }
}

const movedBy = (wires: readonly Wire[]): number => wires.reduce((sum, { moved }) => sum + moved, 0)

/** Milliseconds that so many blocks take over the better of the lanes alone. */
export function bestAlone({ roads }: World, blocks: number): number {
  const times = roads.map((road) => {
    const rates = new RateOf(road)
    let left = blocks * BLOCK_BYTES
    let now = 0
    for (; left > 0 && now < LIMIT_MS; now += STEP_MS) left -= rates.at(now) * MIB_PER_MS * STEP_MS
    return now + road.latency
  })
  return Math.min(...times)
}

/** Numbers between 0 and 1 that are the same for the same seed. */
export function drawn(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
