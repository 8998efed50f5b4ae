import type { Reason } from '#protocol/errors.ts'
import type { FromWindow, ToWindow } from '#protocol/link-port.ts'
import type { SessionKey } from '#protocol/proof.ts'
import type { Lane } from '#transfer/lane.ts'
import { DeskBond } from './bond.ts'
import type { LinkPort } from './device-ports.ts'
import { PortLane } from './port-lane.ts'

type Opened = Extract<FromWindow, { t: 'lane-open' }>

/** The data channel of one link: it is the window's, and only what the session key signs is believed of it. */
export class WindowLink {
  #port: LinkPort | null = null
  #lane: PortLane | null = null
  #bond: DeskBond | null = null

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
    this.#bond = session === null ? null : new DeskBond(session)
  }

  get session(): SessionKey | null {
    return this.#bond?.session ?? null
  }

  /** Tells the window whether the offer may be answered; returns why not. */
  checkOffer(n: number, sdp: string, mac: string): Reason | null {
    const refused = this.#bond === null ? 'not-allowed' : this.#bond.checkOffer(sdp, mac)
    this.post({ t: 'offer-checked', n, refused })
    return refused
  }

  signAnswer(n: number, sdp: string): void {
    this.post({ t: 'answer-signed', n, mac: this.#bond?.signAnswer(sdp) ?? '' })
  }

  open({ lane: kind, maxMessage }: Opened): PortLane {
    this.#lane = new PortLane(kind, maxMessage, (message) => {
      this.post(message)
    })
    return this.#lane
  }

  /** Calls back with the lane once the phone has confirmed it, or why it is shut. False: nobody has proved anything. */
  confirm(lane: PortLane, { local, remote }: Opened, then: (confirmed: Lane | Reason) => void): boolean {
    this.#bond?.confirm(lane, local, remote, (confirmed) => {
      if (this.#lane === lane) then(confirmed)
    })
    return this.#bond !== null
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
