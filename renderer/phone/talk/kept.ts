import type * as v from 'valibot'
import { parseJson } from '#protocol/parse.ts'

/** Characters. Browsers give a page about five million for all that it keeps. */
const KEPT_CHARS_MAX = 6_000_000

/**
 * Something of this page that a reload finds again, where the link is kept too (link.ts): in the tab, or in the browser
 * when a person wants it remembered. There is nothing larger: over plain http a page has no storage that is its own.
 */
export class Kept<T> {
  readonly #key: string
  readonly #schema: v.GenericSchema<unknown, T>
  #storage: Storage

  constructor(key: string, schema: v.GenericSchema<unknown, T>, storage: Storage) {
    this.#key = `lanyard-${key}`
    this.#schema = schema
    this.#storage = storage
  }

  /** Null: nothing, or nothing that this page can read. */
  read(): T | null {
    try {
      return parseJson(this.#schema, this.#storage.getItem(this.#key) ?? '', KEPT_CHARS_MAX)
    } catch {
      return null
    }
  }

  /** False: there is no room for it. What was kept before is still there. */
  write(value: T): boolean {
    try {
      this.#storage.setItem(this.#key, JSON.stringify(value))
      return true
    } catch {
      return false
    }
  }

  /** From now on it is kept there, and only there; it is to be written then. */
  moveTo(storage: Storage): boolean {
    if (storage === this.#storage) return false
    this.#storage.removeItem(this.#key)
    this.#storage = storage
    return true
  }
}
