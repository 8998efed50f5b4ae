import type { SyncFrame } from '#protocol/frames.ts'
import type { Extras, ExtrasPage } from './extras/extras.ts'

/** Milliseconds before the script is asked for again, doubled each time. */
const RETRY_MS = 1_000

/**
 * Frames that are kept for the script: more than a computer has waiting for a phone. What does not fit is dropped, since it
 * is said again at the next greeting, and the script may never come.
 */
const WAITING_MAX = 512

/** What the phone's side answers; the rest of them only a computer does, and some are large. */
const HEARD: ReadonlySet<SyncFrame['t']> = new Set<SyncFrame['t']>(['sync', 'export', 'text', 'text-ack'])

/** Loads the script of the extras once the computer has greeted, and stands in for it until it is there. */
export class ExtrasLoader implements Extras {
  readonly #page: ExtrasPage
  readonly #load: (page: ExtrasPage) => Promise<Extras>
  #loading: Promise<Extras> | null = null
  #extras: Extras | null = null
  /** Of the last greeting. */
  #takesTexts = false
  /** In the order in which they came. */
  #waiting: SyncFrame[] = []

  /** `load`: how the script is got, for a test. */
  constructor(page: ExtrasPage, load: (page: ExtrasPage) => Promise<Extras> = loadScript) {
    this.#page = page
    this.#load = load
  }

  greeted(takesTexts: boolean): void {
    this.#takesTexts = takesTexts
    this.#loading ??= this.#begin()
    this.#extras?.greeted(takesTexts)
  }

  /** Throws ProtocolError at what no computer says. */
  receive(frame: SyncFrame): void {
    if (this.#extras !== null) this.#extras.receive(frame)
    else if (this.#loading !== null && HEARD.has(frame.t) && this.#waiting.length < WAITING_MAX)
      this.#waiting.push(frame)
  }

  async thumbnail(file: File): Promise<Uint8Array | null> {
    return (await this.#loading)?.thumbnail(file) ?? null
  }

  async #begin(): Promise<Extras> {
    const extras = (this.#extras = await this.#load(this.#page))
    const waiting = this.#waiting
    this.#waiting = []
    extras.greeted(this.#takesTexts)
    for (const frame of waiting) {
      try {
        extras.receive(frame)
      } catch {
        // What no computer says; the others stand. Said again it ends the conversation.
      }
    }
    return extras
  }
}

/** However long it takes. */
async function loadScript(page: ExtrasPage): Promise<Extras> {
  for (let wait = RETRY_MS; ; wait *= 2) {
    const script = await import('./extras/start.ts').catch(() => null)
    if (script !== null) return begin(script, page)
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
}

const NONE: Extras = { greeted: () => undefined, receive: () => undefined, thumbnail: () => Promise.resolve(null) }

/** In a browser that lacks something for it, files go without. */
function begin({ start }: { readonly start: (page: ExtrasPage) => Extras }, page: ExtrasPage): Extras {
  try {
    return start(page)
  } catch (error) {
    reportError(error)
    return NONE
  }
}
