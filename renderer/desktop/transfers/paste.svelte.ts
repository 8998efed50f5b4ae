import type { DeviceView, WindowApi } from '#electron/window-api.ts'
import { TEXT_CHARS_MAX } from '#protocol/limits.ts'

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

export interface PastePorts {
  readonly here: () => readonly DeviceView[]
  readonly isOnDisk: (file: File) => boolean
  readonly ask: (verb: (api: WindowApi) => Promise<void>) => void
}

/** Why it can't go to any phone that is here. */
type Problem = 'too-long' | 'nobody' | 'no-texts'

/** What was pasted into the window with Ctrl or Cmd + V, or dropped on it: files, images and text for a phone. */
export class Paste {
  /** What waits for a person to say which phone it is for; with none that takes it, for nothing. */
  waiting = $state.raw<Content | null>(null)
  readonly #ports: PastePorts

  constructor(ports: PastePorts) {
    this.#ports = ports
  }

  paste = (event: ClipboardEvent): void => {
    if (event.target instanceof Element && event.target.closest('input, textarea, dialog') !== null) return
    const content = contentOf(event.clipboardData, this.#ports.isOnDisk)
    if (content === null) return
    event.preventDefault()
    this.offer(this.#target(event.target), content)
  }

  /** Sends it to the device, or says why not; `null`: asks which. */
  offer(device: DeviceView | null, content: Content): void {
    const mayGo = device !== null && this.takers(content).includes(device) && !isTooLong(content)
    if (mayGo) this.#send(device.id, content)
    else this.waiting = content
  }

  /** `null`: to nobody. */
  answer(deviceId: string | null): void {
    const content = this.waiting
    this.waiting = null
    if (content !== null && deviceId !== null) this.#send(deviceId, content)
  }

  /** The phones here that take it: apps of 2018 take no texts. */
  takers(content: Content): readonly DeviceView[] {
    return 'text' in content ? this.#ports.here().filter(({ texts }) => texts) : this.#ports.here()
  }

  problem(content: Content): Problem | null {
    if (isTooLong(content)) return 'too-long'
    if (this.takers(content).length > 0) return null
    return this.#ports.here().length === 0 ? 'nobody' : 'no-texts'
  }

  #send(deviceId: string, content: Content): void {
    this.#ports.ask((api) =>
      'text' in content ? api.sendText(deviceId, content.text) : api.pasteFiles(deviceId, content.files),
    )
  }

  /** The only one, or the one whose card has the focus. */
  #target(focused: EventTarget | null): DeviceView | null {
    const here = this.#ports.here()
    const [only, ...more] = here
    if (only === undefined || more.length === 0) return only ?? null
    const card = focused instanceof Element ? focused.closest(DEVICE) : null
    return here.find(({ id }) => id === card?.getAttribute('data-device-id')) ?? null
  }
}
