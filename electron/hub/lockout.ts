import { BoundedMap } from '#transfer/bounded-map.ts'

export interface LockoutLimits {
  /** Wrong proofs from one address within the time below, after which it is told so. */
  readonly wrongProofs: number
  /** ms within which they count together. */
  readonly wrongProofsMs: number
  /** ms for which an address is told so at each further wrong proof. */
  readonly refuseProofsMs: number
}

/** Addresses that are remembered at most: one machine can take thousands of them, and each costs memory. */
const ADDRESSES_MAX = 1024

interface Wrongs {
  /** ms on a clock that nobody sets: when each of the last wrong proofs came. */
  readonly times: readonly number[]
  readonly shutUntil: number
}

/**
 * Counts wrong proofs by the address they came from. A right one is never counted and never refused: behind one address
 * may be many, and the keys are too long to be guessed anyway. All that changes is the answer to a further wrong one.
 * Were the code on the screen renewed instead, anybody on the network could keep everybody from scanning it.
 */
export class Lockout {
  readonly #limits: LockoutLimits
  readonly #now: () => number
  readonly #records = new BoundedMap<string, Wrongs>(ADDRESSES_MAX)

  /** `now`: ms of a monotonic clock. */
  constructor(limits: LockoutLimits, now: () => number = () => performance.now()) {
    this.#limits = limits
    this.#now = now
  }

  /** Counts one more wrong proof. Returns whether there were too many from that address before it. */
  count(address: string): boolean {
    const wasShut = this.#isShut(address)
    const { wrongProofs, wrongProofsMs, refuseProofsMs } = this.#limits
    const now = this.#now()
    const { times: before, shutUntil } = this.#records.get(address) ?? { times: [], shutUntil: 0 }
    const times = [...before.filter((time) => now - time < wrongProofsMs), now]
    const isEnough = times.length >= wrongProofs
    this.#records.set(address, isEnough ? { times: [], shutUntil: now + refuseProofsMs } : { times, shutUntil })
    return wasShut
  }

  #isShut(address: string): boolean {
    return (this.#records.get(address)?.shutUntil ?? 0) > this.#now()
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#records.size
  }
}
