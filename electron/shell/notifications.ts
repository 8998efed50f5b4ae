import { Notification } from 'electron'
import { BusNotices, type ActOnNotice } from './bus-notices.ts'
import type { Notice } from './notices.ts'

/** Shows notices by the system, and does what a click on one says. */
export class Notifications {
  /** Of Linux, where Electron's have no buttons. */
  readonly #bus: BusNotices | null
  // Of one that nothing refers to the click is lost. One of each tag, also after it has left the screen: a list of the system
  // may have it still.
  readonly #shown = new Map<string, Notification>()
  readonly #act: ActOnNotice

  /** `act` does what a click or a button says. */
  constructor(act: ActOnNotice) {
    this.#act = act
    this.#bus = process.platform === 'linux' ? new BusNotices(act) : null
  }

  /** Shows a notice in the place of an earlier one of its tag. `onFailed`: the system shows none. */
  show(notice: Notice, onFailed: () => void = () => undefined): void {
    if (this.#bus === null) this.#showOwn(notice, onFailed)
    else this.#bus.show(notice).catch(onFailed)
  }

  /** Takes a notice off the screen, where it still is. */
  close(tag: string): void {
    this.#bus?.close(tag)
    this.#shown.get(tag)?.close()
    this.#shown.delete(tag)
  }

  /** Takes all off the screen. */
  async stop(): Promise<void> {
    for (const tag of [...this.#shown.keys()]) this.close(tag)
    await this.#bus?.stop()
  }

  #showOwn({ tag, title, body, click, buttons }: Notice, onFailed: () => void): void {
    this.close(tag)
    if (!Notification.isSupported()) {
      onFailed()
      return
    }
    const actions = buttons.map(({ label: text }) => ({ type: 'button' as const, text }))
    const notification = new Notification({ title, body, actions })
    notification.on('click', () => {
      this.#act(click, null)
    })
    notification.on('action', (_event, index) => {
      const button = buttons[index]
      if (button !== undefined) this.#act(button.action, null)
    })
    notification.on('failed', onFailed)
    this.#shown.set(tag, notification)
    notification.show()
  }
}
