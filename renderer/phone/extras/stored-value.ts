import type * as v from 'valibot'
import { parseJson } from '#protocol/parse.ts'
import type { PageStore } from '#phone/page-store.ts'

/** Characters. Browsers give a page about five million for all that it keeps. */
const KEPT_CHARS_MAX = 6_000_000

/**
 * Something of this page that a reload finds again, where the link is kept too (link.ts): in the tab, or in the browser
 * when a person wants it remembered. There is nothing larger: over plain http a page has no storage that is its own.
 */
export class StoredValue<T> {
  readonly #name: string
  readonly #schema: v.GenericSchema<unknown, T>
  #store: PageStore

  constructor(name: string, schema: v.GenericSchema<unknown, T>, store: PageStore) {
    this.#name = name
    this.#schema = schema
    this.#store = store
  }

  /** Null: nothing, or nothing that this page can read. */
  read(): T | null {
    try {
      return parseJson(this.#schema, this.#store.read(this.#name) ?? '', KEPT_CHARS_MAX)
    } catch {
      return null
    }
  }

  /** False: there is no room for it. What was kept before is still there. */
  write(value: T): boolean {
    return this.#store.write(this.#name, JSON.stringify(value))
  }

  /** From now on it is kept there, and only there; it is to be written then. */
  moveTo(store: PageStore): boolean {
    if (store === this.#store) return false
    this.#store.remove(this.#name)
    this.#store = store
    return true
  }
}
