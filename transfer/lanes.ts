import type { LaneWish } from '#protocol/frames.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { isFiller } from '#protocol/measure.ts'
import { keepAlive } from './heartbeat.ts'
import { LaneChoice } from './lane-choice.ts'
import type { Lane, LaneKind } from './lane.ts'
import { Joining, piecesOf } from './text-pieces.ts'
import type { NewBatcher } from './message-batcher.ts'

/** Bytes over which it is counted what comes over which lane, and how many times as much one must have to be the main one. */
const COUNTED_BYTES = 4 * BLOCK_BYTES
const MAIN_TIMES = 1.5

export interface LanesEvents {
  onFrame(data: string | Uint8Array, lane: Lane): void
  /** The lane is gone; what was in flight on it may be lost. */
  onLost(lane: Lane): void
  /** Control frames go over this lane from now on; the last ones over the one before may be lost. */
  onControl(lane: Lane): void
  /** Lanes came or went. */
  onChange(): void
}

/**
 * Holds the open lanes of a session. Control frames (text) all go over the oldest, so that they keep their order; blocks over
 * whichever lane is the fastest (LaneChoice).
 */
export class Lanes {
  readonly #events: LanesEvents
  readonly #open: Lane[] = []
  readonly #newBatcher: NewBatcher | undefined
  /** Of the lane for each block that goes out. */
  readonly choice: LaneChoice
  /** Lanes whose other end takes several control frames in a message. */
  readonly #many = new WeakSet<Lane>()
  /** Lanes whose other end joins the pieces of texts. */
  readonly #pieces = new WeakSet<Lane>()
  readonly #batchers = new WeakMap<Lane, NonNullable<ReturnType<NewBatcher>>>()
  /** Which way bytes went last. */
  #way: 'in' | 'out' = 'out'
  /** Over what they mainly come: the other side chooses for itself. And how many came over each lately, fading. */
  #in: LaneKind | null = null
  readonly #came = new Map<LaneKind, number>()
  /** Over what they went out while there was a lane. */
  #out: LaneKind = 'webrtc'

  /** `newBatcher` makes what batches control frames, for an end that takes several at a time. */
  constructor(events: LanesEvents, newBatcher?: NewBatcher) {
    this.#events = events
    this.#newBatcher = newBatcher
    this.choice = new LaneChoice(() => this.#open, {
      onLead: () => {
        this.#events.onChange()
      },
      onGave: () => {
        this.#goes('out')
      },
    })
  }

  /** Takes a lane in. `greeting` is the first frame on it. */
  add(raw: Lane, greeting: string): void {
    const lane = keepAlive(raw)
    const joining = new Joining()
    this.#open.push(lane)
    lane.send(greeting)
    if (this.#open.length === 1) this.#events.onControl(lane)
    this.#events.onChange()
    lane.listen({
      onFrame: (data) => {
        if (!this.#open.includes(lane)) return
        if (typeof data !== 'string' && !isFiller(data)) this.#takeIn(lane, data.length)
        const whole = typeof data === 'string' ? joining.add(data) : data
        if (whole !== null) this.#events.onFrame(whole, lane)
      },
      onClose: () => {
        this.#lost(lane)
      },
    })
  }

  isOpen(lane: Lane): boolean {
    return this.#open.includes(lane)
  }

  /** Those that are open, oldest first. */
  get all(): readonly Lane[] {
    return [...this.#open]
  }

  get any(): boolean {
    return this.#open.length > 0
  }

  get kinds(): readonly LaneKind[] {
    return this.#open.map(({ kind }) => kind)
  }

  /** The kind of lane of the bytes, for people to read; the last one while there is none. */
  get kind(): LaneKind {
    return this.kindOf(this.#way)
  }

  /** The kind of lane of the bytes of files that come in, or go out. */
  kindOf(way: 'in' | 'out'): LaneKind {
    const [first, second] = this.#open
    if (first !== undefined && second === undefined) return first.kind
    const out = this.choice.leader?.kind ?? this.#out
    return way === 'in' ? (this.#in ?? out) : out
  }

  set wish(wish: LaneWish) {
    this.choice.wish = wish
    if (this.any) this.#events.onChange()
  }

  /** Sends a control frame over the oldest lane; nowhere when there is none. */
  say(text: string): void {
    const [lane] = this.#open
    if (lane !== undefined) this.sayOn(lane, text)
  }

  /** Sends a control frame over this lane. */
  sayOn(lane: Lane, text: string): void {
    const batcher = this.#batchers.get(lane) ?? this.#batcherOf(lane)
    if (batcher) batcher.say(text)
    else this.#send(lane, text)
  }

  /** Notes that the other end of this lane takes several control frames in a message. */
  takesMany(lane: Lane): void {
    this.#many.add(lane)
  }

  /** Notes that the other end joins the pieces of a long text. */
  takesPieces(lane: Lane): void {
    this.#pieces.add(lane)
  }

  #send(lane: Lane, text: string): void {
    if (lane.kind === 'webrtc' && this.#pieces.has(lane)) for (const piece of piecesOf(text)) lane.send(piece)
    else lane.send(text)
  }

  #batcherOf(lane: Lane): ReturnType<NewBatcher> {
    if (!this.#many.has(lane)) return undefined
    const batcher = this.#newBatcher?.((text) => {
      this.#send(lane, text)
    })
    if (batcher) this.#batchers.set(lane, batcher)
    return batcher
  }

  close(): void {
    for (const lane of [...this.#open]) {
      this.#batchers.get(lane)?.flush()
      lane.close()
    }
  }

  /** Closes the lanes that lead to what the other side was before. */
  closeWhere(isOld: (lane: Lane) => boolean): void {
    for (const lane of this.#open.filter(isOld)) lane.close()
  }

  #goes(way: 'in' | 'out'): void {
    if (this.#way === way) return
    this.#way = way
    this.#events.onChange()
  }

  /** Takes note of bytes that came. A block that the other side tries another lane with is no change of lanes. */
  #takeIn({ kind }: Lane, bytes: number): void {
    const kept = Math.max(0, 1 - bytes / COUNTED_BYTES)
    for (const [other, count] of this.#came) this.#came.set(other, count * kept)
    const count = (this.#came.get(kind) ?? 0) + bytes
    this.#came.set(kind, count)
    const main = this.#in
    const isMore = main === null || !this.kinds.includes(main) || count > MAIN_TIMES * (this.#came.get(main) ?? 0)
    if (kind === main || !isMore) this.#goes('in')
    else {
      this.#in = kind
      this.#way = 'in'
      this.#events.onChange()
    }
  }

  #lost(lane: Lane): void {
    const at = this.#open.indexOf(lane)
    if (at < 0) return
    this.#out = this.choice.leader?.kind ?? this.#out
    this.#open.splice(at, 1)
    this.#events.onLost(lane)
    const [next] = this.#open
    if (at === 0 && next !== undefined) this.#events.onControl(next)
    this.#events.onChange()
  }
}
