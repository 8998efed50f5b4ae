/** What of this page begins with it. */
const OURS = 'lanyard-'

/**
 * Keeps what a reload of the page finds again. Browsers refuse it in many ways (cookies blocked, private windows, no room):
 * then nothing is kept, and the page goes on with what it has in memory.
 */
export class PageStore {
  readonly #open: () => Storage

  /** Only asking for `localStorage` throws where it is refused. */
  constructor(open: () => Storage) {
    this.#open = open
  }

  /** Null: there is nothing, or the browser does not say. */
  read(name: string): string | null {
    return this.#try((storage) => storage.getItem(OURS + name)) ?? null
  }

  /** False: it is not kept. What was kept before by that name still is. */
  write(name: string, text: string): boolean {
    return this.#try((storage) => (storage.setItem(OURS + name, text), true)) ?? false
  }

  remove(name: string): void {
    this.#try((storage) => {
      storage.removeItem(OURS + name)
    })
  }

  /** Returns the names of all that is kept. Nothing else that lies under this address is among them. */
  names(): string[] {
    const keys = this.#try((storage) => Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? '')) ?? []
    return keys.filter((key) => key.startsWith(OURS)).map((key) => key.slice(OURS.length))
  }

  /** Gives it another name, unless there is something of that name, or no room. */
  rename(from: string, to: string): void {
    const text = this.read(from)
    if (text === null || this.read(to) !== null) return
    this.remove(from)
    if (!this.write(to, text)) this.write(from, text)
  }

  #try<T>(act: (storage: Storage) => T): T | undefined {
    try {
      return act(this.#open())
    } catch {
      return undefined
    }
  }
}

/** The two places there are. */
export interface PageStores {
  /** A reload and a locked screen find it, another tab does not. */
  readonly tab: PageStore
  /** Where a person wants it remembered. */
  readonly browser: PageStore
}

export const openStores = (): PageStores => ({
  tab: new PageStore(() => sessionStorage),
  browser: new PageStore(() => localStorage),
})
