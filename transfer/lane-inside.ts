import type { LaneEvents } from './lane.ts'

/** What lanes have in common whose bytes leave elsewhere: who waits for room, and what came before anybody listened. */
export class LaneInside {
  isOver = false
  #events: LaneEvents | null = null
  readonly #early: (string | Uint8Array)[] = []
  #waiting: (() => void)[] = []

  /** See Lane.ready. */
  ready(wantsMore: boolean): Promise<void> {
    if (this.isOver || wantsMore) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** It wants more. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** See Lane.listen. */
  listen(events: LaneEvents): void {
    this.#events = events
    for (const data of this.#early.splice(0)) events.onFrame(data)
    if (this.isOver) events.onClose()
  }

  /** A frame came in. */
  deliver(data: string | Uint8Array): void {
    if (this.isOver) return
    if (this.#events === null) this.#early.push(data)
    else this.#events.onFrame(data)
  }

  /** It is over, whoever ended it. */
  end(): void {
    if (this.isOver) return
    this.isOver = true
    this.wake()
    this.#events?.onClose()
  }
}
