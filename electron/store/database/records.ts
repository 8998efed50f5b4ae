import type { Records, SyncedRecord } from '#protocol/records.ts'
import { toTime } from '#protocol/times.ts'
import type { Cells, Connection } from './connection.ts'
import { mergeRecords, sweep } from './merge-records.ts'
import { HIDDEN, SHOWN } from './merge-rule.ts'
import { search, searchAll, searchTerms, type SearchTerms } from './search.ts'
import { PhoneQuota, QUOTA_LIMITS } from './phone-quota.ts'
import {
  KEYS_MAX,
  ROWS_MAX,
  QuotaFull,
  TEXT_SHOWN,
  WHOLE_MAX,
  type KeptRecord,
  type RecordFilter,
  type RecordPage,
  type RecordQuery,
  type RecordRow,
  type RecordsTable,
} from './store.ts'
import { clean, keepExact, readExact, wordsOf } from './search-text.ts'

/** A device as its copy stands. `sweeping`: a fresh sync has begun, and not all of its pages are here. */
interface Standing {
  readonly number: number
  readonly generation: number
  readonly sweeping: boolean
}

/** Stores copies of the records that the phones have. */
export class SyncedRecords implements RecordsTable {
  readonly #connection: Connection
  readonly #quota: PhoneQuota

  constructor(connection: Connection, limits = QUOTA_LIMITS) {
    this.#connection = connection
    this.#quota = new PhoneQuota(connection, limits)
  }

  cursor(device: string): string {
    const kept = this.#connection.cell('SELECT cursor FROM devices WHERE device = ?', [keepExact(device)])
    return kept === null ? '' : readExact(kept as string)
  }

