import { dirname } from 'node:path'
import { m } from '#messages'
import type { TextFormat } from '#electron/window-api.ts'
import type { Inbox } from '#inbox/inbox.ts'
import type { KeptRecord } from '#store/database/store.ts'
import { asCsv, asJson, asPlain, CSV_HEAD, fileNameOf } from './record-text.ts'
import { stamp } from './stamp.ts'
import { writeInto } from './written.ts'

/** Bytes of text that are put together before they are written; what is more goes into a further file. */
const FILE_BYTES = 67_108_864

/** What was written, and where a person finds it. */
export interface TextsWritten {
  readonly texts: number
  readonly name: string
  readonly path: string | null
  readonly bytes: number
}

export interface TextExportPorts {
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
  ports: TextExportPorts,
  pages: Iterable<readonly KeptRecord[]>,
  format: TextFormat,
): Promise<TextsWritten> {
  return format === 'txt' ? writeEach(ports, pages) : writeLists(ports, pages, LISTS[format])
}

async function writeEach(ports: TextExportPorts, pages: Iterable<readonly KeptRecord[]>): Promise<TextsWritten> {
  const folder = stamped(ports.now())
  let written: TextsWritten = { texts: 0, name: '', path: null, bytes: 0 }
  for (const { page, isLast } of looking(pages)) {
    const path = written.texts === 0 && isLast && page.length === 1 ? [] : [folder]
    for (const record of page) {
      const bytes = Buffer.from(asPlain(record))
      const landed = await writeInto(ports.inbox, { path, name: fileNameOf(record, m.records_file()), bytes })
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
  { inbox, nameOf, now }: TextExportPorts,
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
