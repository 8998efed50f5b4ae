import type { MessageBus } from '@jellybrick/dbus-next'
import { serve, type SessionBus } from './session-bus.ts'

const MANAGER = 'org.gnome.SessionManager'

/** What Chromium says for itself, as long as a WebRTC connection is up. */
const CHROMIUMS_OWN = 'WebRTC has active PeerConnections'

/**
 * Stands in for GNOME's session manager, which programs ask to keep the computer awake. What Chromium asks for by itself
 * does not count: nobody can keep it from that.
 */
export class PowerStandIn {
  /** Whether it was asked to, each time that changed. */
  readonly told: boolean[] = []
  readonly #held = new Set<number>()
  #last = 0

  static async start(session: SessionBus): Promise<PowerStandIn> {
    const standIn = new PowerStandIn()
    await standIn.#serve(await session.connect())
    return standIn
  }

  get isHeld(): boolean {
    return this.#held.size > 0
  }

  async #serve(bus: MessageBus): Promise<void> {
    serve(bus, MANAGER, ({ member, body }) => {
      if (member === 'Inhibit') {
        this.#last++
        if (body[2] !== CHROMIUMS_OWN) {
          this.#held.add(this.#last)
          this.told.push(true)
        }
        return ['u', this.#last]
      }
      if (member !== 'Uninhibit') return undefined
      if (this.#held.delete(Number(body[0]))) this.told.push(false)
      return ['']
    })
    await bus.requestName(MANAGER)
  }
}
