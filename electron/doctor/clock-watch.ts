import { unsetClock, type Now } from '#hub/unset-clock.ts'
import type { ClockSet } from './evidence.ts'

/** ms: what comes in smaller steps is a clock that is being kept right. */
const JUMP_MS = 60_000

export interface ClockWatchOptions {
  /** The system's, in ms since 1970, which anybody may set. */
  readonly wall?: Now
  readonly unset?: Now
  readonly everyMs?: number
}

/** Watches the system's clock beside one that nobody sets, and knows when it was set last and by how much. */
export class ClockWatch {
  readonly #wall: Now
  readonly #unset: Now
  readonly #timer: ReturnType<typeof setInterval>
  #ahead: number
  #set: { readonly byMs: number; readonly at: number } | null = null

  constructor({ wall = () => Date.now(), unset = unsetClock(), everyMs = 5_000 }: ClockWatchOptions = {}) {
    this.#wall = wall
    this.#unset = unset
    this.#ahead = wall() - unset()
    this.#timer = setInterval(() => {
      this.#look()
    }, everyMs).unref()
  }

  get lastSet(): ClockSet | null {
    this.#look()
    return this.#set && { byMs: this.#set.byMs, ago: Math.round(this.#unset() - this.#set.at) }
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const ahead = this.#wall() - this.#unset()
    const byMs = Math.round(ahead - this.#ahead)
    this.#ahead = ahead
    if (Math.abs(byMs) >= JUMP_MS) this.#set = { byMs, at: this.#unset() }
  }
}
