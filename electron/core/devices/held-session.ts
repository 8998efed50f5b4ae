import type { Reason } from '#protocol/errors.ts'
import type { Lane, LaneKind } from '#transfer/lane.ts'
import type { Session } from '#transfer/session.ts'

/** Milliseconds after which a phone that is away no longer keeps files open here. They go on when it is back. */
const REST_MS = 60_000

/** The session of a phone: made with its first lane, kept while the phone is away. */
export class HeldSession {
  now: Session | null = null
  /** The phone was removed: no lane leads to it any more, whatever was still on its way. */
  isOver = false
  readonly #open: () => Session
  #rest: ReturnType<typeof setTimeout> | undefined

  constructor(open: () => Session) {
    this.#open = open
  }

  get lane(): LaneKind | null {
    return this.now !== null && this.now.lanes.length > 0 ? this.now.lane : null
  }

  /** A phone of an earlier run: what is for it waits until it is back. */
  begin(): void {
    this.now ??= this.#open()
  }

  /** Returns the session if nothing led to the phone before, else null. Closes the lane to one that was removed. */
  addLane(lane: Lane): Session | null {
    if (this.isOver) {
      lane.close()
      return null
    }
    clearTimeout(this.#rest)
    const session = (this.now ??= this.#open())
    const isFirst = session.lanes.length === 0
    session.addLane(lane)
    return isFirst ? session : null
  }

  /** Nothing leads to the phone any more. */
  restSoon(): void {
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => void this.now?.rest(), REST_MS).unref()
  }

  /** Lets go of files that are arriving, to go on another time. */
  async close(): Promise<void> {
    clearTimeout(this.#rest)
    await this.now?.rest()
  }

  /** Ends it for good. */
  remove(code: Reason): void {
    this.isOver = true
    this.end(code)
  }

  end(code: Reason): void {
    const session = this.now
    this.now = null
    session?.end(code)
  }
}
