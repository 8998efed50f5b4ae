import { ProtocolError } from '#protocol/errors.ts'
import type { Connection } from './connection.ts'

/** Bytes. A hundred thousand records with a thumbnail each have less than the first. */
export const SHARE_LIMITS = {
  /** Of the contents of one phone's records. */
  phone: 1_073_741_824,
  /** Of the whole database, search included. */
  all: 8_589_934_592,
  /** That the database grows by between two looks at all rows of a phone. */
  every: 67_108_864,
}

const CONTENTS = `SELECT total(octet_length(id) + octet_length(title) + coalesce(octet_length(text), 0)
  + coalesce(octet_length(thumbnail), 0) + coalesce(octet_length(mime), 0)) FROM records WHERE device = ?`

/**
 * Bounds what one phone can make of the disk. How large the database is costs nothing to know; only where it is larger than one
 * phone's share are a phone's rows added up, and that not for every page.
 */
export class Share {
  readonly #connection: Connection
  readonly #limits: typeof SHARE_LIMITS
  /** By phone: what it had, and how large the database was then. */
  readonly #seen = new Map<number, { readonly bytes: number; readonly size: number }>()

  constructor(connection: Connection, limits: typeof SHARE_LIMITS) {
    this.#connection = connection
    this.#limits = limits
  }

  /** Throws ProtocolError `overrun`, so that the page of records is not kept. */
  check(device: number): void {
    const size = this.#size()
    if (size <= this.#limits.phone) return
    const seen = this.#seen.get(device)
    const grown = seen === undefined ? Infinity : size - seen.size
    if (seen === undefined || grown > this.#limits.every)
      this.#seen.set(device, { bytes: this.#contents(device), size })
    const { bytes = 0 } = this.#seen.get(device) ?? {}
    if (bytes > this.#limits.phone || size > this.#limits.all) {
      // It may have deleted some by the next time.
      this.#seen.delete(device)
      throw new ProtocolError('overrun', 'more records than are kept of one phone')
    }
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
