import type { Connection } from './connection.ts'
import { QuotaFull } from './store.ts'
import { keepExact } from './search-text.ts'

/** Bytes. A hundred thousand records with a thumbnail each have less than the first. */
export const QUOTA_LIMITS = {
  /** Of the contents of one phone's records. */
  phone: 1_073_741_824,
  /** Of the whole database, search included. */
  all: 8_589_934_592,
}

const CONTENTS = `SELECT total(octet_length(id) + octet_length(title) + coalesce(octet_length(text), 0)
  + coalesce(octet_length(thumbnail), 0) + coalesce(octet_length(mime), 0)) FROM records WHERE device = ?`
const CONTENTS_OF = `${CONTENTS} AND id IN (SELECT value FROM json_each(?))`

/**
 * Bounds the disk space that one phone can take. The size of the database costs nothing to know; only where that is above one
 * phone's quota are a phone's rows added up: all of them once, and then those of each page.
 */
export class PhoneQuota {
  readonly #connection: Connection
  readonly #limits: typeof QUOTA_LIMITS
  /** Bytes of each phone's records, as far as they were added up. */
  readonly #seen = new Map<number, number>()

  constructor(connection: Connection, limits: typeof QUOTA_LIMITS) {
    this.#connection = connection
    this.#limits = limits
  }

  /** Returns the bytes of these records of the phone, or 0 while nobody is near a limit. */
  of(device: number, records: readonly { readonly id: string }[]): number {
    if (!this.#isNear) return 0
    const ids = JSON.stringify(records.map(({ id }) => keepExact(id)))
    return Number(this.#connection.cell(CONTENTS_OF, [device, ids]))
  }

  /**
   * Throws QuotaFull, so that the page of records is not kept. `grown`: the bytes that came with it; null: that is not known. A
   * page that brings none is always kept.
   */
  check(device: number, grown: number | null): void {
    const before = this.#seen.get(device)
    this.#seen.delete(device)
    if (!this.#isNear) return
    const bytes = grown === null || before === undefined ? this.#contents(device) : before + grown
    const isOver = bytes > this.#limits.phone || this.#size() > this.#limits.all
    if (isOver && (grown ?? 1) > 0) {
      if (grown !== null) this.#seen.set(device, bytes - grown)
      throw new QuotaFull('more records than are kept of one phone')
    }
    this.#seen.set(device, bytes)
  }

  /** Adds up anew: records went in another way, or what was checked is not kept. */
  forget(): void {
    this.#seen.clear()
  }

  get #isNear(): boolean {
    return this.#size() > this.#limits.phone
  }

  #contents(device: number): number {
    return Number(this.#connection.cell(CONTENTS, [device]))
  }

  #size(): number {
    const [pages, free, each] = ['page_count', 'freelist_count', 'page_size'].map((name) =>
      Number(this.#connection.cell(`PRAGMA ${name}`)),
    )
    return ((pages ?? 0) - (free ?? 0)) * (each ?? 0)
  }
}
