import type { SyncFrame } from '#protocol/frames.ts'
import type { Talk, TalkPage } from './talk-page.ts'

/** Milliseconds before it is asked for again, twice as long each time. */
const RETRY_MS = 1_000

/** In its place until it is there: what is said meanwhile waits, in order. */
export class LaterTalk implements Talk {
  readonly #page: TalkPage
  #talk: Promise<Talk> | null = null

  constructor(page: TalkPage) {
    this.#page = page
  }

  greeted(takesTexts: boolean): void {
    this.#talk ??= load(this.#page)
    void this.#talk.then((talk) => {
      talk.greeted(takesTexts)
    })
  }

  receive(frame: SyncFrame): void {
    void this.#talk?.then((talk) => {
      talk.receive(frame)
    })
  }

  async thumbnail(file: File): Promise<Uint8Array | null> {
    return (await this.#talk)?.thumbnail(file) ?? null
  }
}

/** However long it takes. */
async function load(page: TalkPage): Promise<Talk> {
  for (let wait = RETRY_MS; ; wait *= 2) {
    const script = await import('./talk/start.ts').catch(() => null)
    if (script !== null) return begin(script, page)
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
}

const NONE: Talk = { greeted: () => undefined, receive: () => undefined, thumbnail: () => Promise.resolve(null) }

/** In a browser that lacks something for it, files go without. */
function begin({ start }: { readonly start: (page: TalkPage) => Talk }, page: TalkPage): Talk {
  try {
    return start(page)
  } catch (error) {
    reportError(error)
    return NONE
  }
}
