import type { DeviceView, ShellApi } from '#electron/shell-api.ts'

/** What was pasted into the window. */
export type Pasted = { readonly files: File[] } | { readonly text: string }

/** Marks the element of a device: what is pasted while it has the focus is for that device. */
const DEVICE = '[data-device-id]'

export interface PastePorts {
  readonly here: () => readonly DeviceView[]
  readonly ask: (verb: (api: ShellApi) => Promise<void>) => void
}

/** Ctrl or Cmd + V in the window: files, images and text go to the phone that is here. */
export class Paste {
  /** What waits for a person to say which phone it is for; with none here, for nothing. */
  waiting = $state.raw<Pasted | null>(null)
  readonly #ports: PastePorts

  constructor(ports: PastePorts) {
    this.#ports = ports
  }

  paste = (event: ClipboardEvent): void => {
    if (event.target instanceof Element && event.target.closest('input, textarea, dialog') !== null) return
    const pasted = whatIsIn(event.clipboardData)
    if (pasted === null) return
    event.preventDefault()
    const device = this.#target(event.target)
    if (device === null || isTooLong(pasted)) this.waiting = pasted
    else this.#send(device.id, pasted)
  }

  /** `null`: to nobody. */
  answer(deviceId: string | null): void {
    const pasted = this.waiting
    this.waiting = null
    if (pasted !== null && deviceId !== null) this.#send(deviceId, pasted)
  }

  #send(deviceId: string, pasted: Pasted): void {
    this.#ports.ask((api) =>
      'text' in pasted ? api.sendText(deviceId, pasted.text) : api.pasteFiles(deviceId, pasted.files),
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

/** Characters of a text, as the protocol has it; more is a file. */
const TEXT_CHARS_MAX = 32_768

export const isTooLong = (pasted: Pasted): boolean => 'text' in pasted && pasted.text.length > TEXT_CHARS_MAX

/** Files before text: a file manager puts their names beside them. */
function whatIsIn(data: DataTransfer | null): Pasted | null {
  const files = [...(data?.files ?? [])]
  if (files.length > 0) return { files }
  const text = data?.getData('text/plain') ?? ''
  return text.trim() === '' ? null : { text }
}
