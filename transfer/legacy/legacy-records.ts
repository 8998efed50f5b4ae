import { RECORD_TEXT_CHARS_MAX, TIME_MS_MAX } from '#protocol/limits.ts'
import type { SyncedRecord } from '#protocol/records.ts'

/** One of the things that a 2018 app lists for export. */
export interface LegacyRecord {
  readonly id: string
  readonly title: string
}

const RECORDS_MAX = 100_000
const TITLE_CHARS_MAX = 200
const KIND_CHARS_MAX = 32
const ID_KEYS = ['id', '_id', 'uuid', 'uid', 'key', 'name'] as const
const KIND_KEYS = ['kind', 'type'] as const
const TEXT_KEYS = ['text', 'content', 'url'] as const
const MIME_KEYS = ['mime', 'mimeType', 'contentType'] as const
const DATE_KEYS = [
  'modified',
  'mtime',
  'updated',
  'updatedAt',
  'date',
  'time',
  'timestamp',
  'created',
  'createdAt',
] as const
const TITLE_KEYS = ['title', 'name', 'subject', 'text', 'content', 'desc', 'filename', 'file', 'id'] as const

/**
 * Reads a legacy app's list, which may be any JSON, as records with an id and something to read. An item without
 * an id is known by its position, as the 2018 clients did. Items of one id are one record: asking for it asks for all.
 */
export function readRecords(list: unknown): LegacyRecord[] {
  return readItems(list, readRecord)
}

/**
 * Reads the same list as records that can be kept beside those of other phones, by the same ids. What else an item has is kept as
 * JSON in `text`. Ids may be longer than those of version 2: an export asks for them as they came.
 */
export function readSynced(list: unknown): SyncedRecord[] {
  return readItems(list, (item, i) => ({ ...readRecord(item, i), ...(isObject(item) ? readRest(item) : PLAIN) }))
}

const PLAIN = { kind: 'item', modified: 0 } as const

function readItems<R extends LegacyRecord>(list: unknown, read: (item: unknown, index: number) => R): R[] {
  const items = Array.isArray(list) ? (list as unknown[]) : isObject(list) ? findList(list) : []
  const records = new Map<string, R>()
  for (const [i, item] of items.slice(0, RECORDS_MAX).entries()) {
    const record = read(item, i)
    if (!records.has(record.id)) records.set(record.id, record)
  }
  return [...records.values()]
}

function readRest(item: Record<string, unknown>): Omit<SyncedRecord, 'id' | 'title'> {
  const text = textOf(item)
  const mime = firstText(item, MIME_KEYS)
  const size = Object.hasOwn(item, 'size') ? item['size'] : undefined
  return {
    kind: cut(firstText(item, KIND_KEYS) ?? 'item', KIND_CHARS_MAX),
    modified: dateOf(item),
    ...(text !== '' && { text: cut(text, RECORD_TEXT_CHARS_MAX) }),
    ...(mime !== undefined && mime.length <= 255 && { mime }),
    ...(Number.isSafeInteger(size) && (size as number) >= 0 && { size: size as number }),
  }
}

/** Returns an item's text; else all of the item, if there is anything that is not to be seen otherwise. */
function textOf(item: Record<string, unknown>): string {
  const text = firstText(item, TEXT_KEYS)
  if (text !== undefined) return text
  return Object.keys(item).every((key) => SHOWN_KEYS.has(key) && !isObject(item[key])) ? '' : asJson(item)
}

/** Returns milliseconds since 1970, from a number of seconds or milliseconds, or an ISO date; 0 = there is none. */
function dateOf(item: Record<string, unknown>): number {
  for (const key of DATE_KEYS) {
    const value = Object.hasOwn(item, key) ? item[key] : undefined
    const at = typeof value === 'number' ? inMs(value) : typeof value === 'string' ? parseDate(value) : NaN
    if (Math.abs(at) <= TIME_MS_MAX) return Math.round(at)
  }
  return 0
}

const parseDate = (text: string): number =>
  /^\d{9,16}$/.test(text) ? inMs(Number(text)) : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN

/** Below this it would be 1973 in milliseconds; in seconds it is the year 5138. */
const inMs = (value: number): number => (Math.abs(value) < 100_000_000_000 ? value * 1_000 : value)

function findList(object: Record<string, unknown>): unknown[] {
  const list = Object.values(object).find((value) => Array.isArray(value))
  return (list as unknown[] | undefined) ?? []
}

function readRecord(item: unknown, index: number): LegacyRecord {
  if (!isObject(item)) return { id: asText(item) ?? String(index), title: cut(asText(item) ?? asJson(item)) }
  const id = firstText(item, ID_KEYS) ?? String(index)
  return { id, title: cut(firstText(item, TITLE_KEYS) ?? asJson(item)) }
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

/** Returns something to read of what has no text of its own. Too deep to be written, or no JSON at all: nothing. */
function asJson(value: unknown): string {
  try {
    const text: unknown = JSON.stringify(value)
    return typeof text === 'string' ? text : ''
  } catch {
    return ''
  }
}

const SHOWN_KEYS: ReadonlySet<string> = new Set([
  ...ID_KEYS,
  ...TITLE_KEYS,
  ...KIND_KEYS,
  ...MIME_KEYS,
  ...DATE_KEYS,
  'size',
])

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const cut = (text: string, max = TITLE_CHARS_MAX): string => (text.length <= max ? text : `${text.slice(0, max - 1)}…`)
