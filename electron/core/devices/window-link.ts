import type { Reason } from '#protocol/errors.ts'
import { WEB } from '#protocol/hub-events.ts'
import type { FromWindow, ToWindow } from '#protocol/link-port.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { primitives } from '#hub/node-crypto.ts'
import { ChannelBinding } from '#transfer/channel-binding.ts'
import type { Lane } from '#transfer/lane.ts'
import type { LinkPort } from './device-ports.ts'
import { PortLane } from './port-lane.ts'

type Opened = Extract<FromWindow, { t: 'lane-open' }>

/** The data channel of one link: it is the window's, and only what the session key signs is believed of it. */
export class WindowLink {
  #port: LinkPort | null = null
  #lane: PortLane | null = null
  #binding: ChannelBinding | null = null

  /** The window (again) hosts this link. */
  attach(port: LinkPort): void {
    this.#port = port
  }

  /** It does not any more; `close`: it is to know. */
  detach(close: boolean): void {
    if (close) this.#port?.close()
    this.#port = null
  }

  post(message: ToWindow): void {
    this.#port?.post(message)
  }

  /** A phone has proved its key: its next connection must be of that session. Null: what was proved counts no more. */
  prove(session: SessionKey | null): void {
    this.#binding = session === null ? null : new ChannelBinding(session, WEB, primitives)
  }

  get session(): SessionKey | null {
    return this.#binding?.session ?? null
  }

  /** Tells the window whether the offer may be answered; returns why not. */
  checkOffer(n: number, sdp: string, mac: string): Reason | null {
    const refused = this.#binding === null ? 'not-allowed' : this.#binding.checkOffer(sdp, mac)
    this.post({ t: 'offer-checked', n, refused })
    return refused
  }

  signAnswer(n: number, sdp: string): void {
    this.post({ t: 'answer-signed', n, mac: this.#binding?.signAnswer(sdp) ?? '' })
  }

  open({ lane: kind, maxMessage }: Opened): PortLane {
    this.#lane = new PortLane(kind, maxMessage, (message) => {
      this.post(message)
    })
    return this.#lane
  }

  /** Calls back with the lane once the phone has confirmed it, or why it is shut. False: nobody has proved anything. */
  confirm(lane: PortLane, opened: Opened, then: (confirmed: Lane | Reason) => void): boolean {
    this.#binding?.confirm(lane, opened, (confirmed) => {
      if (this.#lane === lane) then(confirmed)
    })
    return this.#binding !== null
  }

  deliver(data: string | Uint8Array): void {
    this.#lane?.deliver(data)
  }

  credit(bytes: number): void {
    this.#lane?.credit(bytes)
  }

  /** Takes it off; what to end it with, null when there was none. `close`: the window is told to end it. */
  drop(close: boolean): (() => void) | null {
    const lane = this.#lane
    if (lane === null) return null
    if (close) lane.close()
    this.#lane = null
    return () => {
      lane.closed()
    }
  }
}
