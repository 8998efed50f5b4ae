import type { Records, SyncedRecord } from '#protocol/records.ts'

/**
 * A keeper's copy in memory, as the database keeps it: within a generation the larger `modified` wins, then a deletion,
 * then what came later. A fresh page begins a generation; the page without `more` ends it, and what it did not mention is gone.
 */
export class RecordsCopy {
  cursor = ''
  /** Pages that were stored. */
  pages = 0
  /** Stores so many more pages, and then throws. */
  failsAfter = Infinity
  readonly #records = new Map<string, { record: SyncedRecord; generation: number }>()
  #generation = 0
  #isFresh = false

  keep(page: Records): void {
    if (this.failsAfter-- <= 0) throw new Error('disk full')
    this.pages++
    if (page.fresh) {
      this.#generation++
      this.#isFresh = true
    }
    for (const record of page.list) this.#merge(record)
    if (!page.more) this.#settle()
    this.cursor = page.cursor
  }

  get size(): number {
    let size = 0
    for (const { record } of this.#records.values()) if (record.deleted !== true) size++
    return size
  }

  /** What is there, by id. */
  get all(): Record<string, SyncedRecord> {
    const there = [...this.#records.values()].map(({ record }) => record).filter(({ deleted }) => deleted !== true)
    return Object.fromEntries(there.map((record) => [record.id, record]))
  }

  #merge(record: SyncedRecord): void {
    const before = this.#records.get(record.id)
    if (before?.generation !== this.#generation || isNewer(record, before.record))
      this.#records.set(record.id, { record, generation: this.#generation })
  }

  #settle(): void {
    if (!this.#isFresh) return
    this.#isFresh = false
    for (const [id, { generation }] of this.#records) if (generation !== this.#generation) this.#records.delete(id)
  }
}

const isNewer = (record: SyncedRecord, before: SyncedRecord): boolean =>
  record.modified === before.modified ? before.deleted !== true : record.modified > before.modified
