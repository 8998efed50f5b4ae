import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { m } from '#messages'
import type { TextFormat } from '#electron/window-api.ts'
import type { Inbox } from '#inbox/inbox.ts'
import { blockCount, blockLength } from '#protocol/blocks.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { toTime } from '#protocol/times.ts'
import type { KeptRecord } from '#store/database/store.ts'
import type { Landed } from '#transfer/sink.ts'
import { newId } from '#core/ids.ts'

/** Bytes of text that are put together before they are written; what is more goes into a further file. */
const FILE_BYTES = 67_108_864

/** The first line of a CSV file. */
const CSV_HEAD = 'kind,title,text,modified,device,id\r\n'

/** What was written, and where a person finds it. */
export interface TextsWritten {
  readonly texts: number
  readonly name: string
  readonly path: string | null
  readonly bytes: number
}

export interface TextExportOptions {
  readonly inbox: Pick<Inbox, 'open'>
  readonly nameOf: (deviceId: string) => string
  /** Local time, for names. */
  readonly now: () => Date
}

/**
 * Writes records that are text into the inbox: each as a file of its own, or all in one list. Pages are asked for when
 * there is room for them.
 */
export async function exportTexts(
  options: TextExportOptions,
  pages: Iterable<readonly KeptRecord[]>,
  format: TextFormat,
): Promise<TextsWritten> {
  return format === 'txt' ? writeEach(options, pages) : writeLists(options, pages, LISTS[format])
}

async function writeEach(options: TextExportOptions, pages: Iterable<readonly KeptRecord[]>): Promise<TextsWritten> {
  const folder = stamped(options.now())
  let written: TextsWritten = { texts: 0, name: '', path: null, bytes: 0 }
  for (const { page, isLast } of looking(pages)) {
    const path = written.texts === 0 && isLast && page.length === 1 ? [] : [folder]
    for (const record of page) {
      const bytes = Buffer.from(asPlain(record))
      const landed = await writeInto(options.inbox, { path, name: fileNameOf(record, m.records_file()), bytes })
      const whole = path.length === 0 || landed.path === undefined ? landed.path : dirname(landed.path)
      const name = path.length === 0 ? landed.name : folder
      written = { texts: written.texts + 1, name, path: whole ?? null, bytes: written.bytes + bytes.length }
    }
  }
  return written
}

interface List {
  readonly ending: string
  readonly head: string
  readonly between: string
  readonly tail: string
  readonly item: (record: KeptRecord, named: (deviceId: string) => string) => string
}

const LISTS: Readonly<Record<'json' | 'csv', List>> = {
  json: { ending: '.json', head: '[\n', between: ',\n', tail: '\n]\n', item: asJson },
  // The mark at its front tells spreadsheets that it is UTF-8.
  csv: { ending: '.csv', head: `\uFEFF${CSV_HEAD}`, between: '', tail: '', item: asCsv },
}

async function writeLists(
  { inbox, nameOf, now }: TextExportOptions,
  pages: Iterable<readonly KeptRecord[]>,
  list: List,
): Promise<TextsWritten> {
  const name = `${stamped(now())}${list.ending}`
  let written: TextsWritten = { texts: 0, name, path: null, bytes: 0 }
  let items: string[] = []
  let size = 0
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(list.head + items.join(list.between) + list.tail)
    const landed = await writeInto(inbox, { name, bytes })
    const texts = written.texts + items.length
    written = { texts, name: landed.name, path: landed.path ?? null, bytes: written.bytes + bytes.length }
    items = []
    size = 0
  }
  for (const page of pages) {
    for (const record of page) {
      const item = list.item(record, nameOf)
      items.push(item)
      size += Buffer.byteLength(item)
    }
    if (size >= FILE_BYTES) await flush()
  }
  if (items.length > 0) await flush()
  return written
}

