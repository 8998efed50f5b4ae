import { toTime } from '#protocol/times.ts'
import type { KeptRecord } from '#store/database/store.ts'

/** Records as people and programs read them; what `export` writes for those that are text. */

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

export const CSV_HEAD = 'kind,title,text,modified,device,id\r\n'

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
