import type { Reason } from '#protocol/errors.ts'
import type { Answer, Message } from '#protocol/hub-events.ts'
import { ChannelLane } from '#peer/data-channel.ts'
import { Connection, type Applied } from '#peer/connection.ts'
import type { Lane } from '#transfer/lane.ts'
import type { Registration } from './registration.ts'

/** Milliseconds before another attempt when the direct connection broke although the computer is there. */
const RETRY_MS = 1_500

export interface DirectLaneEvents {
  onOpen(lane: Lane): void
  /** An attempt or the connection has ended; the next attempt follows unless `left` is called now. */
  onClosed(code: Reason): void
  /** This browser has no direct connections, or none for this page. */
  onImpossible(): void
}

/** Opens a direct connection whenever the computer is at the hub, and another one when it breaks. */
export class DirectLaneOpener {
  readonly #registration: Registration
  readonly #events: DirectLaneEvents
  #isThere = false
  #isImpossible = false
  #attempt: Connection | null = null
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(registration: Registration, events: DirectLaneEvents) {
    this.#registration = registration
    this.#events = events
    addEventListener('pagehide', () => {
      this.close('peer-left')
    })
  }

  /** The computer is at the hub. */
  get isThere(): boolean {
    return this.#isThere
  }

  /** The browser has refused a direct connection; a sealed socket may still be possible. */
  get isImpossible(): boolean {
    return this.#isImpossible
  }

  came(): void {
    this.#isThere = true
    this.#connect()
  }

  /** Stops trying: the computer is not at the hub, or this page not any more. */
  left(): void {
    this.#isThere = false
    clearTimeout(this.#retry)
  }

  /** Makes the next attempt now instead of after the pause. */
  tryNow(): void {
    if (this.#isThere) this.#connect()
  }

  hear(message: Message): void {
    if (message === 'bye') this.close('peer-left')
    else if (message.type === 'refusal') this.close(message.code)
    else if (message.type === 'candidate') this.#attempt?.receive(message)
    else if (message.type === 'answer') this.#answered(message)
  }

  close(code: Reason): void {
    this.#attempt?.close(code)
  }

  #connect(): void {
    clearTimeout(this.#retry)
    const before = this.#attempt
    this.#attempt = null
    before?.close('connection-lost')
    try {
      this.#attempt = this.#offer()
      this.#isImpossible = false
    } catch {
      this.#isImpossible = true
      this.#events.onImpossible()
    }
  }

  #offer(): Connection {
    const attempt: Connection = Connection.offer({
      send: (message) => {
        this.#registration.send(this.#registration.binding?.sign(message) ?? message)
      },
      onOpen: (channel, maxMessage, applied) => {
        this.#confirm(new ChannelLane(channel, maxMessage, () => attempt.close('connection-lost')), applied)
      },
      onClose: (code) => {
        this.#closed(attempt, code)
      },
    })
    return attempt
  }

  #answered(answer: Answer): void {
    if (this.#registration.binding?.isOwn(answer)) this.#attempt?.receive(answer)
    else this.close('tampered')
  }

  #confirm(lane: ChannelLane, applied: Applied): void {
    this.#registration.binding?.confirm(lane, applied, (confirmed) => {
      if (typeof confirmed === 'string') this.close(confirmed)
      else this.#events.onOpen(confirmed)
    })
  }

  #closed(attempt: Connection, code: Reason): void {
    if (attempt !== this.#attempt) return
    this.#attempt = null
    this.#events.onClosed(code)
    if (this.#isThere)
      this.#retry = setTimeout(() => {
        this.#connect()
      }, RETRY_MS)
  }
}
