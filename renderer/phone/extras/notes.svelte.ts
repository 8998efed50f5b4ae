import { toBase64Url } from '#protocol/base64url.ts'
import { RECORD_TITLE_CHARS_MAX } from '#protocol/limits.ts'
import type { SyncedRecord } from '#protocol/records.ts'
import { RecordLog, type RecordLogState } from '#transfer/records/record-log.ts'
import { mayHaveThumbnail } from '#phone/blob-file.ts'
import type { PageStore } from '#phone/page-store.ts'
import type { StoredValue } from './stored-value.ts'
import { webLink } from '#transfer/web-link.ts'

/** A record as it is shown. */
export interface Note extends SyncedRecord {
  /** A file whose bytes this page no longer has: a reload took them. */
  readonly lost: boolean
}

export interface NotesPorts {
  readonly kept: StoredValue<RecordLogState>
  newId(): string
  /** Milliseconds since 1970. */
  now(): number
  thumbnail(file: File): Promise<Uint8Array | null>
  /** There is something new for the computer. */
  changed(): void
}

/**
 * What this page offers: notes, links, pasted texts, and files whose bytes stay here until the computer asks. A reload takes
 * the bytes, and nothing else.
 */
export class Notes {
  list = $state.raw<readonly Note[]>([])
  /** The last change could not be kept: there is no room. */
  noRoom = $state.raw(false)
  /** What was removed last, to be taken back. */
  removed = $state.raw<SyncedRecord | null>(null)
  readonly log: RecordLog
  readonly #ports: NotesPorts
  // Not state: `list` is what is shown.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #files = new Map<string, File>()

  constructor(ports: NotesPorts) {
    this.#ports = ports
    this.log = new RecordLog(ports.kept.read() ?? undefined)
    this.#show()
  }

  /** A note, a link, or a clip if it was pasted. */
  write(text: string, pasted: boolean): void {
    this.#put({ id: this.#ports.newId(), ...written(text, pasted ? 'clip' : 'note') })
    this.#keep()
  }

  edit(id: string, text: string): void {
    const before = this.log.get(id)
    if (before === undefined) return
    this.#put({ id, ...written(text, before.kind === 'link' ? 'note' : before.kind) })
    this.#keep()
  }

  remove(id: string): void {
    if (this.removed !== null) this.#files.delete(this.removed.id)
    this.removed = this.log.get(id) ?? null
    this.log.remove(id)
    this.#keep()
  }

  /** Takes back the last removal. */
  undo(): void {
    if (this.removed !== null) this.#put(this.removed)
    this.removed = null
    this.#keep()
  }

  /** One with the name and size of a file that is there already is that file, picked again. */
  async offer(files: readonly File[]): Promise<void> {
    const ids = files.map((file) => this.#offerOne(file))
    this.#keep()
    for (const [at, file] of files.entries()) await this.#picture(ids[at] ?? '', file)
  }

  /** The files of these records, or of all; and the ids of those that have none. */
  give(ids: readonly string[] | null): { readonly files: File[]; readonly absent: string[] } {
    const asked = ids ?? this.list.filter(({ kind }) => kind === 'file').map(({ id }) => id)
    const files: File[] = []
    const absent: string[] = []
    for (const id of asked) {
      const file = this.log.get(id) === undefined ? undefined : this.#files.get(id)
      if (file === undefined) absent.push(id)
      else files.push(file)
    }
    return { files, absent }
  }

  moveTo(store: PageStore): void {
    if (this.#ports.kept.moveTo(store)) this.#save()
  }

  #offerOne(file: File): string {
    const { name, size, type } = file
    const title = name.slice(0, RECORD_TITLE_CHARS_MAX)
    const before = this.list.find((one) => one.kind === 'file' && one.title === title && one.size === size)
    const id = before?.id ?? this.#ports.newId()
    this.#files.set(id, file)
    if (before === undefined) this.#put({ id, kind: 'file', title, size, mime: type.slice(0, 255) })
    return id
  }

  /** Later, and one at a time: a phone takes a second for a large photo. */
  async #picture(id: string, file: File): Promise<void> {
    if (!mayHaveThumbnail(file) || this.log.get(id)?.thumbnail !== undefined) return
    const jpeg = await this.#ports.thumbnail(file)
    const record = this.log.get(id)
    if (jpeg === null || record === undefined) return
    this.#put({ ...record, thumbnail: toBase64Url(jpeg) })
    this.#keep()
  }

  #put(record: Omit<SyncedRecord, 'modified'>): void {
    this.log.put({ ...record, modified: this.#ports.now() })
  }

  #keep(): void {
    this.#save()
    this.#show()
    this.#ports.changed()
  }

  #save(): void {
    this.noRoom = !this.#ports.kept.write(this.log.save())
  }

  #show(): void {
    this.list = this.log
      .all()
      .map((record) => ({ ...record, lost: record.kind === 'file' && !this.#files.has(record.id) }))
      .reverse()
  }
}

function written(text: string, kind: string): Pick<SyncedRecord, 'kind' | 'title' | 'text'> {
  const link = webLink(text)
  return link === null
    ? { kind, title: titleOf(text), text }
    : { kind: 'link', title: titleOf(link.href), text: link.href }
}

/** Characters: enough to know a text by. */
const TITLE_CHARS = 80

/** A text's first line that says something, cut between characters. */
export function titleOf(text: string): string {
  const line = text.trim().split(/\s*\n/, 1)[0] ?? ''
  const chars = [...line.slice(0, TITLE_CHARS * 4)]
  return chars.length <= TITLE_CHARS && line.length <= TITLE_CHARS * 4
    ? line
    : `${chars.slice(0, TITLE_CHARS - 1).join('')}…`
}
