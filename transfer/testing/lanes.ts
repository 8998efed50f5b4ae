import type { Lane, LaneEvents, LaneKind } from '../lane.ts'

export type FrameData = string | Uint8Array

export interface LaneOptions {
  readonly kind?: LaneKind
  readonly maxMessage?: number
  /** Units under way above which `ready` waits. */
  readonly highMark?: number
  /** Waited for before each frame is delivered. */
  readonly pace?: () => Promise<void>
  /** What becomes of a frame on its way: another frame, or null = lost, which breaks the lane's promise. */
  readonly change?: (data: FrameData) => FrameData | null
  /** Does not remember frames: for very many of them. */
  readonly bare?: boolean
  /** The lane breaks after so many delivered frames, both directions counted. */
  readonly breakAfter?: number
  /** Tasks until an end learns that the other one has closed; what is under way to it still arrives meanwhile. */
  readonly lingers?: number
}

/** Of Node, where all tests run. */
declare function setImmediate(task: () => void): unknown

/** A task of its own, as a message of a real channel is. */
export const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

const copyOf = (data: FrameData): FrameData => (typeof data === 'string' ? data : data.slice())

/** Hands a frame over in memory that is another's afterwards, as a sealed socket does: whoever reads it late reads this pattern. */
function lend(events: LaneEvents, data: Uint8Array): void {
  const lent = data.slice()
  events.onFrame(lent)
  lent.fill(0xdb)
}

/** One end of a lane in memory. Whole frames, in order, each delivered as a task of its own. */
export class MemoryLane implements Lane {
  readonly kind: LaneKind
  readonly maxMessage: number
  /** Everything that was sent from this end. */
  readonly sent: FrameData[] = []
  readonly #options: LaneOptions
  readonly #count: { delivered: number; silent: boolean }
  #peer: MemoryLane | null = null
  #events: LaneEvents | null = null
  readonly #early: FrameData[] = []
  readonly #wire: FrameData[] = []
  #pumping = false
  #underWay = 0
  #waiting: (() => void)[] = []
  #closed = false
  #isHolding = false

  private constructor(options: LaneOptions, count: { delivered: number; silent: boolean }) {
    this.#options = options
    this.#count = count
    this.kind = options.kind ?? 'webrtc'
    this.maxMessage = options.maxMessage ?? 262_144
  }

  static pair(options: LaneOptions = {}): [MemoryLane, MemoryLane] {
    const count = { delivered: 0, silent: false }
    const pair: [MemoryLane, MemoryLane] = [new MemoryLane(options, count), new MemoryLane(options, count)]
    pair[0].#peer = pair[1]
    pair[1].#peer = pair[0]
    return pair
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Frames that got through, both directions counted. */
  get delivered(): number {
    return this.#count.delivered
  }

  /** From now on nothing gets through in either direction, and neither end is told. */
  fallSilent(): void {
    this.#count.silent = true
  }

  /** From now on no bytes get through from this end; text does. */
  holdBytes(): void {
    this.#isHolding = true
  }

  send(data: FrameData): void {
    if (this.#closed) return
    if (this.#isHolding && typeof data !== 'string') {
      this.#underWay += data.length
      return
    }
    if (data.length > this.maxMessage && typeof data !== 'string') throw new Error('frame too large for the lane')
    const copy = copyOf(data)
    if (this.#options.bare !== true) this.sent.push(copy)
    this.#wire.push(copy)
    this.#underWay += data.length
    void this.#pump()
  }

  ready(): Promise<void> {
    if (this.#closed || this.#underWay < (this.#options.highMark ?? 1_048_576)) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  listen(events: LaneEvents): void {
    this.#events = events
    for (const data of this.#early.splice(0)) this.#deliver(events, data)
    if (this.#closed) events.onClose()
  }

  /** As if the other end had sent it. */
  inject(data: FrameData): void {
    this.#take(data)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#wake()
    this.#events?.onClose()
    void this.#leave()
  }

  async #leave(): Promise<void> {
    for (let i = 0; i < (this.#options.lingers ?? 0); i++) await nextTask()
    this.#wire.length = 0
    await nextTask()
    if (!this.#count.silent) this.#peer?.close()
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    while (this.#wire.length > 0) {
      await (this.#options.pace ?? nextTask)()
      // As a wire that was pulled: what is sent stays under way for ever.
      if (this.#count.silent) return
      const data = this.#wire.shift()
      if (data === undefined) break
      this.#underWay -= data.length
      this.#wake()
      this.#arrive(data)
    }
    this.#pumping = false
  }

  #arrive(data: FrameData): void {
    const arrives = this.#options.change === undefined ? data : this.#options.change(data)
    if (arrives !== null && this.#peer !== null) this.#peer.#take(arrives)
    if (++this.#count.delivered === this.#options.breakAfter) this.close()
  }

  #take(data: FrameData): void {
    if (this.#closed) return
    if (this.#events === null) this.#early.push(data)
    else this.#deliver(this.#events, data)
  }

  #deliver(events: LaneEvents, data: FrameData): void {
    if (this.kind === 'socket' && typeof data !== 'string') lend(events, data)
    else events.onFrame(data)
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
