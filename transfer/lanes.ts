import type { LaneWish } from '#protocol/frames.ts'
import { keepAlive } from './heartbeat.ts'
import { LaneChoice } from './lane-choice.ts'
import type { Lane, LaneKind } from './lane.ts'
import { Joining, piecesOf } from './pieces.ts'
import type { Together } from './words.ts'

export interface LanesEvents {
  onFrame(data: string | Uint8Array, lane: Lane): void
  /** The lane is gone; what was under way on it may be lost. */
  onLost(lane: Lane): void
  /** What is said goes over this lane from now on; what was said last over the one before may be lost. */
  onControl(lane: Lane): void
  /** Lanes came or went. */
  onChange(): void
}

/**
 * The open lanes of a session. Words (text frames) all go over the oldest, so that they keep their order; blocks over
 * whichever lane is the fastest.
 */
export class Lanes {
  readonly #events: LanesEvents
  readonly #open: Lane[] = []
  readonly #together: Together | undefined
  readonly #choice = new LaneChoice()
  /** Of lanes whose other end takes several words at a time. */
  readonly #many = new WeakSet<Lane>()
  /** Of those whose other end puts pieces of texts together. */
  readonly #pieces = new WeakSet<Lane>()
  readonly #words = new WeakMap<Lane, NonNullable<ReturnType<Together>>>()
  /** Which way bytes went last, and over what in each direction: the other side chooses for itself. */
  #way: 'in' | 'out' = 'out'
  readonly #last: { in: LaneKind | null; out: LaneKind } = { in: null, out: 'webrtc' }

  /** `together`: what gathers words, for an end that takes several at a time. */
  constructor(events: LanesEvents, together?: Together) {
    this.#events = events
    this.#together = together
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

  /** That of the bytes, for people to read; the last one while there is none. */
  get kind(): LaneKind {
    return this.kindOf(this.#way)
  }

  /** That of the bytes of files that come in, or go out. */
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

  /** Null: no lane is open. */
  forBlock(bytes: number): Lane | null {
    const lane = this.#choice.pick(this.#open, bytes)
    if (lane !== null) this.#used('out', lane)
    return lane
  }

  acked(lane: Lane, bytes: number): void {
    this.#choice.acked(lane, bytes)
  }

  /** Says it over the oldest lane; nowhere when there is none. */
  say(text: string): void {
    const [lane] = this.#open
    if (lane !== undefined) this.sayOn(lane, text)
  }

  /** Says it over this lane. */
  sayOn(lane: Lane, text: string): void {
    const words = this.#words.get(lane) ?? this.#gather(lane)
    if (words) words.say(text)
    else this.#send(lane, text)
  }

  /** The other end of this lane has said that it does. */
  takesMany(lane: Lane): void {
    this.#many.add(lane)
  }

  /** It puts the pieces of a long text together. */
  takesPieces(lane: Lane): void {
    this.#pieces.add(lane)
  }

  #send(lane: Lane, text: string): void {
    if (lane.kind === 'webrtc' && this.#pieces.has(lane)) for (const piece of piecesOf(text)) lane.send(piece)
    else lane.send(text)
  }

  /** What gathers words may be there only later. */
  #gather(lane: Lane): ReturnType<Together> {
    if (!this.#many.has(lane)) return undefined
    const words = this.#together?.((text) => {
      this.#send(lane, text)
    })
    if (words) this.#words.set(lane, words)
    return words
  }

  close(): void {
    for (const lane of [...this.#open]) {
      this.#words.get(lane)?.flush()
      lane.close()
    }
  }

  /** Those that lead to what the other side was before. */
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
