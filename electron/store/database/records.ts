import type { Records, SyncedRecord } from '#protocol/records.ts'
import { toTime } from '#protocol/times.ts'
import type { Cells, Connection } from './connection.ts'
import { mergeRecords, sweep } from './copy.ts'
import { HIDDEN, SHOWN } from './merging.ts'
import { wanted, type Wanted } from './search-index.ts'
import { search, searchAll } from './searching.ts'
import { Share, SHARE_LIMITS } from './share.ts'
import {
  KEYS_MAX,
  ROWS_MAX,
  ShareFull,
  TEXT_SHOWN,
  WHOLE_MAX,
  type KeptRecord,
  type RecordFilter,
  type RecordPage,
  type RecordQuery,
  type RecordRow,
  type RecordsTable,
} from './types.ts'
import { clean, keepExact, readExact, wordsOf } from './words.ts'

/** A device as its copy stands. `sweeping`: a fresh sync has begun, and not all of its pages are here. */
interface Standing {
  readonly number: number
  readonly generation: number
  readonly sweeping: boolean
}

/** The copies of what the phones have. */
export class SyncedRecords implements RecordsTable {
  readonly #connection: Connection
  readonly #share: Share

  constructor(connection: Connection, limits = SHARE_LIMITS) {
    this.#connection = connection
    this.#share = new Share(connection, limits)
  }

  cursor(device: string): string {
    const kept = this.#connection.cell('SELECT cursor FROM devices WHERE device = ?', [keepExact(device)])
    return kept === null ? '' : readExact(kept as string)
  }

  keep(device: string, { list, cursor, more, fresh }: Records): void {
    this.#kept(() => {
      const { number, generation, sweeping } = fresh ? this.#begin(device) : this.#standing(device)
      const before = this.#share.of(number, list)
      mergeRecords(this.#connection, number, generation, list)
      const isLast = sweeping && !more
      if (isLast) sweep(this.#connection, number, generation)
      this.#share.check(number, isLast ? null : this.#share.of(number, list) - before)
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
    const filter = this.#wanted(query)
    if (filter === null) return { rows: [], total: 0 }
    const window = { sort: query.sort, offset: atMost(query.offset, KEYS_MAX), limit: atMost(query.limit, ROWS_MAX) }
    const { keys, total } = search(this.#connection, filter, window)
    return { rows: this.#rows(keys, `substr(text, 1, ${TEXT_SHOWN})`).map(rowOf), total }
  }

  keysOf(filter: RecordFilter): readonly number[] {
    const found = this.#wanted(filter)
    return found === null ? [] : searchAll(this.#connection, found, filter.sort)
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
    this.#share.forget()
  }

  forgetDevice(device: string): void {
    const number = this.#numberOf(device)
    if (number === undefined) return
    this.#connection.transaction(() => {
      sweep(this.#connection, number, -1)
      this.#connection.run('DELETE FROM devices WHERE number = ?', [number])
    })
    this.#share.forget()
  }

  /** What the share has counted of work that comes to nothing is wrong, unless that was its own doing. */
  #kept(work: () => void): void {
    try {
      this.#connection.transaction(work)
    } catch (error) {
      if (!(error instanceof ShareFull)) this.#share.forget()
      throw error
    }
  }

  /** A fresh sync: all that is here so far belongs to an older generation. */
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

  /** Null: there can be nothing. */
  #wanted({ device, text, kind }: RecordFilter): Wanted | null {
    const number = device === undefined ? undefined : this.#numberOf(device)
    if (device !== undefined && number === undefined) return null
    return wanted(wordsOf(text ?? ''), number, kind === undefined ? undefined : clean(kind))
  }

  /** In the order of the keys. */
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
