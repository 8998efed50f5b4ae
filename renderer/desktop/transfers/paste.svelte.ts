import type { DeviceView } from '#electron/app-state.ts'
import { TEXT_CHARS_MAX } from '#protocol/limits.ts'
import type { AppModel } from '#desktop/app-model.svelte.ts'

/** What was pasted into the window or dropped on it, as it goes to a phone. */
export type Content = { readonly files: File[] } | { readonly text: string }

export const isTooLong = (content: Content): boolean => 'text' in content && content.text.length > TEXT_CHARS_MAX

/**
 * Returns what a person means by it; null for nothing. Files of the disk come before text: a file manager puts their names
 * beside them. Text comes before pictures that are in no file: a spreadsheet puts one of its cells beside them, and a
 * browser the image beside its address.
 */
export function contentOf(data: DataTransfer | null, isOnDisk: (file: File) => boolean): Content | null {
  const files = [...(data?.files ?? [])]
  if (data === null || files.some(isOnDisk)) return files.length > 0 ? { files } : null
  const text = [data.getData('text/plain'), linksIn(data.getData('text/uri-list'))].find((one) => one.trim() !== '')
  if (text !== undefined) return { text }
  return files.length > 0 ? { files } : null
}

/** Of RFC 2483: one a line, and comments. */
const linksIn = (list: string): string =>
  list
    .split(/\r?\n/u)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n')

/** Marks the element of a device: what is pasted while it has the focus is for that device. */
const DEVICE = '[data-device-id]'

/** Why it can't go to any phone that is here. */
type Problem = 'too-long' | 'nobody' | 'no-texts'

/** Sends what was pasted into the window with Ctrl or Cmd + V, or dropped on it, to a phone; asks which, where that is not plain. */
export class Paste {
  /** What waits for a person to say which phone it is for; with none that takes it, for nothing. */
  waiting = $state.raw<Content | null>(null)
  readonly #app: AppModel

  constructor(app: AppModel) {
    this.#app = app
  }

  paste = (event: ClipboardEvent): void => {
    if (event.target instanceof Element && event.target.closest('input, textarea, dialog') !== null) return
    const content = contentOf(event.clipboardData, (file) => this.#app.api.isOnDisk(file))
    if (content === null) return
    event.preventDefault()
    this.offer(this.#target(event.target), content)
  }

  /** Sends it to those of the devices that take it, or says why none does; without any device asks which. */
  offer(devices: readonly DeviceView[], content: Content): void {
    const takers = this.takers(content).filter((device) => devices.includes(device))
    if (takers.length > 0 && !isTooLong(content))
      this.#send(takers.map(({ id }) => id), content) // prettier-ignore
    else this.waiting = content
  }

  /** Takes a person's answer to what waits; no device = nobody gets it. */
  answer(deviceIds: readonly string[]): void {
    const content = this.waiting
    this.waiting = null
    if (content !== null) this.#send(deviceIds, content)
  }

  /** Returns the phones here that take it: legacy apps take no texts. */
  takers(content: Content): readonly DeviceView[] {
    return 'text' in content ? this.#app.here.filter(({ texts }) => texts) : this.#app.here
  }

  problem(content: Content): Problem | null {
    if (isTooLong(content)) return 'too-long'
    if (this.takers(content).length > 0) return null
    return this.#app.here.length === 0 ? 'nobody' : 'no-texts'
  }

  #send(deviceIds: readonly string[], content: Content): void {
    this.#app.ask(async (api) => {
      const send = (id: string): Promise<void> =>
        'text' in content ? api.sendText(id, content.text) : api.pasteFiles(id, content.files)
      await Promise.all(deviceIds.map(send))
    })
  }

  /** Returns the only phone, or the one whose card has the focus; none where that is not plain. */
  #target(focused: EventTarget | null): readonly DeviceView[] {
    const here = this.#app.here
    if (here.length < 2) return here
    const card = focused instanceof Element ? focused.closest(DEVICE) : null
    return here.filter(({ id }) => id === card?.getAttribute('data-device-id'))
  }
}
