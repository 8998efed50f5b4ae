import type { ToWindow } from '#protocol/link-port.ts'
import type { Lane, LaneEvents, LaneKind } from '#transfer/lane.ts'

/**
 * Bytes given to the window that have not left its data channel yet. Enough to keep the channel busy over
 * a few turns of both event loops; the channel's own queue is part of it.
 */
const AHEAD_BYTES = 4_194_304

/** The window's data channel as the main process sees it: through a MessagePort, with credit. */
export class PortLane implements Lane {
  readonly kind: LaneKind
  readonly maxMessage: number
  readonly #post: (message: ToWindow) => void
  #events: LaneEvents | null = null
  readonly #early: (string | Uint8Array)[] = []
  #ahead = 0
  #waiting: (() => void)[] = []
  #closed = false

  constructor(kind: LaneKind, maxMessage: number, post: (message: ToWindow) => void) {
    this.kind = kind
    this.maxMessage = maxMessage
    this.#post = post
  }

  send(data: string | Uint8Array): void {
    if (this.#closed) return
    this.#ahead += data.length
    this.#post({ t: 'data', data })
  }

  ready(): Promise<void> {
    if (this.#closed || this.#ahead < AHEAD_BYTES) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  listen(events: LaneEvents): void {
    this.#events = events
    for (const data of this.#early.splice(0)) events.onFrame(data)
    if (this.#closed) events.onClose()
  }

  close(): void {
    if (this.#closed) return
    this.#post({ t: 'close-lane' })
    this.closed()
  }

  /** From the window: a message came in. */
  deliver(data: string | Uint8Array): void {
    if (this.#closed) return
    if (this.#events === null) this.#early.push(data)
    else this.#events.onFrame(data)
  }

  /** From the window: so many units given to `send` have left. */
  credit(bytes: number): void {
    this.#ahead = Math.max(0, this.#ahead - bytes)
    if (this.#ahead < AHEAD_BYTES) this.#wake()
  }

  /** The channel is gone. */
  closed(): void {
    if (this.#closed) return
    this.#closed = true
    this.#wake()
    this.#events?.onClose()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
