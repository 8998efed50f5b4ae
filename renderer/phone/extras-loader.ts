import type { SyncFrame } from '#protocol/frames.ts'
import type { Extras, ExtrasPage } from './extras/extras.ts'

/** Milliseconds before it is asked for again, twice as long each time. */
const RETRY_MS = 1_000

/** In its place until it is there: what is said meanwhile waits, in order. */
export class ExtrasLoader implements Extras {
  readonly #page: ExtrasPage
  #extras: Promise<Extras> | null = null

  constructor(page: ExtrasPage) {
    this.#page = page
  }

  greeted(takesTexts: boolean): void {
    this.#extras ??= load(this.#page)
    void this.#extras.then((extras) => {
      extras.greeted(takesTexts)
    })
  }

  receive(frame: SyncFrame): void {
    void this.#extras?.then((extras) => {
      extras.receive(frame)
    })
  }

  async thumbnail(file: File): Promise<Uint8Array | null> {
    return (await this.#extras)?.thumbnail(file) ?? null
  }
}

/** However long it takes. */
async function load(page: ExtrasPage): Promise<Extras> {
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
