import { DBusError, Message, Variant, type MessageBus } from '@jellybrick/dbus-next'
import { whileItMoves } from './patience.ts'
import { serve, type SessionBus } from './session-bus.ts'

const WATCHER = 'org.kde.StatusNotifierWatcher'
const PATH = '/StatusNotifierWatcher'
const PROPERTIES = 'org.freedesktop.DBus.Properties'
const MENU = 'com.canonical.dbusmenu'

/** How often an entry is clicked whose menu is replaced in the same moment. */
const CLICKS_MAX = 5

/** One entry of a tray's menu, as a host of icons gets it. */
export interface Entry {
  readonly id: number
  readonly label: string
  readonly enabled: boolean
  readonly children: readonly Entry[]
}

type Layout = readonly [number, Record<string, Variant>, readonly Variant<Layout>[]]

/** Stands in for what shows tray icons: the watcher, its host, and whoever opens the menus. */
export class TrayStandIn {
  /** The icons that have registered, as they name themselves. */
  readonly items: string[] = []
  readonly #bus: MessageBus
  #hasHost: boolean

  private constructor(bus: MessageBus, hasHost: boolean) {
    this.#bus = bus
    this.#hasHost = hasHost
  }

  /** `hasHost`: false is a watcher that shows nothing. */
  static async start(session: SessionBus, hasHost = true): Promise<TrayStandIn> {
    const bus = await session.connect()
    const tray = new TrayStandIn(bus, hasHost)
    serve(bus, WATCHER, (call) => {
      if (call.member === 'RegisterStatusNotifierItem') {
        const [named] = call.body as [string]
        // By a path of the caller's, or by a name.
        tray.items.push(named.startsWith('/') ? `${call.sender}${named}` : named)
      }
      return ['']
    })
    serve(bus, PROPERTIES, ({ member, body: [, name] }) => {
      if (member === 'Get' && name === 'IsStatusNotifierHostRegistered') return ['v', new Variant('b', tray.#hasHost)]
      if (member === 'Get' && name === 'RegisteredStatusNotifierItems') return ['v', new Variant('as', tray.items)]
      return undefined
    })
    await bus.requestName(WATCHER)
    return tray
  }

  /** Waits until the icon is off the screen: nobody answers for it any more. */
  async gone(): Promise<void> {
    const isThere = () => this.menu().then(() => true, () => false) // prettier-ignore
    await whileItMoves('end of the icon', isThere, (seen) => !seen)
  }

  /** The host comes or goes while the watcher stays. */
  setHost(hasHost: boolean): void {
    this.#hasHost = hasHost
    const name = hasHost ? 'StatusNotifierHostRegistered' : 'StatusNotifierHostUnregistered'
    this.#bus.send(Message.newSignal(PATH, WATCHER, name))
  }

  /** The whole menu of the icon, as it is now. */
  async menu(): Promise<readonly Entry[]> {
    const { owner, path } = await this.#menuOf()
    const reply = await this.#bus.call(
      new Message({
        destination: owner,
        path,
        interface: MENU,
        member: 'GetLayout',
        signature: 'iias',
        body: [0, -1, []],
      }),
    )
    const [, root] = (reply?.body ?? []) as [number, Layout]
    return entriesIn(root)
  }

  /** A property of the icon itself. */
  async property(name: string): Promise<unknown> {
    const { owner, path } = this.#item()
    return this.#get(owner, path, 'org.kde.StatusNotifierItem', name)
  }

  /**
   * Chooses an entry, named by its label and those above it. A menu that was replaced between the look and the click knows
   * its entries no more: a person would click again, and so does this.
   */
  async choose(...labels: readonly string[]): Promise<void> {
    for (let again = CLICKS_MAX - 1; ; again--) {
      try {
        await this.#click(labels)
        return
      } catch (error) {
        if (again === 0 || !(error instanceof DBusError)) throw error
      }
    }
  }

  async #click(labels: readonly string[]): Promise<void> {
    let entries = await this.menu()
    let found: Entry | undefined
    for (const label of labels) {
      found = entries.find((entry) => entry.label === label)
      if (found === undefined) throw new Error(`no '${label}' in the menu, but ${JSON.stringify(entries)}`)
      entries = found.children
    }
    const { owner, path } = await this.#menuOf()
    const body = [found?.id ?? 0, 'clicked', new Variant('i', 0), 0]
    const event = { interface: MENU, member: 'Event', signature: 'isvu', body }
    await this.#bus.call(new Message({ destination: owner, path, ...event }))
  }

  #item(): { owner: string; path: string } {
    const item = this.items.at(-1)
    if (item === undefined) throw new Error('no icon has registered')
    const slash = item.indexOf('/')
    return slash < 0
      ? { owner: item, path: '/StatusNotifierItem' }
      : { owner: item.slice(0, slash), path: item.slice(slash) }
  }

  async #menuOf(): Promise<{ owner: string; path: string }> {
    const { owner, path } = this.#item()
    return { owner, path: String(await this.#get(owner, path, 'org.kde.StatusNotifierItem', 'Menu')) }
  }

  async #get(destination: string, path: string, face: string, name: string): Promise<unknown> {
    const reply = await this.#bus.call(
      new Message({ destination, path, interface: PROPERTIES, member: 'Get', signature: 'ss', body: [face, name] }),
    )
    return (reply?.body[0] as Variant | undefined)?.value
  }
}

function entriesIn([, , children]: Layout): Entry[] {
  return children.map(({ value }) => {
    const [id, properties] = value
    const label = properties['label']?.value
    return {
      id,
      // An underscore marks a key; two are one.
      label: typeof label === 'string' ? label.replaceAll('__', '_') : '',
      enabled: properties['enabled']?.value !== false,
      children: entriesIn(value),
    }
  })
}
