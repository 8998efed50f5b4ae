import type { AppModel } from '#desktop/app-model.svelte.ts'
import { contentOf, type Paste } from './paste.svelte.ts'

const TEXTS = ['text/plain', 'text/uri-list']

/** Marks an element that stands for a device while something is over the window. */
export const DROP_TARGET = 'data-drop-device'
/** Stands for all devices. No device has such an id. */
export const ALL = '*'

type Dragged = DragEvent & { readonly dataTransfer: DataTransfer }

/** What hangs over the window. */
interface Over {
  readonly what: 'files' | 'text'
  /** Of files. */
  readonly count: number
}

/** Follows files, folders, links and texts that are dragged over the window, and whom a drop is for. The whole window is one target. */
export class Drop {
  /** Null = nothing. */
  hangs = $state.raw<Over | null>(null)
  /** The device under the pointer, or ALL. */
  over = $state<string | null>(null)
  readonly #app: AppModel
  readonly #paste: Paste
  /** A link, a text or a file of this window itself, which nobody means to send back. */
  #isOwn = false

  constructor(app: AppModel, paste: Paste) {
    this.#app = app
    this.#paste = paste
  }

  begin = (): void => {
    this.#isOwn = true
  }

  end = (): void => {
    this.#isOwn = false
  }

  /** Drags a received file into another program: the system does it, by a path that this page does not know. */
  dragOut = (event: DragEvent, id: string): void => {
    // A file's row may be in a batch's.
    if (event.target !== event.currentTarget) return
    event.preventDefault()
    const over = (): void => {
      // Nothing tells of its end but the pointer, which is here again.
      addEventListener('pointermove', this.end, { once: true })
    }
    this.#app.ask((api) => api.dragOut(id).finally(over))
  }

  drag = (event: DragEvent): void => {
    if (!this.#isWanted(event)) return
    event.preventDefault()
    const hasFiles = event.dataTransfer.types.includes('Files')
    const count = [...event.dataTransfer.items].filter(({ kind }) => kind === 'file').length
    this.hangs = { what: hasFiles ? 'files' : 'text', count }
    this.over = this.#target(event)
    event.dataTransfer.dropEffect = this.over === null ? 'none' : 'copy'
  }

  leave = (event: DragEvent): void => {
    // Into another element of the window is not out of it.
    if (event.relatedTarget === null) this.#clear()
  }

  drop = (event: DragEvent): void => {
    if (!this.#isWanted(event)) return
    // Otherwise the window would try to open it.
    event.preventDefault()
    const target = this.#target(event)
    this.#clear()
    if (target === null) return
    const devices = target === ALL ? this.#app.here : this.#app.here.filter(({ id }) => id === target)
    // A folder is one of the files; what is in it is looked up where its path is known.
    const content = contentOf(event.dataTransfer, (file) => this.#app.api.isOnDisk(file))
    if (content !== null) this.#paste.offer(devices, content)
  }

  /** A text goes into a box for text by itself. */
  #isWanted(event: DragEvent): event is Dragged {
    if (this.#isOwn) return false
    const types = event.dataTransfer?.types ?? []
    if (types.includes('Files')) return true
    const isInBox = event.target instanceof Element && event.target.closest('input, textarea, dialog') !== null
    return !isInBox && TEXTS.some((type) => types.includes(type))
  }

  #clear(): void {
    this.hangs = null
    this.over = null
  }

  /** With one device all of the window stands for it; with several the one under the pointer. */
  #target(event: DragEvent): string | null {
    const { here } = this.#app
    const [only, ...more] = here
    if (only === undefined) return null
    if (more.length === 0) return only.id
    const marked = event.target instanceof Element ? event.target.closest(`[${DROP_TARGET}]`) : null
    return marked?.getAttribute(DROP_TARGET) ?? null
  }
}
