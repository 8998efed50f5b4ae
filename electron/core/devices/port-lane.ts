import type { ToWindow } from '#protocol/link-port.ts'
import { type Lane, LaneBase, type LaneEvents, type LaneKind } from '#transfer/lane.ts'

/**
 * Bytes given to the window that its data channel has not taken yet. Enough to keep the channel busy over a few turns of both
 * event loops. No more: what waits there is on its way over this lane, also when another proves to be faster.
 */
const AHEAD_BYTES = 2_097_152

/** The window's data channel as the main process sees it: through a MessagePort, with credit. */
export class PortLane implements Lane {
  readonly kind: LaneKind
  readonly maxMessage: number
  readonly #post: (message: ToWindow) => void
  readonly #inside = new LaneBase()
  #ahead = 0

  constructor(kind: LaneKind, maxMessage: number, post: (message: ToWindow) => void) {
    this.kind = kind
    this.maxMessage = maxMessage
    this.#post = post
  }

  send(data: string | Uint8Array): void {
    if (this.#inside.isOver) return
    this.#ahead += data.length
    this.#post({ t: 'data', data })
  }

  ready(): Promise<void> {
    return this.#inside.ready(this.#ahead < AHEAD_BYTES)
  }

  listen(events: LaneEvents): void {
    this.#inside.listen(events)
  }

  close(): void {
    if (this.#inside.isOver) return
    this.#post({ t: 'close-lane' })
    this.closed()
  }

  /** From the window: a message came in. */
  deliver(data: string | Uint8Array): void {
    this.#inside.deliver(data)
  }

  /** From the window: so many units given to `send` have left. */
  credit(bytes: number): void {
    this.#ahead = Math.max(0, this.#ahead - bytes)
    if (this.#ahead < AHEAD_BYTES) this.#inside.wake()
  }

  /** The channel is gone. */
  closed(): void {
    this.#inside.end()
  }
}
