import type { SyncedRecord } from '#protocol/records.ts'

export interface Entry {
  /** Its place in the order of changes; a larger one is a later one. */
  readonly seq: number
  readonly record: SyncedRecord
}

/** Places that are out of date and not yet cleared away, beyond as many as there are records. */
const SLACK = 64

/**
 * The last state of each record, in the order of change. What is after a place is found by halving, so a page costs as much
 * as is on it, however many records there are. A state that is out of date leaves its place behind, cleared away when
 * these are as many as the records.
 */
export class ShelfLog {
  readonly #latest = new Map<string, Entry>()
  /** Ids of deleted records, the oldest deletion first. */
  readonly #deleted = new Set<string>()
  #order: Entry[] = []

  get size(): number {
    return this.#latest.size
  }

  get deletions(): number {
    return this.#deleted.size
  }

  /** The place of the last change. */
  get last(): number {
    return this.#order[this.#order.length - 1]?.seq ?? 0
  }

  get(id: string): SyncedRecord | undefined {
    return this.#latest.get(id)?.record
  }

  /** `seq` is larger than all before. */
  put(seq: number, record: SyncedRecord): void {
    const entry = { seq, record }
    this.#order.push(entry)
    this.#latest.set(record.id, entry)
    this.#deleted.delete(record.id)
    if (record.deleted === true) this.#deleted.add(record.id)
    this.#clear()
  }

  /** Returns its place. */
  forgetOldestDeletion(): number {
    const [id = ''] = this.#deleted
    const seq = this.#latest.get(id)?.seq ?? 0
    this.#latest.delete(id)
    this.#deleted.delete(id)
    this.#clear()
    return seq
  }

  entries(): Iterable<Entry> {
    return this.after(-1)
  }

  *after(seq: number): Generator<Entry> {
    for (let i = this.#firstAfter(seq); i < this.#order.length; i++) {
      const entry = this.#order[i]
      if (entry !== undefined && this.#isLatest(entry)) yield entry
    }
  }

  #isLatest(entry: Entry): boolean {
    return this.#latest.get(entry.record.id) === entry
  }

  #firstAfter(seq: number): number {
    let low = 0
    let high = this.#order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#order[middle]?.seq ?? 0) > seq) high = middle
      else low = middle + 1
    }
    return low
  }

  #clear(): void {
    if (this.#order.length <= 2 * this.#latest.size + SLACK) return
    this.#order = this.#order.filter((entry) => this.#isLatest(entry))
  }
}