/** Pages that are not empty, and whether one is the last: a single text needs no folder. */
function* looking(
  pages: Iterable<readonly KeptRecord[]>,
): Generator<{ readonly page: readonly KeptRecord[]; readonly isLast: boolean }, void, undefined> {
  let held: readonly KeptRecord[] | null = null
  for (const page of pages) {
    if (page.length === 0) continue
    if (held !== null) yield { page: held, isLast: false }
    held = page
  }
  if (held !== null) yield { page: held, isLast: true }
}

/** `Records 2026-11-25 14.03.07`: no two exports share a folder. */
const stamped = (now: Date): string => `${m.records_file()} ${stamp(now)}`

/** In the place of a device's id: what this computer writes into its own inbox. */
export const OURS = 'this-computer'

export interface Written {
  readonly path?: readonly string[]
  readonly name: string
  readonly bytes: Uint8Array
}

/** Puts a file into the inbox by the rules that foreign ones have: safe names, never in the place of another, durable. */
export async function writeInto(inbox: Pick<Inbox, 'open'>, { path = [], name, bytes }: Written): Promise<Landed> {
  const size = bytes.length
  const sink = await inbox.open(OURS, { id: newId(), name, path, size, mtime: Date.now() })
  try {
    for (let i = 0; i < blockCount(size); i++) {
      const block = new Uint8Array(bytes.subarray(i * BLOCK_BYTES, i * BLOCK_BYTES + blockLength(size, i)))
      await sink.write(i, block)
      sink.keep(i, createHash('sha256').update(block).digest('hex'))
    }
    return await sink.finish()
  } catch (error) {
    await sink.discard().catch(() => undefined)
    throw error
  }
}

/** Name of the phone that has it. */
type Named = (deviceId: string) => string

/** Characters of a title that become a file's name. */
const NAME_CHARS_MAX = 60

/** A record that is all here: nothing more of it is on the phone. */
export const isText = ({ size }: Pick<KeptRecord, 'size'>): boolean => size === undefined

/** Title and text, but not the same words twice: many notes are called by their beginning. */
export function asPlain({ title, text }: Pick<KeptRecord, 'title' | 'text'>): string {
  const body = text ?? ''
  if (body === '') return `${title}\n`
  const begins = title.replace(/…$/u, '').trim()
  return begins === '' || body.trimStart().startsWith(begins) ? `${body}\n` : `${title}\n\n${body}\n`
}

/** A file name for it. `untitled`: where there is nothing to call it by. */
export function fileNameOf({ title, text }: Pick<KeptRecord, 'title' | 'text'>, untitled: string): string {
  const [line = ''] = (title.trim() || (text ?? '').trim()).split('\n')
  // No part of a path: an inbox refuses what looks like one.
  const flat = line
    .replace(/[/\\:]+/gu, '_')
    .replace(/\s+/gu, ' ')
    .trim()
  const stem = [...flat]
    .slice(0, NAME_CHARS_MAX)
    .join('')
    .replace(/[.\s]+$/u, '')
  return `${stem || untitled}.txt`
}

/** Of any number: one row without a date must not cost a person the file of all the others. */
const timeOf = (modified: number): string => (toTime(modified) > 0 ? new Date(modified).toISOString() : '')

/** One member of a JSON array. */
export function asJson(record: KeptRecord, named: Named): string {
  const { id, kind, title, text, mime, modified, device } = record
  return JSON.stringify({ id, kind, title, text, mime, modified: timeOf(modified), device: named(device) }, null, 2)
}

/** One line, by RFC 4180. */
export function asCsv({ id, kind, title, text = '', modified, device }: KeptRecord, named: Named): string {
  return `${[kind, title, text, timeOf(modified), named(device), id].map(cell).join(',')}\r\n`
}

/**
 * A spreadsheet takes what begins like this for a formula, and runs it on the computer of whoever opens the file. Also
 * behind blanks, and in the wide forms of East Asia.
 */
const FORMULA = /^[\s\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u

function cell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/u.test(harmless) || harmless !== harmless.trim() ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** Says the time as `2026-11-25 14.03.07` of local time, for names of files, which sort by it. */
export function stamp(now: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-')
  return `${date} ${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('.')}`
}
