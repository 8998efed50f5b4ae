import { BoundedMap } from '#transfer/bounded-map.ts'

/** ms between two lines of the log about one address. */
const LINE_EVERY_MS = 10_000
/** Addresses that are remembered at most. */
const ADDRESSES_MAX = 1024

interface Spoken {
  readonly at: number
  unsaid: number
}

/**
 * Logs what an address does wrong: one line at once, then at most one every ten seconds, with how many were left
 * out. A log that strangers can fill hides what matters, and fills the disk.
 */
export class RateLimitedLog {
  readonly #log: (line: string) => void
  readonly #now: () => number
  readonly #spoken = new BoundedMap<string, Spoken>(ADDRESSES_MAX)

  /** `now`: ms of a monotonic clock. */
  constructor(log: (line: string) => void, now: () => number = () => performance.now()) {
    this.#log = log
    this.#now = now
  }

  say(address: string, line: string): void {
    const now = this.#now()
    const last = this.#spoken.get(address)
    if (last !== undefined && now - last.at < LINE_EVERY_MS) {
      last.unsaid++
      return
    }
    this.#spoken.set(address, { at: now, unsaid: 0 })
    this.#log(last === undefined || last.unsaid === 0 ? line : `${line} (and ${last.unsaid} more before)`)
  }
}
