import { once, type EventEmitter } from 'node:events'
import type { Message, MessageBus, MessageLike } from '@jellybrick/dbus-next'

const WATCHER = 'org.kde.StatusNotifierWatcher'
const WATCHER_PATH = '/StatusNotifierWatcher'
const BUS = 'org.freedesktop.DBus'
const BUS_PATH = '/org/freedesktop/DBus'

/** Milliseconds for the bus to answer. It is on this computer; a person's window waits for it. */
const CONNECT_MS = 2_000

/** What says that a host of tray icons may have come or gone. */
const NEWS = ['NameOwnerChanged', 'StatusNotifierHostRegistered', 'StatusNotifierHostUnregistered']
const RULES = [
  `type='signal',sender='${BUS}',interface='${BUS}',member='NameOwnerChanged',arg0='${WATCHER}'`,
  `type='signal',interface='${WATCHER}'`,
]

/**
 * Knows whether anything on the screen shows tray icons. Windows and macOS always do. A Linux desktop may not, as GNOME
 * does not by itself, and Electron makes its icon all the same: so the session's bus is asked.
 */
export class TrayHost {
  #isThere = false
  #bus: MessageBus | null = null
  readonly #onChange: () => void

  private constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** Starts to watch; what is known when it resolves is the present. `onChange`: a host has come or gone. */
  static async watch(onChange: () => void, platform = process.platform): Promise<TrayHost> {
    const host = new TrayHost(onChange)
    if (platform === 'linux') await host.#connect().catch(() => undefined)
    else host.#isThere = true
    return host
  }

  get isThere(): boolean {
    return this.#isThere
  }

  stop(): void {
    this.#bus?.disconnect()
    this.#bus = null
  }

  /** Rejects where the session has no bus, or one that does not answer: then there is no tray. */
  async #connect(): Promise<void> {
    const { sessionBus, MessageType, Message: Call } = await import('@jellybrick/dbus-next')
    const bus = (this.#bus = sessionBus())
    // Its types do not know the event.
    ;(bus as EventEmitter).on('error', () => {
      this.#found(false)
    })
    // Rejects at an `error`, such as an address that is none.
    await once(bus, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) })
    const call = (message: MessageLike): Promise<Message | null> => bus.call(new Call(message))
    const look = async (): Promise<boolean> => {
      const [owned] = await answerOf(call({ ...TO_BUS, member: 'NameHasOwner', signature: 's', body: [WATCHER] }))
      if (owned !== true) return false
      const [registered] = await answerOf(call(IS_REGISTERED))
      return (registered as { value?: unknown } | undefined)?.value === true
    }
    bus.on('message', ({ type, member }) => {
      if (type !== MessageType.SIGNAL || !NEWS.includes(member)) return
      void look().then(
        (isThere) => {
          this.#found(isThere)
        },
        () => {
          this.#found(false)
        },
      )
    })
    for (const rule of RULES) await call({ ...TO_BUS, member: 'AddMatch', signature: 's', body: [rule] })
    this.#isThere = await look()
  }

  #found(isThere: boolean): void {
    if (this.#isThere === isThere) return
    this.#isThere = isThere
    this.#onChange()
  }
}

const TO_BUS = { destination: BUS, path: BUS_PATH, interface: BUS }

const IS_REGISTERED = {
  destination: WATCHER,
  path: WATCHER_PATH,
  interface: 'org.freedesktop.DBus.Properties',
  member: 'Get',
  signature: 'ss',
  body: [WATCHER, 'IsStatusNotifierHostRegistered'],
}

const answerOf = async (reply: Promise<Message | null>): Promise<readonly unknown[]> => (await reply)?.body ?? []
