import * as v from 'valibot'
import { MESSAGE_BYTES_MAX, RECORD_PAGE_MAX, TIME_MS_MAX } from '#protocol/limits.ts'
import { parse } from '#protocol/parse.ts'
import { SyncedRecord } from '#protocol/records.ts'
import { toTime } from '#protocol/times.ts'
import type { RecordPages } from './record-publisher.ts'

type Page = ReturnType<RecordPages['page']>

/** Deletions that are remembered. A replica that stands before the last one forgotten begins anew. */
const DELETIONS_MAX = 10_000
/** Runs of this program whose cursors are understood. */
const RUNS_MAX = 64
/** Of a frame beside its list: two cursors, each character of which may take six. */
const FRAME_BYTES = 2_048

/** A message is measured in bytes, of which a Chinese character takes three. */
const utf8 = new TextEncoder()

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
/** A run of the program, and how far its cursors are true: what came after that was not saved. */
const Run = v.object({ epoch: v.string(), upTo: seq })
/** What is to be kept of a log. As JSON; parse it before it is used again. */
export const RecordLogState = v.object({
  runs: v.array(Run),
  /** Deletions up to here are forgotten. */
  floor: seq,
  /** Oldest change first. */
  entries: v.array(v.object({ seq, record: SyncedRecord })),
})
export type RecordLogState = v.InferOutput<typeof RecordLogState>

/**
 * Holds records in the order of their last change, in memory. A cursor is `<epoch>.<seq>`: each run draws an epoch of its own,
 * so that what an earlier run told a replica of and did not save is never taken for what this one has.
 */
export class RecordLog implements RecordPages {
  readonly #epoch = newEpoch()
  readonly #runs: readonly v.InferOutput<typeof Run>[]
  readonly #log = new ChangeOrder()
  #seq: number
  #floor: number

  constructor(state: RecordLogState = { runs: [], floor: 0, entries: [] }) {
    this.#runs = state.runs.slice(-RUNS_MAX)
    this.#floor = state.floor
    for (const { seq: at, record } of state.entries) this.#log.put(at, record)
    this.#seq = Math.max(this.#floor, this.#log.last, ...this.#runs.map(({ upTo }) => upTo))
  }

  /**
   * Puts a record there, or another state of one; returns it as it is now. Its `modified` is above that of the state before,
   * whatever the clock says. Throws ProtocolError when it is none.
   */
  put(record: SyncedRecord): SyncedRecord {
    const before = this.#log.get(record.id)
    const modified = before === undefined ? record.modified : Math.max(toTime(record.modified), next(before.modified))
    const now = parse(SyncedRecord, { ...record, modified })
    this.#log.put(++this.#seq, now)
    this.#forget()
    return now
  }

  /** Removes a record. Returns whether it was there. */
  remove(id: string): boolean {
    const before = this.get(id)
    if (before === undefined) return false
    const { kind, modified } = before
    this.put({ id, kind, title: '', modified, deleted: true })
    return true
  }

  get(id: string): SyncedRecord | undefined {
    const record = this.#log.get(id)
    return record?.deleted === true ? undefined : record
  }

  /** The newest change last. */
  all(): SyncedRecord[] {
    return [...this.#log.entries()].map(({ record }) => record).filter(({ deleted }) => deleted !== true)
  }

  get size(): number {
    return this.#log.size - this.#log.deletions
  }

  page(since: string): Page {
    const known = this.#place(since)
    const list: SyncedRecord[] = []
    let at = known ?? 0
    let room = MESSAGE_BYTES_MAX - FRAME_BYTES
    for (const { seq: its, record } of this.#log.after(at)) {
      room -= utf8.encode(JSON.stringify(record)).length + 1
      if (room < 0 || list.length === RECORD_PAGE_MAX) return this.#pageOf(list, at, true, known === null)
      list.push(record)
      at = its
    }
    return this.#pageOf(list, this.#seq, false, known === null)
  }

  save(): RecordLogState {
    const runs = [...this.#runs, { epoch: this.#epoch, upTo: this.#seq }].slice(-RUNS_MAX)
    return { runs, floor: this.#floor, entries: [...this.#log.entries()] }
  }

  #pageOf(list: SyncedRecord[], at: number, more: boolean, fresh: boolean): Page {
    return { list, cursor: `${this.#epoch}.${at}`, more, fresh }
  }

  /** Returns where the cursor stands; null if this log can't tell all that changed after it. */
  #place(cursor: string): number | null {
    const [epoch, digits = ''] = cursor.split('.')
    if (!/^\d{1,16}$/.test(digits)) return null
    const at = Number(digits)
    const upTo = epoch === this.#epoch ? this.#seq : this.#runs.find((run) => run.epoch === epoch)?.upTo
    return upTo !== undefined && at >= this.#floor && at <= upTo ? at : null
  }

  #forget(): void {
    while (this.#log.deletions > DELETIONS_MAX) this.#floor = this.#log.forgetOldestDeletion()
  }
}

const next = (modified: number): number => Math.min(modified + 1, TIME_MS_MAX)

const newEpoch = (): string =>
  [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

interface Entry {
  /** Its place in the order of changes; a larger one is a later one. */
  readonly seq: number
  readonly record: SyncedRecord
}

/** Places that are out of date and not yet cleared away, beyond as many as there are records. */
const SLACK = 64

/**
 * Holds the last state of each record, in the order of change. What is after a place is found by halving, so a page costs as much
 * as is on it, however many records there are. A state that is out of date leaves its place behind, cleared away when
 * these are as many as the records.
 */
class ChangeOrder {
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
