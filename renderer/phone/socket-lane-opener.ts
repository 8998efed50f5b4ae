import type { Reason } from '#protocol/errors.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { LANE_PATH } from '#protocol/sealed.ts'
import type { Lane } from '#transfer/lane.ts'
import type { NewBatcher } from '#transfer/message-batcher.ts'
import type { Registration } from './registration.ts'

/** Milliseconds before the next attempt, doubled each time, and attempts in all. */
const RETRY_MS = 2_000
const TRIES = 5

export interface SocketLaneEvents {
  /** Returns whether there is no sealed socket, and there should be one. */
  isWanted(): boolean
  onOpen(lane: Lane): void
  /** It could not be opened; another attempt may follow. */
  onFailed(): void
  /** What one of the two said over it was not of the protocol. No other is opened before another registration. */
  onRefused(code: Reason): void
}

/** Opens a sealed socket through the hub, beside the direct connection or in its place, and another one when it breaks. */
export class SocketLaneOpener {
  /** Batches control frames of any lane. It comes with the script of the sealed socket. */
  newBatcher: NewBatcher = () => undefined
  readonly #registration: Registration
  readonly #events: SocketLaneEvents
  #timer: ReturnType<typeof setTimeout> | undefined
  #opening = false
  /** Left until there is a new reason to try. */
  #tries = 0
  #isShut = false

  constructor(registration: Registration, events: SocketLaneEvents) {
    this.#registration = registration
    this.#events = events
  }

  /** Takes note that another registration was proved, and opens a socket after so many milliseconds. */
  provedAnew(ms: number): void {
    this.#isShut = false
    this.openSoon(ms)
  }

  openSoon(ms: number): void {
    this.#tries = TRIES
    this.#openIn(ms)
  }

  #openIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#open(), ms)
  }

  async #open(): Promise<void> {
    const session = this.#session
    if (session === null || this.#opening || this.#isShut || !this.#events.isWanted()) return
    this.#opening = true
    const lane = await this.#openLane(session).catch(() => null)
    this.#opening = false
    if (lane === null) this.#tryAgain()
    else if (session === this.#session && this.#events.isWanted()) this.#events.onOpen(lane)
    else lane.close()
  }

  /** Of the registration that was proved last. */
  get #session(): SessionKey | null {
    return this.#registration.binding?.session ?? null
  }

  async #openLane(session: SessionKey): Promise<Lane> {
    const { openSocketLane, MessageBatcher } = await import('./later.ts')
    this.newBatcher = (send) => new MessageBatcher(send)
    const onRefused = (code: Reason): void => {
      this.#isShut = true
      this.#events.onRefused(code)
    }
    return openSocketLane({ url: `ws://${this.#registration.places.current}${LANE_PATH}`, session, onRefused })
  }

  #tryAgain(): void {
    this.#events.onFailed()
    if (--this.#tries > 0) this.#openIn(RETRY_MS * 2 ** (TRIES - this.#tries - 1))
  }
}
