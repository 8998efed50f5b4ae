/**
 * A lane carries frames between the two ends of a session, whole: text frames (JSON) and binary ones (parts of blocks), each
 * kind in its order. Text may overtake bytes that wait. Lanes come and go; transfers belong to the session.
 */
export type LaneKind = 'webrtc' | 'legacy' | 'socket' | 'http'

export interface LaneEvents {
  /**
   * Takes a frame. Of bytes that came over a sealed socket the memory is the lane's again once this has returned, and is
   * filled with others: whoever keeps any of them copies them.
   */
  onFrame(data: string | Uint8Array): void
  /** Once, whoever ended it. */
  onClose(): void
}

export interface Lane {
  readonly kind: LaneKind
  /** Bytes: the largest message that fits through. */
  readonly maxMessage: number
  /**
   * Takes a copy of the frame at once: the caller may use its memory again. Ask `ready` first when it is large.
   * After the end it does nothing.
   */
  send(data: string | Uint8Array): void
  /** Resolves when the lane wants more, or has ended. Never rejects. */
  ready(): Promise<void>
  /** Sets who is told, in place of who was before. What arrived before anybody listened is delivered then, as it came. */
  listen(events: LaneEvents): void
  close(): void
}

/** Holds what lanes have in common whose bytes leave elsewhere: who waits for room, and what came before anybody listened. */
export class LaneBase {
  isOver = false
  #events: LaneEvents | null = null
  #isDelivering = false
  readonly #early: (string | Uint8Array)[] = []
  #waiting: (() => void)[] = []

  /** See Lane.ready. */
  ready(wantsMore: boolean): Promise<void> {
    if (this.isOver || wantsMore) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Lets those go on that wait in `ready`: the lane wants more. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** See Lane.listen. */
  listen(events: LaneEvents): void {
    this.#events = events
    // The first frame may bring another listener (lane-handshake.ts), for which the rest is then.
    if (this.#isDelivering) return
    this.#isDelivering = true
    try {
      for (const data of this.#early.splice(0)) this.#events.onFrame(data)
    } finally {
      this.#isDelivering = false
    }
    if (this.isOver) this.#events.onClose()
  }

  /** Hands a frame that came in to who listens. */
  deliver(data: string | Uint8Array): void {
    if (this.isOver) return
    if (this.#events === null) this.#early.push(data)
    else this.#events.onFrame(data)
  }

  /** Ends the lane, whoever wished it. */
  end(): void {
    if (this.isOver) return
    this.isOver = true
    this.wake()
    this.#events?.onClose()
  }
}
