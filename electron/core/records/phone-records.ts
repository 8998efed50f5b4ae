import type { Owner } from '#electron/app-state.ts'
import type { Found, RecordQuery, RecordView, Selection } from '#electron/window-api.ts'
import { bytesFrom } from '#protocol/base64url.ts'
import type { PeerKind } from '#protocol/hub-events.ts'
import type { Records, SyncedRecord } from '#protocol/records.ts'
import { webLink } from '#transfer/web-link.ts'
import type { KeptRecord, RecordRow, RecordsTable } from '#store/database/store.ts'
import { WHOLE_MAX } from '#store/database/store.ts'
import { keptNowhere, type Kept } from '#store/json-file.ts'
import type { KnownOwner } from '#store/owners.ts'
import { Debounce } from '#transfer/debounce.ts'
import { thumbnailUrl } from '#core/transfers/thumbnail.ts'
import type { SyncedPhone } from '#core/devices/device-sync.ts'
import type { Device } from '#core/devices/device.ts'

/** Characters that are put on the clipboard at once: more than a person pastes anywhere. */
const COPY_CHARS_MAX = 4_000_000
/** Milliseconds. */
const CHANGES_WITHIN_MS = 500

/** Phones whose names are kept. Those that were not seen for longest are forgotten first; their records stay. */
const OWNERS_MAX = 500

/** What phones with records here are called, also when they are gone. */
export class Owners {
  readonly #known: Map<string, KnownOwner>
  readonly #kept: Kept<readonly KnownOwner[]>

  constructor(kept: Kept<readonly KnownOwner[]> = keptNowhere) {
    this.#known = new Map(kept.earlier.map((owner) => [owner.id, owner]))
    this.#kept = kept
  }

