import { Message, Variant, type MessageBus } from '@jellybrick/dbus-next'
import { pathToFileURL } from 'node:url'
import { serve, type SessionBus } from './session-bus.ts'

const PORTAL = 'org.freedesktop.portal.Desktop'
const CHOOSER = 'org.freedesktop.portal.FileChooser'
const REQUEST = 'org.freedesktop.portal.Request'
const ROOT = '/org/freedesktop/portal/desktop'

/** For a program whose dialogs are GTK's: it is to ask the desktop for them. */
export const ASKS_DESKTOP = { GTK_USE_PORTAL: '1' }

/** Stands in for the desktop's dialog in which files are picked, and for the person who picks. */
export class ChooserStandIn {
  /** What the next dialogs are answered with: paths; none of them means that the person gives up. */
  answer: readonly string[] = []
  /** How often it was asked. */
  asked = 0
  readonly #bus: MessageBus

  private constructor(bus: MessageBus) {
    this.#bus = bus
  }

  static async start(session: SessionBus): Promise<ChooserStandIn> {
    const bus = await session.connect()
    const chooser = new ChooserStandIn(bus)
    serve(bus, 'org.freedesktop.DBus.Properties', ({ member }) =>
      member === 'Get' ? ['v', new Variant('u', 4)] : undefined,
    )
    serve(bus, CHOOSER, (call) => chooser.#open(call))
    await bus.requestName(PORTAL)
    return chooser
  }

  #open({ sender, body, member }: Message): readonly [string, ...unknown[]] | undefined {
    if (member !== 'OpenFile') return undefined
    this.asked++
    const [, , options] = body as [string, string, Record<string, Variant<string>>]
    const caller = sender.slice(1).replaceAll('.', '_')
    const request = `${ROOT}/request/${caller}/${options['handle_token']?.value ?? 't'}`
    const uris = this.answer.map((path) => pathToFileURL(path).href)
    const results = { uris: new Variant('as', uris) }
    // Behind the reply, which says where it will come from.
    setImmediate(() => {
      this.#bus.send(Message.newSignal(request, REQUEST, 'Response', 'ua{sv}', [uris.length === 0 ? 1 : 0, results]))
    })
    return ['o', request]
  }
}
