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