  keep(device: string, { list, cursor, more, fresh }: Records): void {
    this.#inTransaction(() => {
      const { number, generation, sweeping } = fresh ? this.#begin(device) : this.#standing(device)
      const before = this.#quota.of(number, list)
      mergeRecords(this.#connection, number, generation, list)
      const isLast = sweeping && !more
      if (isLast) sweep(this.#connection, number, generation)
      this.#quota.check(number, isLast ? null : this.#quota.of(number, list) - before)
      this.#connection.run('UPDATE devices SET cursor = ?, sweeping = ? WHERE number = ?', [
        keepExact(cursor),
        Number(sweeping && more),
        number,
      ])
    })
  }

  replaceAll(device: string, records: readonly SyncedRecord[]): void {
    this.keep(device, { t: 'records', since: '', list: [...records], cursor: '', more: false, fresh: true })
  }

  find(query: RecordQuery): RecordPage {
    const terms = this.#terms(query)
    if (terms === null) return { rows: [], total: 0 }
    const window = { sort: query.sort, offset: atMost(query.offset, KEYS_MAX), limit: atMost(query.limit, ROWS_MAX) }
    const { keys, total } = search(this.#connection, terms, window)
    return { rows: this.#rows(keys, `substr(text, 1, ${TEXT_SHOWN})`).map(rowOf), total }
  }

  keysOf(filter: RecordFilter): readonly number[] {
    const terms = this.#terms(filter)
    return terms === null ? [] : searchAll(this.#connection, terms, filter.sort)
  }

  whole(keys: readonly number[]): readonly KeptRecord[] {
    return this.#rows(keys.slice(0, WHOLE_MAX), 'text').map((row) => {
      const { key: _, ...record } = rowOf(row)
      return record
    })
  }

  kinds(device?: string): readonly { readonly kind: string; readonly count: number }[] {
    const [of, values] = this.#ofDevice(device)
    const sql = `SELECT kind, count(*) AS count FROM records INDEXED BY records_kind
      WHERE state = ${SHOWN} ${of} GROUP BY kind ORDER BY count DESC, kind`
    return this.#connection.all(sql, values) as { kind: string; count: number }[]
  }

  count(device?: string): number {
    const [of, values] = this.#ofDevice(device)
    const sql = `SELECT count(*) FROM records INDEXED BY records_kind WHERE state = ${SHOWN} ${of}`
    return Number(this.#connection.cell(sql, values))
  }

  hide(keys: readonly number[]): void {
    const shown = `SELECT key FROM records WHERE state = ${SHOWN} AND key IN (SELECT value FROM json_each(?))`
    const values = [JSON.stringify(keys)]
    this.#connection.transaction(() => {
      this.#connection.run(`DELETE FROM search WHERE rowid IN (${shown})`, values)
      this.#connection.run(
        `UPDATE records SET state = ${HIDDEN}, kind = '', title = '', text = NULL, mime = NULL, size = NULL,
         folded = NULL, thumbnail = NULL WHERE key IN (${shown})`,
        values,
      )
    })
    this.#quota.forget()
  }

  forgetDevice(device: string): void {
    const number = this.#numberOf(device)
    if (number === undefined) return
    this.#connection.transaction(() => {
      sweep(this.#connection, number, -1)
      this.#connection.run('DELETE FROM devices WHERE number = ?', [number])
    })
    this.#quota.forget()
  }

  /** Runs the work in a transaction. What the quota has counted is wrong after a rollback, unless that was its own doing. */
  #inTransaction(work: () => void): void {
    try {
      this.#connection.transaction(work)
    } catch (error) {
      if (!(error instanceof QuotaFull)) this.#quota.forget()
      throw error
    }
  }

  /** Begins a fresh sync: all that is here so far belongs to an older generation. */
  #begin(device: string): Standing {
    const { number, generation } = this.#standing(device)
    this.#connection.run('UPDATE devices SET generation = ? WHERE number = ?', [generation + 1, number])
    return { number, generation: generation + 1, sweeping: true }
  }

  #standing(device: string): Standing {
    const row = this.#connection.one('SELECT number, generation, sweeping FROM devices WHERE device = ?', [
      keepExact(device),
    ])
    if (row !== undefined)
      return {
        number: Number(row['number']),
        generation: Number(row['generation']),
        sweeping: row['sweeping'] === 1,
      }
    const insert = 'INSERT INTO devices (device, cursor, generation, sweeping) VALUES (?, \'""\', 0, 0)'
    return { number: this.#connection.run(insert, [keepExact(device)]), generation: 0, sweeping: false }
  }

  #numberOf(device: string): number | undefined {
    const number = this.#connection.cell('SELECT number FROM devices WHERE device = ?', [keepExact(device)])
    return number === null ? undefined : Number(number)
  }

  #ofDevice(device: string | undefined): [string, readonly number[]] {
    // No device has the number 0.
    return device === undefined ? ['', []] : ['AND device = ?', [this.#numberOf(device) ?? 0]]
  }

  /** Returns the terms of a search; null when nothing can match. */
  #terms({ device, text, kind }: RecordFilter): SearchTerms | null {
    const number = device === undefined ? undefined : this.#numberOf(device)
    if (device !== undefined && number === undefined) return null
    return searchTerms(wordsOf(text ?? ''), number, kind === undefined ? undefined : clean(kind))
  }

  /** Returns rows in the order of the keys. */
  #rows(keys: readonly number[], text: string): readonly Cells[] {
    const sql = `
      SELECT records.key, devices.device, records.id, kind, title, ${text} AS text, mime, size, thumbnail, modified
      FROM json_each(?) AS wanted CROSS JOIN records ON records.key = wanted.value
      JOIN devices ON devices.number = records.device WHERE state = ${SHOWN} ORDER BY wanted.key`
    return this.#connection.all(sql, [JSON.stringify(keys)])
  }
}

const atMost = (value: number, most: number): number => Math.max(0, Math.min(Math.floor(value), most))

const rowOf = ({ key, device, id, kind, title, text, mime, size, thumbnail, modified }: Cells): RecordRow => ({
  key: Number(key),
  device: readExact(device as string),
  id: readExact(id as string),
  kind: kind as string,
  title: title as string,
  ...(text !== null && { text: text as string }),
  ...(mime !== null && { mime: mime as string }),
  ...(size !== null && { size: Number(size) }),
  ...(thumbnail !== null && { thumbnail: thumbnail as string }),
  modified: toTime(Number(modified)),
})
