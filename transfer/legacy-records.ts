import { RECORD_TEXT_CHARS_MAX } from '#protocol/limits.ts'
import type { SyncedRecord } from '#protocol/records.ts'

const RECORDS_MAX = 100_000
const TITLE_CHARS_MAX = 200
const ID_KEYS = ['id', '_id', 'uuid', 'uid', 'key', 'name'] as const
const TITLE_KEYS = ['title', 'name', 'subject', 'text', 'content', 'desc', 'filename', 'file', 'id'] as const

const TEXT_KEYS = ['text', 'content', 'body', 'note', 'url', 'link'] as const
const TIME_KEYS = ['modified', 'mtime', 'updated', 'time', 'timestamp', 'date', 'created'] as const
/** Times below it are in seconds: in ms it would be 1973. */
const SECONDS_BELOW = 100_000_000_000

/** What an item is that does not say it in a word. */
export const OTHER_KIND = 'other'

/**
 * A legacy app's list, which may be any JSON, as records with an id and something to read. An item without
 * an id is known by its position, as the 2018 clients did. Items of one id are one record: asking for it asks for all.
 * What is known by no name is kept as it is, as JSON.
 */
export function readRecords(list: unknown): SyncedRecord[] {
  const items = Array.isArray(list) ? (list as unknown[]) : isObject(list) ? findList(list) : []
  const records = new Map<string, SyncedRecord>()
  for (const [i, item] of items.slice(0, RECORDS_MAX).entries()) {
    const record = readRecord(item, i)
    if (!records.has(record.id)) records.set(record.id, record)
  }
  return [...records.values()]
}

function findList(object: Record<string, unknown>): unknown[] {
  const list = Object.values(object).find((value) => Array.isArray(value))
  return (list as unknown[] | undefined) ?? []
}

function readRecord(item: unknown, index: number): SyncedRecord {
  if (!isObject(item)) {
    const text = asText(item) ?? asJson(item)
    const kept = text === cutTitle(text) ? {} : { text: text.slice(0, RECORD_TEXT_CHARS_MAX) }
    return { id: asText(item) ?? String(index), kind: OTHER_KIND, title: cutTitle(text), ...kept, modified: 0 }
  }
  const json = asJson(item)
  const id = firstText(item, ID_KEYS) ?? String(index)
  const text = firstText(item, TEXT_KEYS) ?? json
  return {
    id,
    kind: kindOf(item),
    title: cutTitle(firstText(item, TITLE_KEYS) ?? json),
    ...(text !== '' && { text: text.slice(0, RECORD_TEXT_CHARS_MAX) }),
    ...sizeOf(item),
    modified: timeOf(item),
  }
}

function kindOf(item: Record<string, unknown>): string {
  const kind = firstText(item, ['kind', 'type'])?.trim().toLowerCase() ?? ''
  return /^[\p{L}\p{N}][\p{L}\p{N} _-]{0,31}$/u.test(kind) ? kind : OTHER_KIND
}

function sizeOf(item: Record<string, unknown>): { size?: number } {
  const size = Object.hasOwn(item, 'size') ? item['size'] : undefined
  return typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? { size } : {}
}

/** ms since 1970, from whatever the item has; 0 where there is nothing that looks like a time. */
function timeOf(item: Record<string, unknown>): number {
  const said = firstText(item, TIME_KEYS)
  if (said === undefined) return 0
  const number = Number(said)
  const ms = Number.isNaN(number) ? Date.parse(said) : number < SECONDS_BELOW ? number * 1000 : number
  return Number.isFinite(ms) && ms > 0 && ms <= 8.64e15 ? Math.trunc(ms) : 0
}

function firstText(item: Record<string, unknown>, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = Object.hasOwn(item, key) ? asText(item[key]) : undefined
    if (text !== undefined) return text
  }
  return undefined
}

const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined

/** Something to read of what has no text of its own. Too deep to be written, or no JSON at all: nothing. */
function asJson(value: unknown): string {
  try {
    const text: unknown = JSON.stringify(value)
    return typeof text === 'string' ? text : ''
  } catch {
    return ''
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const cutTitle = (text: string): string =>
  text.length <= TITLE_CHARS_MAX ? text : `${text.slice(0, TITLE_CHARS_MAX - 1)}…`
