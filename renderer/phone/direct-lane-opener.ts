import type { Reason } from '#protocol/errors.ts'
import type { Answer, Message } from '#protocol/hub-events.ts'
import type { Bond } from '#peer/bond.ts'
import { ChannelLane } from '#peer/channel-lane.ts'
import { Connection, type Applied } from '#peer/connection.ts'
import type { Lane } from '#transfer/lane.ts'

/** Milliseconds before another attempt when the direct connection broke although the computer is there. */
const RETRY_MS = 1_500

export interface DirectLaneOpenerPorts {
  /** Of the registration that was proved last. */
  bond(): Bond | null
  /** To the computer, by way of the hub. */
  send(message: Message): void
  opened(lane: Lane): void
  /** An attempt or the connection has ended; it is tried again unless `left` is called now. */
  closed(code: Reason): void
  /** This browser has no direct connections, or none for this page. */
  impossible(): void
}

/** The direct way: made whenever the computer is at the hub, and made again when it breaks. */
export class DirectLaneOpener {
  readonly #ports: DirectLaneOpenerPorts
  #isThere = false
  #isImpossible = false
  #attempt: Connection | null = null
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(ports: DirectLaneOpenerPorts) {
    this.#ports = ports
    addEventListener('pagehide', () => {
      this.close('peer-left')
    })
  }

  /** The computer is at the hub. */
  get isThere(): boolean {
    return this.#isThere
  }

  /** The browser has refused it; the way through the hub may still be there. */
  get isImpossible(): boolean {
    return this.#isImpossible
  }

  came(): void {
    this.#isThere = true
    this.#connect()
  }

  /** The computer is not at the hub, or this page not any more. */
  left(): void {
    this.#isThere = false
    clearTimeout(this.#retry)
  }

  /** Tries again at once instead of after the pause. */
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
      this.#ports.impossible()
    }
  }

  #offer(): Connection {
    const attempt: Connection = Connection.offer({
      send: (message) => {
        this.#ports.send(this.#ports.bond()?.sign(message) ?? message)
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
    if (this.#ports.bond()?.isOwn(answer)) this.#attempt?.receive(answer)
    else this.close('tampered')
  }

  #confirm(lane: ChannelLane, applied: Applied): void {
    this.#ports.bond()?.confirm(lane, applied, (confirmed) => {
      if (typeof confirmed === 'string') this.close(confirmed)
      else this.#ports.opened(confirmed)
    })
  }

  #closed(attempt: Connection, code: Reason): void {
    if (attempt !== this.#attempt) return
    this.#attempt = null
    this.#ports.closed(code)
    if (this.#isThere)
      this.#retry = setTimeout(() => {
        this.#connect()
      }, RETRY_MS)
  }
}
