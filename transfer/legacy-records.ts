/** One of the things that a 2018 app lists for export. */
export interface LegacyRecord {
  readonly id: string
  readonly title: string
}

const RECORDS_MAX = 100_000
const TITLE_CHARS_MAX = 200
const ID_KEYS = ['id', '_id', 'uuid', 'uid', 'key', 'name'] as const
const TITLE_KEYS = ['title', 'name', 'subject', 'text', 'content', 'desc', 'filename', 'file', 'id'] as const

/**
 * A legacy app's list, which may be any JSON, as records with an id and something to read. An item without
 * an id is known by its position, as the 2018 clients did. Items of one id are one record: asking for it asks for all.
 */
export function readRecords(list: unknown): LegacyRecord[] {
  const items = Array.isArray(list) ? (list as unknown[]) : isObject(list) ? findList(list) : []
  const records = new Map<string, LegacyRecord>()
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

const cut = (text: string): string => (text.length <= TITLE_CHARS_MAX ? text : `${text.slice(0, TITLE_CHARS_MAX - 1)}…`)