  all(): readonly KnownOwner[] {
    return [...this.#known.values()]
  }

  kindOf(id: string): PeerKind | undefined {
    return this.#known.get(id)?.kind
  }

  /** Returns what the phone is called; `now` if it is on the list. */
  nameOf(id: string, now = ''): string {
    return now === '' ? (this.#known.get(id)?.name ?? '') : now
  }

  /** Takes names that an earlier run kept and that could be read only now. */
  addEarlier(owners: readonly KnownOwner[]): void {
    const now = this.all()
    this.#known.clear()
    for (const owner of [...owners, ...now]) this.#known.set(owner.id, owner)
    this.#save()
  }

  /** Notes that the device has records, and what it is called now. The last one seen stands last. */
  saw({ id, name, kind }: Pick<SyncedPhone, 'id' | 'name' | 'kind'>): void {
    const before = this.#known.get(id)
    const isLast = before !== undefined && before === [...this.#known.values()].at(-1)
    if (isLast && before.name === name && before.kind === kind) return
    this.#known.delete(id)
    this.#known.set(id, { id, name, kind })
    const [oldest] = this.#known.keys()
    if (this.#known.size > OWNERS_MAX && oldest !== undefined) this.#known.delete(oldest)
    this.#save()
  }

  forget(id: string): void {
    if (this.#known.delete(id)) this.#save()
  }

  #save(): void {
    // What the disk refuses is tried again by the file itself, and shown.
    void this.#kept.save(this.all()).catch(() => undefined)
  }
}

export interface PhoneRecordsOptions {
  readonly table: RecordsTable
  readonly owners: Owners
  readonly deviceOf: (id: string) => Device | undefined
  readonly onChange: () => void
}

/** The records of all phones as they are kept here. */
export class PhoneRecords {
  /** Counts up with every change. */
  version = 0
  readonly #options: PhoneRecordsOptions
  readonly #soon = new Debounce(() => {
    this.#changed()
  })

  constructor(options: PhoneRecordsOptions) {
    this.#options = options
  }

  cursor({ id }: Pick<SyncedPhone, 'id'>): string {
    return this.#options.table.cursor(id)
  }

  keep(phone: SyncedPhone, page: Records): void {
    this.#options.table.keep(phone.id, page)
    this.#options.owners.saw(phone)
    // While many pages come the window need not look for each of them.
    if (page.more) this.#soon.within(CHANGES_WITHIN_MS)
    else if (page.list.length > 0 || page.fresh) this.#changed()
  }

  /** Takes the whole list of a legacy app. */
  replace(phone: SyncedPhone, records: readonly SyncedRecord[]): void {
    this.#options.table.replaceAll(phone.id, records)
    this.#options.owners.saw(phone)
    this.#changed()
  }

  forget(deviceId: string): void {
    const { table, owners } = this.#options
    if (owners.kindOf(deviceId) === undefined && table.count(deviceId) === 0) return
    table.forgetDevice(deviceId)
    owners.forget(deviceId)
    this.#changed()
  }

  /** Returns the phones that have records here. */
  ownersNow(): Owner[] {
    const { owners, deviceOf } = this.#options
    return owners.all().map(({ id, kind }) => {
      const device = deviceOf(id)
      return {
        id,
        name: owners.nameOf(id, device?.name),
        kind,
        isGone: device === undefined || device.state === 'empty',
      }
    })
  }

  find(query: RecordQuery): Found<RecordView> {
    const { rows, total } = this.#options.table.find(query)
    return { rows: rows.map(viewOf), total }
  }

  kinds(device: string): readonly { readonly kind: string; readonly count: number }[] {
    return device === 'all' ? this.#options.table.kinds() : this.#options.table.kinds(device)
  }

  keysOf(selection: Selection): readonly number[] {
    if ('keys' in selection) return selection.keys
    const without = new Set(selection.without)
    return this.#options.table.keysOf(selection.of).filter((key) => !without.has(key))
  }

  /** Yields whole records, page by page: they may be more than fits into memory. */
  *wholePages(keys: readonly number[]): Generator<readonly KeptRecord[], void, undefined> {
    for (let at = 0; at < keys.length; at += WHOLE_MAX) yield this.#options.table.whole(keys.slice(at, at + WHOLE_MAX))
  }

  one(key: number): KeptRecord | undefined {
    return this.#options.table.whole([key])[0]
  }

  /** Returns what copying these records puts on the clipboard. */
  textOf(selection: Selection): string {
    const texts: string[] = []
    let room = COPY_CHARS_MAX
    for (const page of this.wholePages(this.keysOf(selection))) {
      for (const record of page) {
        const text = record.text ?? record.title
        room -= text.length
        if (room < 0) return texts.join('\n\n')
        texts.push(text)
      }
    }
    return texts.join('\n\n')
  }

  /** Returns the address of a record that is a link, else null. */
  linkOf(key: number): string | null {
    const record = this.one(key)
    return record === undefined ? null : linkIn(record)
  }

  hide(selection: Selection): void {
    const keys = this.keysOf(selection)
    for (let at = 0; at < keys.length; at += WHOLE_MAX) this.#options.table.hide(keys.slice(at, at + WHOLE_MAX))
    this.#changed()
  }

  #changed(): void {
    this.version++
    this.#options.onChange()
  }
}

interface Linked {
  readonly title: string
  readonly text?: string | undefined
}

const linkIn = ({ text, title }: Linked): string | null => (webLink(text ?? '') ?? webLink(title))?.href ?? null

function viewOf({ key, device, kind, title, text, mime, size, thumbnail, modified }: RecordRow): RecordView {
  const thumb = thumbnail === undefined ? null : thumbOf(thumbnail)
  return {
    ...{ key, kind, title, modified, deviceId: device, isLink: linkIn({ title, text }) !== null },
    ...(text !== undefined && { text }),
    ...(mime !== undefined && { mime }),
    ...(size !== undefined && { size }),
    ...(thumb !== null && { thumb }),
  }
}

function thumbOf(base64url: string): string | null {
  try {
    return thumbnailUrl(bytesFrom(base64url))
  } catch {
    return null
  }
}
