export interface Pace {
  /** Tokens that come back in a second. */
  readonly perSecond: number
  /** Tokens when nothing was taken for a while. */
  readonly burst: number
}

/** A token bucket: `burst` at once, `perSecond` for ever. It holds no timer; time comes from a monotonic clock. */
export class Bucket {
  readonly #pace: Pace
  readonly #now: () => number
  #tokens: number
  #since: number

  /** `now`: ms. */
  constructor(pace: Pace, now: () => number = () => performance.now()) {
    this.#pace = pace
    this.#now = now
    this.#tokens = pace.burst
    this.#since = now()
  }

  /** Takes so many tokens; false when there are too few, and none is taken then. */
  take(count = 1): boolean {
    const now = this.#now()
    const back = ((now - this.#since) / 1000) * this.#pace.perSecond
    this.#tokens = Math.min(this.#pace.burst, this.#tokens + back)
    this.#since = now
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }
}
