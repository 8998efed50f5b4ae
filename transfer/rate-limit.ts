export interface Pace {
  /** Tokens that come back in a second. */
  readonly perSecond: number
  /** Tokens when nothing was taken for a while. */
  readonly burst: number
}

/** Counts as a token bucket: `burst` at once, `perSecond` for ever. Holds no timer; time comes from a monotonic clock. */
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

/** Calls back at once as often as a pace allows; asked more often, once more a little later, and not each time. */
export class Throttle {
  readonly #act: () => void
  readonly #bucket: Bucket
  readonly #gapMs: number
  #isDue = false

  constructor(act: () => void, pace: Pace) {
    this.#act = act
    this.#bucket = new Bucket(pace)
    this.#gapMs = 1_000 / pace.perSecond
  }

  ask(): void {
    if (this.#isDue) return
    if (this.#bucket.take()) {
      this.#act()
      return
    }
    this.#isDue = true
    setTimeout(() => {
      this.#isDue = false
      this.#act()
    }, this.#gapMs)
  }
}
