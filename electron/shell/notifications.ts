import { Notification } from 'electron'
import type { Notice, NoticeAction } from './notices.ts'

/** Shows notices by the system, and does what a click on one says. */
export class Notifications {
  // Of one that nothing refers to the click is lost. One of each tag, also after it has left the screen: a list of the system
  // may have it still.
  readonly #shown = new Map<string, Notification>()
  readonly #act: (action: NoticeAction) => void

  /** `act` does what a click or a button says. */
  constructor(act: (action: NoticeAction) => void) {
    this.#act = act
  }

  /** Shows a notice in the place of an earlier one of its tag. `onFailed`: the system shows none. */
  show({ tag, title, body, click, buttons }: Notice, onFailed: () => void = () => undefined): void {
    this.close(tag)
    if (!Notification.isSupported()) {
      onFailed()
      return
    }
    const actions = buttons.map(({ label: text }) => ({ type: 'button' as const, text }))
    const notification = new Notification({ title, body, actions })
    notification.on('click', () => {
      this.#act(click)
    })
    notification.on('action', (_event, index) => {
      const button = buttons[index]
      if (button !== undefined) this.#act(button.action)
    })
    notification.on('failed', onFailed)
    this.#shown.set(tag, notification)
    notification.show()
  }

  /** Takes a notice off the screen, where it still is. */
  close(tag: string): void {
    this.#shown.get(tag)?.close()
    this.#shown.delete(tag)
  }

  closeAll(): void {
    for (const tag of [...this.#shown.keys()]) this.close(tag)
  }
}
