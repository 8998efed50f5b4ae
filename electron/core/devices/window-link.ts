import { assertNever, ProtocolError, type Reason } from '#protocol/errors.ts'
import { WEB, type Joined } from '#protocol/hub-events.ts'
import { FromWindow, type ToWindow } from '#protocol/link-port.ts'
import { parse } from '#protocol/parse.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { primitives } from '#hub/node-crypto.ts'
import { ChannelBinding } from '#transfer/channel-binding.ts'
import { LaneBase, type Lane, type LaneEvents, type LaneKind } from '#transfer/lane.ts'

/** One end of the MessagePort to the window, for one link. */
export interface LinkPort {
  post(message: ToWindow): void
  close(): void
}

export type OpenedLane = Extract<FromWindow, { t: 'lane-open' }>
/** An event of the 2018 protocol that came by way of the hub. */
export type LegacySignal = Extract<FromWindow, { t: 'signal' }>['event']

/** What the window tells of a link. */
export interface WindowLinkEvents {
  /** The window has registered the link at the hub. */
  onRegistered(): void
  /** A phone has registered on the link, or has left the hub. */
  onJoined(peer: Joined): void
  onLeft(): void
  /** The window's data channel is open: `open` makes a lane of it. */
  onLaneOpen(opened: OpenedLane): void
  onLaneClosed(): void
  onSignal(event: LegacySignal, payload: unknown): void
  /** An attempt to connect failed, or was refused. */
  onTrouble(code: Reason): void
}

/** The data channel of one link: the window owns it, and only what the session key signs is believed of the window. */
export class WindowLink {
  #port: LinkPort | null = null
  #lane: PortLane | null = null
  #binding: ChannelBinding | null = null
  readonly #events: WindowLinkEvents

  constructor(events: WindowLinkEvents) {
    this.#events = events
  }

  /** The session that the phone has proved last. */
  get session(): SessionKey | null {
    return this.#binding?.session ?? null
  }

  /** The window (again) hosts this link. */
  attach(port: LinkPort): void {
    this.#port = port
  }

  /** The window does not host the link any more. `close`: the window is told. */
  detach(close: boolean): void {
    if (close) this.#port?.close()
    this.#port = null
  }

  post(message: ToWindow): void {
    this.#port?.post(message)
  }

  /** Takes a message of the window; what is not of the contract is dropped. */
  receive(raw: unknown): void {
    try {
      this.#act(parse(FromWindow, raw))
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
    }
  }

  /** A phone has proved its key: its next connection must be of that session. Null: what was proved counts no more. */
  prove(session: SessionKey | null): void {
    this.#binding = session === null ? null : new ChannelBinding(session, WEB, primitives)
  }

  open({ lane: kind, maxMessage }: OpenedLane): PortLane {
    this.#lane = new PortLane(kind, maxMessage, (message) => {
      this.post(message)
    })
    return this.#lane
  }

  /** Calls back with the lane once the phone has confirmed it, or why it is shut. False: nobody has proved anything. */
  confirm(lane: PortLane, opened: OpenedLane, then: (confirmed: Lane | Reason) => void): boolean {
    this.#binding?.confirm(lane, opened, (confirmed) => {
      if (this.#lane === lane) then(confirmed)
    })
    return this.#binding !== null
  }

  /** Takes the lane off. Returns what ends it, null when there was none. `close`: the window is told to close it. */
  drop(close: boolean): (() => void) | null {
    const lane = this.#lane
    if (lane === null) return null
    if (close) lane.close()
    this.#lane = null
    return () => {
      lane.closed()
    }
  }

  #act(message: FromWindow): void {
    switch (message.t) {
      case 'registered':
        this.#events.onRegistered()
        return
      case 'joined':
        this.#events.onJoined(message.peer)
        return
      case 'left':
        this.#events.onLeft()
        return
      case 'lane-open':
        this.#events.onLaneOpen(message)
        return
      case 'check-offer':
        this.#checkOffer(message)
        return
      case 'sign-answer':
        this.post({ t: 'answer-signed', n: message.n, mac: this.#binding?.signAnswer(message.sdp) ?? '' })
        return
      case 'lane-closed':
        this.#events.onLaneClosed()
        return
      case 'data':
        this.#lane?.deliver(message.data)
        return
      case 'credit':
        this.#lane?.credit(message.bytes)
        return
      case 'signal':
        this.#events.onSignal(message.event, message.payload)
        return
      case 'trouble':
        this.#events.onTrouble(message.code)
        return
      default:
        assertNever(message)
    }
  }

  /** Tells the window whether the offer may be answered. */
  #checkOffer({ n, sdp, mac }: Extract<FromWindow, { t: 'check-offer' }>): void {
    const refused = this.#binding === null ? 'not-allowed' : this.#binding.checkOffer(sdp, mac)
    this.post({ t: 'offer-checked', n, refused })
    if (refused !== null) this.#events.onTrouble(refused)
  }
}

/**
 * Bytes given to the window that its data channel has not taken yet. Enough to keep the channel busy over a few turns of
 * both event loops. No more: what waits there is in flight over this lane, also when another proves to be faster.
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

  /** Takes a message that the window has received. */
  deliver(data: string | Uint8Array): void {
    this.#inside.deliver(data)
  }

  /** So many units given to `send` have left the window. */
  credit(bytes: number): void {
    this.#ahead = Math.max(0, this.#ahead - bytes)
    if (this.#ahead < AHEAD_BYTES) this.#inside.wake()
  }

  /** The channel is gone. */
  closed(): void {
    this.#inside.end()
  }
}
