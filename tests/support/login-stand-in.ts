import { Message, type MessageBus } from '@jellybrick/dbus-next'
import { serve, type SessionBus } from './session-bus.ts'

const PATH = '/org/freedesktop/login1'
const MANAGER = 'org.freedesktop.login1.Manager'

/** Stands in for systemd-logind, which tells programs that the computer goes down. */
export class LoginStandIn {
  readonly #bus: MessageBus

  private constructor(bus: MessageBus) {
    this.#bus = bus
  }

  static async start(system: SessionBus): Promise<LoginStandIn> {
    const bus = await system.connect()
    // Nothing is delayed for anybody: that takes a descriptor, and programs do without.
    serve(bus, MANAGER, () => undefined)
    await bus.requestName('org.freedesktop.login1')
    return new LoginStandIn(bus)
  }

  shutDown(): void {
    this.#bus.send(Message.newSignal(PATH, MANAGER, 'PrepareForShutdown', 'b', [true]))
  }
}
