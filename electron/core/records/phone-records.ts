import type { Found, Owner, RecordQuery, RecordView, Selection } from '#electron/window-api.ts'
import { bytesFrom } from '#protocol/base64url.ts'
import type { Records, SyncedRecord } from '#protocol/records.ts'
import type { KeptRecord, RecordRow, RecordsTable } from '#store/database/store.ts'
import { WHOLE_MAX } from '#store/database/store.ts'
import { Debounce } from '#transfer/debounce.ts'
import { thumbnailUrl } from '#core/transfers/thumbnail.ts'
import { webLinkIn } from './web-link.ts'
import type { Owners } from './owners.ts'
import type { Device } from '#core/devices/device.ts'

/** Characters that are put on the clipboard at once: more than a person pastes anywhere. */
const COPY_CHARS_MAX = 4_000_000
/** Milliseconds. */
const CHANGES_WITHIN_MS = 500

export interface PhoneRecordsPorts {
  readonly table: RecordsTable
  readonly owners: Owners
  readonly deviceOf: (id: string) => Device | undefined
  readonly onChange: () => void
}

/** The records of all phones as they are kept here. */
export class PhoneRecords {
  /** Counts up with every change. */
  version = 0
  readonly #ports: PhoneRecordsPorts
  readonly #soon = new Debounce(() => {
    this.#changed()
  })

  constructor(ports: PhoneRecordsPorts) {
    this.#ports = ports
  }

  cursor(device: Device): string {
    return this.#ports.table.cursor(device.id)
  }

  keep(device: Device, page: Records): void {
    this.#ports.table.keep(device.id, page)
    this.#ports.owners.saw(device)
    // While many pages come the window need not look for each of them.
    if (page.more) this.#soon.within(CHANGES_WITHIN_MS)
    else if (page.list.length > 0 || page.fresh) this.#changed()
  }

  /** The whole list of an app of 2018. */
  replace(device: Device, records: readonly SyncedRecord[]): void {
    this.#ports.table.replaceAll(device.id, records)
    this.#ports.owners.saw(device)
    this.#changed()
  }

  forget(deviceId: string): void {
    const { table, owners } = this.#ports
    if (owners.kindOf(deviceId) === undefined && table.count(deviceId) === 0) return
    table.forgetDevice(deviceId)
    owners.forget(deviceId)
    this.#changed()
  }

  /** Phones that have records here. */
  ownersNow(): Owner[] {
    const { owners, deviceOf } = this.#ports
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
    const { rows, total } = this.#ports.table.find(query)
    return { rows: rows.map(viewOf), total }
  }

  kinds(device: string): readonly { readonly kind: string; readonly count: number }[] {
    return device === 'all' ? this.#ports.table.kinds() : this.#ports.table.kinds(device)
  }

  keysOf(selection: Selection): readonly number[] {
    if ('keys' in selection) return selection.keys
    const without = new Set(selection.without)
    return this.#ports.table.keysOf(selection.of).filter((key) => !without.has(key))
  }

  /** Whole records, page by page: they may be more than fits into memory. */
  *wholePages(keys: readonly number[]): Generator<readonly KeptRecord[], void, undefined> {
    for (let at = 0; at < keys.length; at += WHOLE_MAX) yield this.#ports.table.whole(keys.slice(at, at + WHOLE_MAX))
  }

  one(key: number): KeptRecord | undefined {
    return this.#ports.table.whole([key])[0]
  }

  /** What copying them puts on the clipboard. */
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

  /** The address of a record that is a link. */
  linkOf(key: number): string | null {
    const record = this.one(key)
    return record === undefined ? null : linkIn(record)
  }

  hide(selection: Selection): void {
    const keys = this.keysOf(selection)
    for (let at = 0; at < keys.length; at += WHOLE_MAX) this.#ports.table.hide(keys.slice(at, at + WHOLE_MAX))
    this.#changed()
  }

  #changed(): void {
    this.version++
    this.#ports.onChange()
  }
}

interface Linked {
  readonly title: string
  readonly text?: string | undefined
}

const linkIn = ({ text, title }: Linked): string | null => webLinkIn(text ?? '') ?? webLinkIn(title)

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
