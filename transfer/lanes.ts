import type { LaneWish } from '#protocol/frames.ts'
import { keepAlive } from './heartbeat.ts'
import { LaneChoice } from './lane-choice.ts'
import type { Lane, LaneKind } from './lane.ts'
import { Joining, piecesOf } from './text-pieces.ts'
import type { NewBatcher } from './message-batcher.ts'

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
 * whichever lane is the fastest.
 */
export class Lanes {
  readonly #events: LanesEvents
  readonly #open: Lane[] = []
  readonly #newBatcher: NewBatcher | undefined
  readonly #choice = new LaneChoice()
  /** Lanes whose other end takes several control frames in a message. */
  readonly #many = new WeakSet<Lane>()
  /** Lanes whose other end joins the pieces of texts. */
  readonly #pieces = new WeakSet<Lane>()
  readonly #batchers = new WeakMap<Lane, NonNullable<ReturnType<NewBatcher>>>()
  /** Which way bytes went last, and over what in each direction: the other side chooses for itself. */
  #way: 'in' | 'out' = 'out'
  readonly #last: { in: LaneKind | null; out: LaneKind } = { in: null, out: 'webrtc' }

  /** `newBatcher` makes what batches control frames, for an end that takes several at a time. */
  constructor(events: LanesEvents, newBatcher?: NewBatcher) {
    this.#events = events
    this.#newBatcher = newBatcher
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
        if (typeof data !== 'string') this.#used('in', lane)
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
    const came = way === 'in' ? this.#last.in : null
    return came ?? this.#choice.settled(this.#open)?.kind ?? this.#last.out
  }

  set wish(wish: LaneWish) {
    this.#choice.wish = wish
    if (this.any) this.#events.onChange()
  }

  /** Returns the lane for a block of so many bytes; null while none is open. */
  forBlock(bytes: number): Lane | null {
    const lane = this.#choice.pick(this.#open, bytes)
    if (lane !== null) this.#used('out', lane)
    return lane
  }

  /** A block of so many bytes that went over the lane is written at the other end. */
  acked(lane: Lane, bytes: number): void {
    this.#choice.acked(lane, bytes)
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

  #used(way: 'in' | 'out', { kind }: Lane): void {
    this.#way = way
    if (this.#last[way] === kind) return
    this.#last[way] = kind
    this.#events.onChange()
  }

  #lost(lane: Lane): void {
    const at = this.#open.indexOf(lane)
    if (at < 0) return
    this.#open.splice(at, 1)
    this.#events.onLost(lane)
    const [next] = this.#open
    if (at === 0 && next !== undefined) this.#events.onControl(next)
    this.#events.onChange()
  }
}
