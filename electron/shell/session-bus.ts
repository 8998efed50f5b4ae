import { once, type EventEmitter } from 'node:events'
import type { Message, MessageBus, MessageLike } from '@jellybrick/dbus-next'

const BUS = 'org.freedesktop.DBus'
const TO_BUS = { destination: BUS, path: '/org/freedesktop/DBus', interface: BUS }

/** Milliseconds for the bus to answer. It is on this computer; a person's window waits for it. */
const CONNECT_MS = 2_000

/** What is heard on the bus. */
export interface BusListener {
  /** A signal that a rule of `listen` lets through. */
  readonly onSignal: (signal: Message) => void
  /** The connection is gone. */
  readonly onEnd: () => void
}

/** A connection to the bus of a Linux session, on which its programs talk with what shows their icons and notices. */
export class SessionBus {
  readonly #bus: MessageBus
  readonly #newCall: (call: MessageLike) => Message

  private constructor(bus: MessageBus, newCall: (call: MessageLike) => Message) {
    this.#bus = bus
    this.#newCall = newCall
  }

  /** Rejects where the session has no bus, or one that does not answer. */
  static async connect({ onSignal, onEnd }: BusListener): Promise<SessionBus> {
    const { sessionBus, MessageType, Message: Call } = await import('@jellybrick/dbus-next')
    const bus = sessionBus()
    try {
      // Its types do not know the event.
      ;(bus as EventEmitter).on('error', onEnd)
      // Rejects at an `error`, such as an address that is none.
      await once(bus, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) })
    } catch (error) {
      bus.disconnect()
      throw error
    }
    bus.on('message', (message) => {
      if (message.type === MessageType.SIGNAL) onSignal(message)
    })
    return new SessionBus(bus, (call) => new Call(call))
  }

  /** Calls a method. Resolves to what it returns; rejects where nobody has it, or it refuses. */
  async call(call: MessageLike): Promise<readonly unknown[]> {
    return (await this.#bus.call(this.#newCall(call)))?.body ?? []
  }

  /** Hears signals from now on, those that all of these match. */
  async listen(matches: Readonly<Record<string, string>>): Promise<void> {
    const rule = ["type='signal'", ...Object.entries(matches).map(([key, value]) => `${key}='${value}'`)].join(',')
    await this.call({ ...TO_BUS, member: 'AddMatch', signature: 's', body: [rule] })
  }

  /** Hears of each change of who has a name: as the signal `NameOwnerChanged`. */
  listenToOwnerOf(name: string): Promise<void> {
    return this.listen({ sender: BUS, interface: BUS, member: 'NameOwnerChanged', arg0: name })
  }

  /** Tells whether anybody has that name. */
  async hasOwner(name: string): Promise<boolean> {
    const [owned] = await this.call({ ...TO_BUS, member: 'NameHasOwner', signature: 's', body: [name] })
    return owned === true
  }

  /** Lets go of the bus, after what was sent. */
  close(): void {
    this.#bus.disconnect()
  }
}
