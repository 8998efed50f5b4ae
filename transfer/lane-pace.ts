/** Milliseconds of being busy after which what a lane delivered counts a third: a change shows within a second. */
const FORGET_MS = 700
/** What is left of earlier evidence when it is doubted. */
const DOUBT = 0.1

/**
 * Measures what one lane delivers while it is busy, from the acknowledgements of its blocks. Time in which it has nothing to
 * do does not count; time in which it has, and delivers nothing, does, also before the next acknowledgement.
 */
export class LanePace {
  readonly #now: () => number
  /** Bytes delivered, and ms that it was busy for them, fading. */
  #bytes = 0
  #ms = 0
  /** Since the last acknowledgement, or since it has been busy. */
  #since = 0
  /** Bytes on their way. */
  underWay = 0
  /** Bytes delivered, and ms busy until the last look, in all. */
  delivered = 0
  #busyMs = 0
  /** When something was delivered last, of the clock. */
  deliveredAt = -Infinity

  constructor(now: () => number) {
    this.#now = now
  }

  get isBusy(): boolean {
    return this.underWay > 0
  }

  /** Milliseconds that it was busy, in all. */
  get busyMs(): number {
    return this.#busyMs + this.silentMs
  }

  /** Bytes a millisecond; 0 while nothing is known. */
  get rate(): number {
    return this.#bytes / Math.max(1, this.#ms + this.silentMs)
  }

  /** Milliseconds that all that is on its way should take, by what it delivered until it was last heard; 0 = not known. */
  get expectedMs(): number {
    return this.#bytes === 0 ? 0 : (this.underWay * this.#ms) / this.#bytes
  }

  /** Whether it delivers nothing for so long that it is half as fast as it was, or for so many ms where nothing is known. */
  isStalled(leastMs: number): boolean {
    return this.silentMs >= Math.max(leastMs, this.#ms)
  }

  gave(bytes: number): void {
    if (!this.isBusy) this.#since = this.#now()
    this.underWay += bytes
  }

  acked(bytes: number): void {
    this.#settle(bytes)
    this.delivered += bytes
    this.deliveredAt = this.#now()
    this.underWay = Math.max(0, this.underWay - bytes)
  }

  /** Takes bytes off that are on their way no longer, without having been delivered for all that is known. */
  dropped(bytes: number): void {
    this.#settle(0)
    this.underWay = Math.max(0, this.underWay - bytes)
  }

  /** Milliseconds for which it has been busy and has delivered nothing. */
  get silentMs(): number {
    return this.isBusy ? this.#now() - this.#since : 0
  }

  /** Lets what is known count little beside what comes: it was measured while another lane took some of it. */
  doubt(): void {
    this.#settle(0)
    this.#bytes *= DOUBT
    this.#ms *= DOUBT
  }

  #settle(bytes: number): void {
    const waited = this.silentMs
    const kept = Math.exp(-waited / FORGET_MS)
    this.#bytes = this.#bytes * kept + bytes
    this.#ms = this.#ms * kept + waited
    this.#busyMs += waited
    this.#since = this.#now()
  }
}
