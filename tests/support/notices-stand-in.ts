import { Message, type MessageBus } from '@jellybrick/dbus-next'
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
}

/** Stands in for what shows notices, and for the person who clicks on them. */
export class NoticesStandIn {
  /** All that were ever shown, in order. */
  readonly shown: ShownNotice[] = []
  readonly #closed = new Set<number>()
  readonly #bus: MessageBus

  private constructor(bus: MessageBus) {
    this.#bus = bus
  }

  static async start(session: SessionBus): Promise<NoticesStandIn> {
    const bus = await session.connect()
    const notices = new NoticesStandIn(bus)
    serve(bus, FACE, (call) => notices.#answer(call))
    await bus.requestName(FACE)
    return notices
  }

  /** Those that are on the screen. */
  get open(): readonly ShownNotice[] {
    return this.shown.filter(({ id }) => !this.#closed.has(id))
  }

  /** Waits for one that says this. */
  async saying(body: string): Promise<ShownNotice> {
    await whileItMoves(`notice of ${body}`, () => this.shown.map((one) => one.body), (all) => all.includes(body)) // prettier-ignore
    return this.shown.find((one) => one.body === body) as ShownNotice
  }

  click({ id }: ShownNotice): void {
    this.#signal('ActionInvoked', 'us', id, 'default')
    this.#close(id)
  }

  #answer({ member, body }: Message): readonly [string, ...unknown[]] | undefined {
    switch (member) {
      case 'GetCapabilities':
        return ['as', ['body', 'body-markup', 'actions']]
      case 'GetServerInformation':
        return ['ssss', 'stand-in', 'tests', '1', '1.2']
      case 'Notify': {
        const [, , , title, text, actions] = body as [string, number, string, string, string, string[]]
        this.shown.push({ id: this.shown.length + 1, title, body: text, actions })
        return ['u', this.shown.length]
      }
      case 'CloseNotification':
        this.#close(body[0] as number)
        return ['']
      default:
        return undefined
    }
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
