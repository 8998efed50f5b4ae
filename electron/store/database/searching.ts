import type { Connection } from './connection.ts'
import { SHOWN } from './merging.ts'
import type { Wanted } from './search-index.ts'
import { KEYS_MAX, TOTAL_MAX, type RecordSort } from './types.ts'

/** For each order its index, and how it is spelled. Records that are alike stand in the order in which they came. */
const ORDERS: Record<RecordSort, { readonly index: string; readonly by: string }> = {
  newest: { index: 'records_modified', by: 'modified DESC, key DESC' },
  oldest: { index: 'records_modified', by: 'modified, key' },
  title: { index: 'records_title', by: 'title COLLATE NOCASE, key' },
  size: { index: 'records_size', by: 'size DESC, key DESC' },
}

/** Whether a record has a word that is longer than a gram. */
const HAS = `instr(coalesce(folded, lower(title || char(10) || coalesce(text, ''))), ?) > 0`

export interface Window {
  readonly sort: RecordSort
  readonly offset: number
  readonly limit: number
}

export interface Found {
  readonly keys: readonly number[]
  readonly total: number
}

/** Matches up to a bound are gathered and sorted; where there are more, a walk in the order that is asked for meets enough soon. */
export function search(connection: Connection, wanted: Wanted, window: Window): Found {
  if (wanted.match === '') return { keys: walk(connection, wanted, window), total: countAll(connection) }
  const { keys, total } = gather(connection, wanted)
  return { keys: total > TOTAL_MAX ? walk(connection, wanted, window) : sorted(connection, keys, window), total }
}

/** All of them, in order. */
export const searchAll = (connection: Connection, wanted: Wanted, sort: RecordSort): readonly number[] =>
  walk(connection, wanted, { sort, offset: 0, limit: KEYS_MAX })

const countAll = (connection: Connection): number =>
  Number(connection.cell(`SELECT count(*) FROM (SELECT 1 FROM records WHERE state = ${SHOWN} LIMIT ${TOTAL_MAX + 1})`))

/** In no order. Keys travel as one text: a row for each would take longer than finding it. */
function gather(connection: Connection, { match, long }: Wanted): { keys: string; total: number } {
  const looked = long.length === 0 ? '' : `JOIN records ON records.key = search.rowid`
  const found = connection.one(
    `SELECT group_concat(key) AS keys, count(*) AS total FROM (
       SELECT search.rowid AS key FROM search ${looked}
       WHERE search MATCH ? ${long.map(() => `AND ${HAS}`).join(' ')} LIMIT ${TOTAL_MAX + 1})`,
    [match, ...long],
  )
  return { keys: (found?.['keys'] as string | null | undefined) ?? '', total: Number(found?.['total']) }
}

function sorted(connection: Connection, keys: string, { sort, offset, limit }: Window): readonly number[] {
  if (keys === '') return []
  const sql = `
    SELECT records.key FROM json_each(?) AS found CROSS JOIN records ON records.key = found.value
    ORDER BY ${ORDERS[sort].by.replace('key', 'records.key')} LIMIT ? OFFSET ?`
  return keysOf(connection, sql, [`[${keys}]`, limit, offset])
}

function walk(connection: Connection, { match, long }: Wanted, { sort, offset, limit }: Window): readonly number[] {
  const { index, by } = ORDERS[sort]
  const matching = match === '' ? '' : 'AND key IN (SELECT rowid FROM search WHERE search MATCH ?)'
  const sql = `
    SELECT key FROM records INDEXED BY ${index} WHERE state = ${SHOWN} ${matching}
    ${long.map(() => `AND ${HAS}`).join(' ')} ORDER BY ${by} LIMIT ? OFFSET ?`
  return keysOf(connection, sql, [...(match === '' ? [] : [match]), ...long, limit, offset])
}

function keysOf(connection: Connection, sql: string, values: readonly (string | number)[]): readonly number[] {
  const keys = connection.cell(`SELECT group_concat(key) FROM (${sql})`, values) as string | null
  return keys === null ? [] : keys.split(',').map(Number)
}
