import { MEASURE_BYTES_MAX, MEASURE_FLIGHT_BYTES_MAX } from '#protocol/limits.ts'
import { FILLER_HEADER_BYTES, markFiller } from '#protocol/measure.ts'
import type { Lane } from '#transfer/lane.ts'

/** Bytes of a message, as far as the lane takes it. */
const MESSAGE_BYTES = 131_072
/** What comes before the last message, which is only a header. */
const MOST_BYTES = MEASURE_BYTES_MAX - FILLER_HEADER_BYTES
/** Bytes that may be under way before anything is known, and milliseconds' worth of them later. */
const FIRST_FLIGHT_BYTES = 2 * MESSAGE_BYTES
const FLIGHT_MS = 200
/** Milliseconds after the last message in which the rest of it may still be told of. */
const TOLD_WITHIN_MS = 3_000
/** Milliseconds in which a lane comes up to its pace: what comes in them is left out of the figure. */
const SETTLE_MS = 500

/** Counts bytes as they arrive, and says how many a second they are. */
export class PaceMeter {
  readonly #now: () => number
  readonly #startedAt: number
  #bytes = 0
  #lastAt: number
  /** Where the figure begins. */
  #mark: { readonly at: number; readonly bytes: number } | null = null

  /** `now`: ms. */
  constructor(now: () => number) {
    this.#now = now
    this.#startedAt = now()
    this.#lastAt = this.#startedAt
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Bytes a second, as far as is known; 0 while nothing has come. */
  get rate(): number {
    const { at, bytes } = this.#mark ?? { at: this.#startedAt, bytes: 0 }
    const isShort = this.#lastAt - at < SETTLE_MS
    const since = isShort ? this.#startedAt : at
    const counted = isShort ? this.#bytes : this.#bytes - bytes
    return counted === 0 ? 0 : (counted * 1_000) / Math.max(1, this.#lastAt - since)
  }

  add(bytes: number): void {
    this.#bytes += bytes
    this.#lastAt = this.#now()
    if (this.#mark === null && this.#lastAt - this.#startedAt >= SETTLE_MS)
      this.#mark = { at: this.#lastAt, bytes: this.#bytes }
  }
}

/** Sends filler over a lane for a while, with no more of it under way than leaves room for a file that begins. */
export class FillerStream {
  readonly k: number
  readonly lane: Lane
  readonly #now: () => number
  readonly #meter: PaceMeter
  #sent = 0
  #isOver = false
  #wake: (() => void) | null = null

  constructor(lane: Lane, k: number, now: () => number = () => performance.now()) {
    this.lane = lane
    this.k = k
    this.#now = now
    this.#meter = new PaceMeter(now)
  }

  /** Bytes a second that the other side has told of. */
  get rate(): number {
    return this.#meter.rate
  }

  /** Sends for so many milliseconds. Resolves when all of it has arrived, or it was stopped. */
  async run(ms: number): Promise<void> {
    const end = this.#now() + ms
    const message = this.#message()
    while (this.#goesOn(end) && this.#sent + message.length <= MOST_BYTES) {
      await this.lane.ready()
      if (await this.#hasRoom(message.length, end)) this.#send(message)
    }
    await this.#finish()
  }

  /** Takes note that so many bytes of it have arrived. */
  arrived(bytes: number): void {
    const more = Math.min(bytes, this.#sent) - this.#meter.bytes
    if (more <= 0) return
    this.#meter.add(more)
    this.#wake?.()
  }

  stop(): void {
    this.#isOver = true
    this.#wake?.()
  }

  /** Says that it was all, and waits a while until all of it is told. */
  async #finish(): Promise<void> {
    if (this.#isOver) return
    const last = new Uint8Array(FILLER_HEADER_BYTES)
    markFiller(last, { k: this.k, isLast: true })
    this.#send(last)
    const late = this.#now() + TOLD_WITHIN_MS
    while (this.#goesOn(late) && this.#meter.bytes < this.#sent) await this.#told(late)
  }

  #goesOn(end: number): boolean {
    return !this.#isOver && this.#now() < end
  }

  #send(message: Uint8Array): void {
    this.#sent += message.length
    this.lane.send(message)
  }

  /** Bytes that may be under way. */
  get #flight(): number {
    const worth = (this.#meter.rate * FLIGHT_MS) / 1_000
    return Math.min(MEASURE_FLIGHT_BYTES_MAX, Math.max(FIRST_FLIGHT_BYTES, worth))
  }

  /** Waits until so many bytes more may be under way. False: it is over, or the time is. */
  async #hasRoom(bytes: number, end: number): Promise<boolean> {
    while (this.#goesOn(end)) {
      if (this.#sent + bytes - this.#meter.bytes <= this.#flight) return true
      await this.#told(end)
    }
    return false
  }

  /** Waits until more is told, it is stopped, or it is so late. */
  async #told(end: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      timer = setTimeout(resolve, Math.max(0, end - this.#now()))
    })
    clearTimeout(timer)
    this.#wake = null
  }

  /** Bytes that no network on the way can make fewer. */
  #message(): Uint8Array<ArrayBuffer> {
    const message = new Uint8Array(Math.min(this.lane.maxMessage, MESSAGE_BYTES))
    let state = 0x2545f491
    for (let i = 0; i < message.length; i++) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      message[i] = state
    }
    markFiller(message, { k: this.k, isLast: false })
    return message
  }
}
