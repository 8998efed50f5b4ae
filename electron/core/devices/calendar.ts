import { unsetClock, type Now } from '#hub/unset-clock.ts'
import type { CalendarState, KeptDevices } from '#store/device-store.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** How long the program may not have run, and the system's clock is believed at once. */
const BELIEVED_MS = 3 * DAY_MS
/** A longer pause is no pause: somebody set the clock. */
const PAUSE_MAX_MS = 400 * DAY_MS
/** How long the program must run before a longer pause than BELIEVED_MS counts. */
const DOUBT_MS = HOUR_MS

export interface Clocks {
  /** The system's, in ms since 1970. Anybody may set it, and an empty battery does. */
  readonly wall: Now
  readonly unset: Now
}

/**
 * Tells the time for what expires after days. While the program runs its days pass by a clock that nobody sets; the
 * system's clock only says how long the program did not run, and a long pause counts after an hour in which the clock
 * stood by it. A clock that jumps for a while changes nothing, and what it changed over a pause is taken back.
 */
export class Calendar {
  readonly #clocks: Clocks
  readonly #begun: { readonly unset: number; readonly wall: number }
  /** The calendar when the run before ended, and what the system's clock may have said then. */
  #base: CalendarState
  /** Of the pause so much counts at most. */
  #granted = 0
  #isInDoubt = false

  /** `earlier`: how it stood in the run before; without it, it begins with the system's clock. */
  constructor(earlier: CalendarState | undefined, { wall = Date.now, unset = unsetClock() }: Partial<Clocks> = {}) {
    this.#clocks = { wall: () => wall(), unset }
    this.#begun = { unset: unset(), wall: wall() }
    this.#base = { now: this.#begun.wall, walls: [this.#begun.wall], credit: 0 }
    this.adopt(earlier)
  }

  /** Takes over how it stood in the run before, also when that could be read only later. */
  adopt(earlier: CalendarState | undefined): void {
    if (earlier === undefined) return
    this.#base = earlier
    const pause = this.#pause()
    this.#isInDoubt = pause > BELIEVED_MS
    this.#granted = this.#isInDoubt ? 0 : Math.max(pause, -earlier.credit)
  }

  /** Returns the time in ms since 1970, as far as it is known. */
  now(): number {
    return whole(this.#base.now + this.#elapsed() + this.#credit())
  }

  /** Returns what the next run goes on from. */
  state(): CalendarState {
    const walls = [this.#clocks.wall(), this.#begun.wall + this.#elapsed()]
    return { now: this.now(), walls: walls.map(whole), credit: whole(this.#credit()) }
  }

  /** What of the pause counts. Less than 0: so much was counted in the run before, and the clock has been set back since. */
  #credit(): number {
    const pause = this.#pause()
    if (this.#isInDoubt && this.#elapsed() >= DOUBT_MS) {
      this.#isInDoubt = false
      if (pause <= PAUSE_MAX_MS) this.#granted = pause
    }
    return Math.min(this.#granted, Math.max(0, pause))
  }

  #elapsed(): number {
    return this.#clocks.unset() - this.#begun.unset
  }

  /** Of all that it may have been, the shortest that is one; less than 0 where the clock now shows an earlier time. */
  #pause(): number {
    const pauses = this.#base.walls.map((wall) => this.#clocks.wall() - this.#elapsed() - wall)
    const real = pauses.filter((ms) => ms >= 0)
    return real.length > 0 ? Math.min(...real) : Math.max(...pauses)
  }
}

/** Says where the calendar stood by a file of an earlier version, which has only the times of its phones. */
export function calendarOf({ calendar, devices }: KeptDevices, wall = Date.now()): CalendarState | undefined {
  if (calendar !== undefined || devices.length === 0) return calendar
  const now = Math.min(wall, Math.max(...devices.map(({ lastSeen, firstSeen }) => Math.max(lastSeen, firstSeen))))
  return { now, walls: [now], credit: 0 }
}

const whole = (ms: number): number => Math.max(0, Math.round(ms))
