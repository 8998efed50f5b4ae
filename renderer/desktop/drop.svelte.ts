import type { DeviceView } from '#electron/shell-api.ts'

const carriesFiles = (event: DragEvent): event is DragEvent & { readonly dataTransfer: DataTransfer } =>
  event.dataTransfer?.types.includes('Files') ?? false

/** Marks an element that stands for a device while files are over the window. */
export const DROP_TARGET = 'data-drop-device'

/** Files and folders that are dragged over the window, and whom a drop is for. The whole window is one target. */
export class Drop {
  /** How many hang over the window; null = none. */
  count = $state<number | null>(null)
  /** The device under the pointer. */
  over = $state<string | null>(null)
  readonly #here: () => readonly DeviceView[]
  readonly #send: (deviceId: string, files: File[]) => void

  constructor(here: () => readonly DeviceView[], send: (deviceId: string, files: File[]) => void) {
    this.#here = here
    this.#send = send
  }

  drag = (event: DragEvent): void => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    this.count = [...event.dataTransfer.items].filter(({ kind }) => kind === 'file').length
    this.over = this.#target(event)
    event.dataTransfer.dropEffect = this.over === null ? 'none' : 'copy'
  }

  leave = (event: DragEvent): void => {
    // Into another element of the window is not out of it.
    if (event.relatedTarget === null) this.#end()
  }

  drop = (event: DragEvent): void => {
    if (!carriesFiles(event)) return
    // Otherwise the window would try to open the file.
    event.preventDefault()
    const target = this.#target(event)
    this.#end()
    if (target === null) return
    // A folder is one of them; what is in it is looked up where its path is known.
    const files = [...event.dataTransfer.files]
    if (files.length > 0) this.#send(target, files)
  }

  #end(): void {
    this.count = null
    this.over = null
  }

  /** With one device all of the window stands for it; with several the one under the pointer. */
  #target(event: DragEvent): string | null {
    const here = this.#here()
    const [only, ...more] = here
    if (only === undefined) return null
    if (more.length === 0) return only.id
    const marked = event.target instanceof Element ? event.target.closest(`[${DROP_TARGET}]`) : null
    const id = marked?.getAttribute(DROP_TARGET)
    return here.find((device) => device.id === id)?.id ?? null
  }
}
