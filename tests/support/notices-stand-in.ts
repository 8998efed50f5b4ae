import { Message, type MessageBus, type Variant } from '@jellybrick/dbus-next'
import { whileItMoves } from './patience.ts'
import { serve, type SessionBus } from './session-bus.ts'

const FACE = 'org.freedesktop.Notifications'
const PATH = '/org/freedesktop/Notifications'

/** A notice as the desktop got it. */
export interface ShownNotice {
  readonly id: number
  readonly title: string
  readonly body: string
  /** Names of what can be chosen, in pairs with their words. */
  readonly actions: readonly string[]
  /** The program that says so, by its entry in the menu. */
  readonly entry: unknown
}

export interface NoticesOptions {
  /** Whether notices can be clicked and have buttons. */
  readonly hasActions?: boolean
  /** The id of the first notice. */
  readonly firstId?: number
}

/** Stands in for what shows notices, and for the person who clicks on them. */
export class NoticesStandIn {
  /** All that were ever shown, in order; those that took the place of others too. */
  readonly shown: ShownNotice[] = []
  readonly #closed = new Set<number>()
  readonly #bus: MessageBus
  readonly #abilities: readonly string[]
  #nextId: number

  private constructor(bus: MessageBus, { hasActions = true, firstId = 1 }: NoticesOptions) {
    this.#bus = bus
    this.#abilities = ['body', 'body-markup', ...(hasActions ? ['actions'] : [])]
    this.#nextId = firstId
  }

  static async start(session: SessionBus, options: NoticesOptions = {}): Promise<NoticesStandIn> {
    const bus = await session.connect()
    const notices = new NoticesStandIn(bus, options)
    serve(bus, FACE, (call) => notices.#answer(call))
    await bus.requestName(FACE)
    return notices
  }

  /** What is on the screen, as it is there now. */
  get open(): readonly ShownNotice[] {
    const last = new Map(this.shown.map((notice) => [notice.id, notice]))
    return [...last.values()].filter(({ id }) => !this.#closed.has(id))
  }

  /** Waits for one that says this. */
  async saying(body: string): Promise<ShownNotice> {
    await whileItMoves(`notice of ${body}`, () => this.shown.map((one) => one.body), (all) => all.includes(body)) // prettier-ignore
    return this.shown.find((one) => one.body === body) as ShownNotice
  }

  /** Clicks on the notice itself. `token`: what a desktop under Wayland gives with it. */
  click({ id }: ShownNotice, token?: string): void {
    this.#choose(id, 'default', token)
  }

  /** Clicks on one of its buttons. */
  press({ id, actions }: ShownNotice, words: string, token?: string): void {
    const at = actions.findIndex((word, index) => index % 2 === 1 && word === words)
    if (at < 0) throw new Error(`no button '${words}', but ${JSON.stringify(actions)}`)
    this.#choose(id, actions[at - 1] as string, token)
  }

  /** Ends, as when a desktop's shell starts anew. */
  stop(): void {
    this.#bus.disconnect()
  }

  #answer({ member, body }: Message): readonly [string, ...unknown[]] | undefined {
    switch (member) {
      case 'GetCapabilities':
        return ['as', this.#abilities]
      case 'GetServerInformation':
        return ['ssss', 'stand-in', 'tests', '1', '1.2']
      case 'Notify': {
        const [, replaces, , title, text, actions, hints] = body as [string, number, string, string, string, string[], Record<string, Variant>] // prettier-ignore
        const isThere = this.shown.some(({ id }) => id === replaces)
        const id = isThere ? replaces : this.#nextId++
        this.#closed.delete(id)
        this.shown.push({ id, title, body: text, actions, entry: hints['desktop-entry']?.value })
        return ['u', id]
      }
      case 'CloseNotification':
        this.#close(body[0] as number)
        return ['']
      default:
        return undefined
    }
  }

  #choose(id: number, action: string, token?: string): void {
    if (token !== undefined) this.#signal('ActivationToken', 'us', id, token)
    this.#signal('ActionInvoked', 'us', id, action)
    this.#close(id)
  }

  #close(id: number): void {
    this.#closed.add(id)
    this.#signal('NotificationClosed', 'uu', id, 3)
  }

  #signal(name: string, signature: string, ...body: readonly unknown[]): void {
    this.#bus.send(Message.newSignal(PATH, FACE, name, signature, [...body]))
  }
}

/** Stands in for the file manager, which is asked to show files. */
export class FilesStandIn {
  /** What it was asked to show, as addresses. */
  readonly shown: string[] = []

  static async start(session: SessionBus): Promise<FilesStandIn> {
    const bus = await session.connect()
    const files = new FilesStandIn()
    serve(bus, 'org.freedesktop.FileManager1', ({ body }) => {
      files.shown.push(...(body[0] as string[]))
      return ['']
    })
    await bus.requestName('org.freedesktop.FileManager1')
    return files
  }
}
