import { SessionBus } from './session-bus.ts'

const WATCHER = 'org.kde.StatusNotifierWatcher'

/** What says that a host of tray icons may have come or gone. */
const NEWS = ['NameOwnerChanged', 'StatusNotifierHostRegistered', 'StatusNotifierHostUnregistered']

/**
 * Knows whether anything on the screen shows tray icons. Windows and macOS always do. A Linux desktop may not, as GNOME
 * does not by itself, and Electron makes its icon all the same: so the session's bus is asked.
 */
export class TrayHost {
  #isThere = false
  #bus: SessionBus | null = null
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
    this.#bus?.close()
    this.#bus = null
  }

  /** Rejects where the session has no bus: then there is no tray. */
  async #connect(): Promise<void> {
    const bus = (this.#bus = await SessionBus.connect({
      onSignal: ({ member }) => {
        if (NEWS.includes(member)) void this.#lookAgain()
      },
      onEnd: () => {
        this.#found(false)
      },
    }))
    await bus.listenToOwnerOf(WATCHER)
    await bus.listen({ interface: WATCHER })
    this.#isThere = await this.#look()
  }

  async #look(): Promise<boolean> {
    const bus = this.#bus
    if (bus === null || !(await bus.hasOwner(WATCHER))) return false
    const [registered] = await bus.call(IS_REGISTERED)
    return (registered as { value?: unknown } | undefined)?.value === true
  }

  async #lookAgain(): Promise<void> {
    this.#found(await this.#look().catch(() => false))
  }

  #found(isThere: boolean): void {
    if (this.#isThere === isThere) return
    this.#isThere = isThere
    this.#onChange()
  }
}

const IS_REGISTERED = {
  destination: WATCHER,
  path: '/StatusNotifierWatcher',
  interface: 'org.freedesktop.DBus.Properties',
  member: 'Get',
  signature: 'ss',
  body: [WATCHER, 'IsStatusNotifierHostRegistered'],
}
