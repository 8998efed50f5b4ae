import type { DeskState } from '#electron/shell-api.ts'
import type { Inbox } from '#inbox/inbox.ts'
import { m } from '#messages'
import type { SyncedRecord } from '#protocol/records.ts'
import type { StoreNote } from '#store/database/types.ts'
import { Debounce } from '#transfer/debounce.ts'
import { Archive } from './archive.ts'
import type { DeskOptions } from '#core/core-options.ts'
import type { Device } from '#core/devices/device.ts'
import { refOf } from '#core/devices/device-parts.ts'
import type { DeskEvent } from '#core/app-events.ts'
import { Exporting } from './exporting.ts'
import { NO_STORE } from './no-store.ts'
import { Owners } from './owners.ts'
import { Past } from './past.ts'
import type { TalkPorts } from '#core/devices/talk.ts'
import { TextCards } from './text-cards.ts'
import { Unkept } from './unkept.ts'
import { OURS } from './written.ts'

type Kept = Pick<DeskOptions, 'store' | 'owners' | 'saveOwners' | 'toClipboard'>

export interface LibraryPorts extends Kept {
  readonly inbox: Inbox
  /** The folder of the inbox. */
  readonly folder: string
  readonly deviceOf: (id: string) => Device | undefined
  readonly onEvent: (event: DeskEvent) => void
  readonly onChange: () => void
}

/** Milliseconds: an app of 2018 may say its list again and again, and each is up to 8 MiB. */
const LIST_WITHIN_MS = 200

/** What is kept of phones beside their files: records, texts, and the history of everything. */
export class Library {
  readonly archive: Archive
  readonly exporting: Exporting
  readonly past: Past
  readonly cards = new TextCards()
  readonly owners: Owners
  /** Of records that could not be kept. */
  readonly unkept: Unkept
  readonly #ports: LibraryPorts
  readonly #note: StoreNote | null

  constructor(ports: LibraryPorts) {
    const { store = NO_STORE, owners = [], saveOwners, deviceOf, onChange, inbox, folder } = ports
    this.#ports = ports
    this.#note = store.note
    this.owners = new Owners(owners, saveOwners)
    this.unkept = new Unkept(ports)
    this.archive = new Archive({ table: store.records, owners: this.owners, deviceOf, onChange })
    this.past = new Past({
      ...{ table: store.history, folder, onChange },
      isExport: (batch) => this.exporting.isOurs(batch),
    })
    this.exporting = new Exporting({
      ...{ inbox, archive: this.archive, deviceOf, onChange },
      isLegacy: (id) => deviceOf(id)?.kind === 'legacy',
      nameOf: (id) => this.owners.nameOf(id, deviceOf(id)?.name) || m.device_phone(),
      now: () => new Date(),
      onWritten: (written) => {
        this.past.written(written)
      },
    })
  }

  /** After the inbox has: what a crash has left half written will not go on. */
  async start(): Promise<void> {
    const { inbox } = this.#ports
    for (const { key, deviceId } of inbox.parts()) if (deviceId === OURS) await inbox.removePart(key)
  }

  /** For a device's records and texts. */
  talkOf(device: () => Device): Omit<TalkPorts, 'onWaits'> {
    const { archive, owners, past, exporting, unkept } = this
    let listed: readonly SyncedRecord[] = []
    const list = new Debounce(() => {
      try {
        unkept.watch(device(), () => {
          archive.replace(device(), listed)
        })
      } catch {
        // The list before stays; an app of 2018 hears no answer anyway.
      }
      listed = []
    })
    return {
      cursor: () => archive.cursor(device()),
      keep: (page) => {
        unkept.watch(device(), () => {
          archive.keep(device(), page)
        })
      },
      list: (records) => {
        listed = records
        list.within(LIST_WITHIN_MS)
      },
      forget: () => {
        if (owners.kindOf(device().id) === 'legacy') archive.forget(device().id)
      },
      onText: (text) => {
        this.#came(device(), text)
      },
      onHeard: (_id, text) => {
        past.text(device(), 'out', text)
      },
      onAbsent: (id, ids) => {
        exporting.absent(id, ids)
      },
      onChange: this.#ports.onChange,
    }
  }

  /** The device is off the list; its records stay, under the name that it had. */
  removed(device: Device): void {
    this.unkept.forget(device.id)
    if (this.owners.kindOf(device.id) !== undefined) this.owners.saw(device)
  }

  /** A text that came is off the screen; the history has it. */
  dismiss(id: string): void {
    this.cards.remove(id)
    this.#ports.onChange()
  }

  state(): Pick<
    DeskState,
    'owners' | 'recordsVersion' | 'historyVersion' | 'hasHistory' | 'storeNote' | 'exports' | 'texts'
  > {
    return {
      owners: this.archive.ownersNow(),
      recordsVersion: this.archive.version,
      historyVersion: this.past.version,
      hasHistory: this.past.any,
      storeNote: this.#note && { what: this.#note.what },
      exports: this.exporting.views(),
      texts: this.cards.views(),
    }
  }

  #came(device: Device, text: string): void {
    const { clipboard: copied } = device.wishes
    if (copied) void this.#ports.toClipboard?.(text).catch(() => undefined)
    this.cards.add({ deviceId: device.id, deviceName: device.name, whole: text, copied })
    this.past.text(device, 'in', text)
    this.#ports.onEvent({ event: 'text', device: refOf(device), text })
    this.#ports.onChange()
  }
}
