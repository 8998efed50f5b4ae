import type { Reason } from '#protocol/errors.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { LANE_PATH } from '#protocol/sealed.ts'
import type { Lane } from '#transfer/lane.ts'
import type { NewBatcher } from '#transfer/message-batcher.ts'

/** Milliseconds before it is tried again, twice as long each time, and how often in all. */
const RETRY_MS = 2_000
const TRIES = 5

export interface SocketLaneOpenerPorts {
  /** Of the registration that was proved last. */
  session(): SessionKey | null
  /** There is none, and there should be. */
  wanted(): boolean
  opened(lane: Lane): void
  /** It could not be opened; it may be tried again. */
  failed(): void
  /** What one of the two said over it was not of the protocol. It is not tried again before another registration. */
  refused(code: Reason): void
}

/** The way through the hub, beside the direct one or in its place: opened, and opened again when it breaks. */
export class SocketLaneOpener {
  /** For the words of any lane. It comes with the script of this way. */
  newBatcher: NewBatcher = () => undefined
  readonly #ports: SocketLaneOpenerPorts
  #timer: ReturnType<typeof setTimeout> | undefined
  #opening = false
  /** Left until there is a new reason to try. */
  #tries = 0
  #isShut = false

  constructor(ports: SocketLaneOpenerPorts) {
    this.#ports = ports
  }

  /** Another registration was proved. */
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
    const session = this.#ports.session()
    if (session === null || this.#opening || this.#isShut || !this.#ports.wanted()) return
    this.#opening = true
    const lane = await this.#openLane(session).catch(() => null)
    this.#opening = false
    if (lane === null) this.#tryAgain()
    else if (session === this.#ports.session() && this.#ports.wanted()) this.#ports.opened(lane)
    else lane.close()
  }

  async #openLane(session: SessionKey): Promise<Lane> {
    const { openSocketLane, MessageBatcher } = await import('./later.ts')
    this.newBatcher = (send) => new MessageBatcher(send)
    const onRefused = (code: Reason): void => {
      this.#isShut = true
      this.#ports.refused(code)
    }
    return openSocketLane({ url: `ws://${location.host}${LANE_PATH}`, session, onRefused })
  }

  #tryAgain(): void {
    this.#ports.failed()
    if (--this.#tries > 0) this.#openIn(RETRY_MS * 2 ** (TRIES - this.#tries - 1))
  }
}
