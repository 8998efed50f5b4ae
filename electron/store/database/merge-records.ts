import type { SyncedRecord } from '#protocol/records.ts'
import { toTime } from '#protocol/times.ts'
import type { Cells, Connection } from './connection.ts'
import { GONE, isSame, judge, SHOWN, type Content, type StoredRecord, type State } from './merge-rule.ts'
import { indexRecord, unindex } from './search.ts'
import { fold, isAscii, keepExact } from './search-text.ts'

/** Deletions that are remembered for each device, in case older pages come again. */
const GONE_MAX = 10_000

const FIND = `
  SELECT key, generation, state, modified, kind, title, text, mime, size, thumbnail
  FROM records WHERE device = ? AND id = ?`
const INSERT = `
  INSERT INTO records (device, id, generation, state, modified, kind, title, text, mime, size, thumbnail, folded)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const UPDATE = `
  UPDATE records SET generation = ?, state = ?, modified = ?, kind = ?, title = ?, text = ?, mime = ?, size = ?,
    thumbnail = ?, folded = ? WHERE key = ?`
const TOUCH = 'UPDATE records SET generation = ?, modified = ? WHERE key = ?'
const BURY = `
  DELETE FROM records WHERE key IN (
    SELECT key FROM records WHERE device = ? AND state = ${GONE} ORDER BY modified DESC LIMIT -1 OFFSET ${GONE_MAX})`

/** Merges records into the copy of one device, in the caller's transaction. */
export function mergeRecords(
  connection: Connection,
  device: number,
  generation: number,
  records: readonly SyncedRecord[],
): void {
  for (const record of records) merge(connection, device, generation, record)
  if (records.some(({ deleted }) => deleted === true)) connection.run(BURY, [device])
}

/** Removes the records that the newest generation has not mentioned. */
export function sweep(connection: Connection, device: number, generation: number): void {
  const left = 'FROM records WHERE device = ? AND generation <> ?'
  const values = [device, generation]
  connection.run(`DELETE FROM search WHERE rowid IN (SELECT key ${left} AND state = ${SHOWN})`, values)
  connection.run(`DELETE ${left}`, values)
}

function merge(connection: Connection, device: number, generation: number, record: SyncedRecord): void {
  const id = keepExact(record.id)
  const row = connection.one(FIND, [device, id])
  const kept = row && keptOf(row)
  const verdict = judge(kept, record, generation)
  if (verdict === 'stay') return
  const { state, content } = verdict
  const values = [generation, state, record.modified, ...cellsOf(content)]
  if (row === undefined || kept === undefined) {
    const key = connection.run(INSERT, [device, id, ...values])
    if (state === SHOWN) indexRecord(connection, key, device, content)
    return
  }
  const key = Number(row['key'])
  if (state === kept.state && isSame(content, kept.content)) {
    connection.run(TOUCH, [generation, record.modified, key])
    return
  }
  connection.run(UPDATE, [...values, key])
  if (kept.state === SHOWN && state === SHOWN && readsSame(kept.content, content)) return
  if (kept.state === SHOWN) unindex(connection, key)
  if (state === SHOWN) indexRecord(connection, key, device, content)
}

/** Returns whether a search finds both by the same words. */
const readsSame = (one: Content, other: Content): boolean =>
  one.kind === other.kind && one.title === other.title && one.text === other.text

const cellsOf = (content: Content): (string | number | null)[] => {
  const { kind, title, text, mime, size, thumbnail } = content
  return [kind, title, text, mime, size, thumbnail, foldedCell(content)]
}

/** Returns the folded text; null where SQLite's own lower(), which knows ASCII alone, comes to the same. */
const foldedCell = ({ title, text }: Content): string | null => {
  const whole = `${title}\n${text ?? ''}`
  return isAscii(whole) ? null : fold(whole)
}

const keptOf = (row: Cells): StoredRecord => ({
  generation: Number(row['generation']),
  state: Number(row['state']) as State,
  // An earlier version kept any number.
  modified: toTime(Number(row['modified'])),
  content: {
    kind: row['kind'] as string,
    title: row['title'] as string,
    text: row['text'] as string | null,
    mime: row['mime'] as string | null,
    size: row['size'] as number | null,
    thumbnail: row['thumbnail'] as string | null,
  },
})
