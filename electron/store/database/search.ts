import type { Connection } from './connection.ts'
import { SHOWN, type Content } from './merge-rule.ts'
import { fold, gramsOf, gramsToFind, isLong } from './search-text.ts'
import { KEYS_MAX, TOTAL_MAX, type RecordSort } from './store.ts'

/**
 * The full-text index holds, for each record that is shown, every part of one to three characters of its words as a token
 * of its own, and two tokens for its device and its kind. Those are longer than any part, so no text can pass for them.
 */
const DEVICE = '\ue000device'
const KIND = '\ue000kind'

const deviceToken = (device: number): string => DEVICE + String(device)
/** Returns the token of a kind, in hex: kinds are any text, and a token is not. */
const kindToken = (kind: string): string => KIND + Buffer.from(kind).toString('hex')

/** Adds a record to the index. */
export function indexRecord(connection: Connection, key: number, device: number, content: Content): void {
  const grams = [...gramsOf(fold(`${content.title}\n${content.text ?? ''}`))].join(' ')
  const tokens = `${grams} ${deviceToken(device)} ${kindToken(content.kind)}`
  // As bytes, which the library takes as they are; FTS5 reads them as text.
  connection.run('INSERT INTO search (rowid, grams) VALUES (?, ?)', [key, Buffer.from(tokens)])
}

/** Removes a record from the index. */
export function unindex(connection: Connection, key: number): void {
  connection.run('DELETE FROM search WHERE rowid = ?', [key])
}

/** What the index is asked, and what must be compared besides. */
export interface SearchTerms {
  /** FTS5's own language, all of it quoted; '' = everything. */
  readonly match: string
  /** Words that the index alone can't vouch for. */
  readonly long: readonly string[]
}

/** Returns the terms of a search by words, device and kind. */
export function searchTerms(
  words: readonly string[],
  device: number | undefined,
  kind: string | undefined,
): SearchTerms {
  const tokens = words.flatMap(gramsToFind)
  if (device !== undefined) tokens.push(deviceToken(device))
  if (kind !== undefined) tokens.push(kindToken(kind))
  return { match: [...new Set(tokens)].map(quoted).join(' AND '), long: words.filter(isLong) }
}

const quoted = (token: string): string => `"${token.replaceAll('"', '""')}"`

/** The index and the SQL of each order. Records that are alike stand in the order in which they came. */
const ORDERS: Record<RecordSort, { readonly index: string; readonly by: string }> = {
  newest: { index: 'records_modified', by: 'modified DESC, key DESC' },
  oldest: { index: 'records_modified', by: 'modified, key' },
  title: { index: 'records_title', by: 'title COLLATE NOCASE, key' },
  size: { index: 'records_size', by: 'size DESC, key DESC' },
}

/** Whether a record has a word that is longer than a gram. */
const HAS = `instr(coalesce(folded, lower(title || char(10) || coalesce(text, ''))), ?) > 0`

interface Window {
  readonly sort: RecordSort
  readonly offset: number
  readonly limit: number
}

interface SearchResult {
  readonly keys: readonly number[]
  readonly total: number
}

/** Finds one window of the matches. Up to a bound they are gathered and sorted; of more, a walk in the wanted order soon meets enough. */
export function search(connection: Connection, terms: SearchTerms, window: Window): SearchResult {
  if (terms.match === '') return { keys: walk(connection, terms, window), total: countAll(connection) }
  const { keys, total } = gather(connection, terms)
  return { keys: total > TOTAL_MAX ? walk(connection, terms, window) : sorted(connection, keys, window), total }
}

/** Returns the keys of all matches, in order. */
export const searchAll = (connection: Connection, terms: SearchTerms, sort: RecordSort): readonly number[] =>
  walk(connection, terms, { sort, offset: 0, limit: KEYS_MAX })

const countAll = (connection: Connection): number =>
  Number(connection.cell(`SELECT count(*) FROM (SELECT 1 FROM records WHERE state = ${SHOWN} LIMIT ${TOTAL_MAX + 1})`))

/** Finds matches in no order. Keys travel as one text: a row for each would take longer than finding it. */
function gather(connection: Connection, { match, long }: SearchTerms): { keys: string; total: number } {
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

function walk(
  connection: Connection,
  { match, long }: SearchTerms,
  { sort, offset, limit }: Window,
): readonly number[] {
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
