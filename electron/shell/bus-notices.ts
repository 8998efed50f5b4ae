import type { Message } from '@jellybrick/dbus-next'
import { m } from '#messages'
import type { Notice, NoticeAction } from './notices.ts'
import { SessionBus } from './session-bus.ts'

const SERVER = 'org.freedesktop.Notifications'
const TO_SERVER = { destination: SERVER, path: '/org/freedesktop/Notifications', interface: SERVER }

/** Milliseconds for what shows notices to answer; a first call may have to start it. */
const ANSWER_MS = 10_000

/** Names the program's entry in the menu, of which the desktop takes name and icon; `desktopName` in package.json. */
const DESKTOP_ENTRY = 'lanyard'

/** The name that a click on the notice itself has among the actions. */
const CLICK = 'default'

/** Does what a click or a button says. `token`: what lets a window come to the front under Wayland. */
export type ActOnNotice = (action: NoticeAction, token: string | null) => void

/**
 * Shows notices by the session's bus, as every Linux desktop has it (Desktop Notifications Specification). Electron does the
 * same there, but its notices have no buttons (decision 41).
 */
export class BusNotices {
  readonly #act: ActOnNotice
  #bus: Promise<SessionBus> | null = null
  /** By tag; also after it has left the screen, as a list of the desktop may have it still. */
  readonly #shown = new Map<string, { readonly id: number; readonly notice: Notice }>()
  #token: { readonly id: unknown; readonly text: string } | null = null
  /** Steps are taken one after the other: what closes or clicks a notice needs the id that showing it has given. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(act: ActOnNotice) {
    this.#act = act
  }

  /** Shows a notice in the place of an earlier one of its tag. Rejects where the system shows none. */
  show(notice: Notice): Promise<void> {
    return this.#inOrder(async () => {
      const bus = await this.#connected()
      const [abilities] = await bus.call({ ...TO_SERVER, member: 'GetCapabilities' })
      const hasActions = Array.isArray(abilities) && abilities.includes('actions')
      const { Variant } = await import('@jellybrick/dbus-next')
      const hints = { 'desktop-entry': new Variant('s', DESKTOP_ENTRY) }
      const { tag, title, body } = notice
      const before = this.#shown.get(tag)?.id ?? 0
      const actions = hasActions ? actionsOf(notice) : []
      const call = { ...TO_SERVER, member: 'Notify', signature: 'susssasa{sv}i' }
      const [id] = await bus.call({ ...call, body: [m.app_name(), before, '', title, body, actions, hints, -1] })
      this.#shown.set(tag, { id: Number(id), notice })
    })
  }

  /** Takes a notice off the screen, where it still is. */
  close(tag: string): void {
    // Refused, it had gone already.
    this.#close(tag).catch(() => undefined)
  }

  /** Takes all off the screen and lets go of the bus. */
  async stop(): Promise<void> {
    // Behind what is being shown just now.
    await this.#inOrder(() => Promise.resolve())
    await Promise.allSettled([...this.#shown.keys()].map((tag) => this.#close(tag)))
    const bus = await this.#bus?.catch(() => null)
    bus?.close()
    this.#bus = null
  }

  #close(tag: string): Promise<void> {
    return this.#inOrder(async () => {
      const id = this.#shown.get(tag)?.id
      if (id === undefined) return
      this.#shown.delete(tag)
      const bus = await this.#connected()
      await bus.call({ ...TO_SERVER, member: 'CloseNotification', signature: 'u', body: [id] })
    })
  }

  #connected(): Promise<SessionBus> {
    return (this.#bus ??= this.#connect().catch((error: unknown) => {
      this.#bus = null
      throw error
    }))
  }

  async #connect(): Promise<SessionBus> {
    const bus = await SessionBus.connect({
      onSignal: (signal) => {
        this.#hear(signal)
      },
      onEnd: () => {
        this.#bus = null
        this.#shown.clear()
      },
    })
    await bus.listenToOwnerOf(SERVER)
    await bus.listen({ sender: SERVER, interface: SERVER })
    return bus
  }

  #hear({ member, body: [id, said] }: Message): void {
    // Another one that shows notices counts anew: its ids are those of other notices.
    if (member === 'NameOwnerChanged') this.#shown.clear()
    // Comes just before the click that it belongs to.
    if (member === 'ActivationToken') this.#token = { id, text: String(said) }
    if (member !== 'ActionInvoked') return
    const token = this.#token !== null && this.#token.id === id ? this.#token.text : null
    this.#token = null
    void this.#inOrder(() => Promise.resolve(this.#chosen(id, said))).then((action) => {
      if (action !== null) this.#act(action, token)
    })
  }

  /** Returns what a click says, and forgets its notice, which goes with it; null for that of another program. */
  #chosen(id: unknown, key: unknown): NoticeAction | null {
    for (const [tag, shown] of this.#shown) {
      if (shown.id !== id) continue
      this.#shown.delete(tag)
      const { click, buttons } = shown.notice
      return key === CLICK ? click : (buttons[Number(key)]?.action ?? null)
    }
    return null
  }

  #inOrder<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => inTime(step()))
    this.#last = done.catch(() => undefined)
    return done
  }
}

/** Returns names and words in turn. Few desktops show the words of the first, which is the click on the notice itself. */
function actionsOf({ buttons }: Notice): string[] {
  return [CLICK, m.tray_show(), ...buttons.flatMap(({ label }, index) => [String(index), label])]
}

/** Resolves as the other does; rejects when that takes too long. */
async function inTime<T>(done: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${ANSWER_MS} ms`))
    }, ANSWER_MS)
  })
  try {
    return await Promise.race([done, late])
  } finally {
    clearTimeout(timer)
  }
}
