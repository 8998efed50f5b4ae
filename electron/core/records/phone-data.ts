import type { AppState } from '#electron/window-api.ts'
import type { Inbox } from '#inbox/inbox.ts'
import { m } from '#messages'
import type { SyncedRecord } from '#protocol/records.ts'
import type { StoreNote } from '#store/database/store.ts'
import { Debounce } from '#transfer/debounce.ts'
import { PhoneRecords } from './phone-records.ts'
import type { CoreOptions } from '#core/core-options.ts'
import type { Device } from '#core/devices/device.ts'
import { refOf } from '#core/devices/device-parts.ts'
import type { AppEvent } from '#core/app-events.ts'
import { RecordExports } from './record-export.ts'
import { NO_STORE } from './no-store.ts'
import { Owners } from './owners.ts'
import { History } from './history.ts'
import type { DeviceSyncPorts } from '#core/devices/device-sync.ts'
import { TextCards } from './text-cards.ts'
import { Unkept } from './unkept.ts'
import { OURS } from './written.ts'

type Kept = Pick<CoreOptions, 'store' | 'owners' | 'saveOwners' | 'toClipboard'>

export interface PhoneDataPorts extends Kept {
  readonly inbox: Inbox
  /** The folder of the inbox. */
  readonly folder: string
  readonly deviceOf: (id: string) => Device | undefined
  readonly onEvent: (event: AppEvent) => void
  readonly onChange: () => void
}

/** Milliseconds: an app of 2018 may say its list again and again, and each is up to 8 MiB. */
const LIST_WITHIN_MS = 200

/** What is kept of phones beside their files: records, texts, and the history of everything. */
export class PhoneData {
  readonly records: PhoneRecords
  readonly exports: RecordExports
  readonly history: History
  readonly cards = new TextCards()
  readonly owners: Owners
  /** Of records that could not be kept. */
  readonly unkept: Unkept
  readonly #ports: PhoneDataPorts
  readonly #note: StoreNote | null

  constructor(ports: PhoneDataPorts) {
    const { store = NO_STORE, owners = [], saveOwners, deviceOf, onChange, inbox, folder } = ports
    this.#ports = ports
    this.#note = store.note
    this.owners = new Owners(owners, saveOwners)
    this.unkept = new Unkept(ports)
    this.records = new PhoneRecords({ table: store.records, owners: this.owners, deviceOf, onChange })
    this.history = new History({
      ...{ table: store.history, folder, onChange },
      isExport: (batch) => this.exports.isOurs(batch),
    })
    this.exports = new RecordExports({
      ...{ inbox, records: this.records, deviceOf, onChange },
      isLegacy: (id) => deviceOf(id)?.kind === 'legacy',
      nameOf: (id) => this.owners.nameOf(id, deviceOf(id)?.name) || m.device_phone(),
      now: () => new Date(),
      onWritten: (written) => {
        this.history.written(written)
      },
    })
  }

  /** After the inbox has: what a crash has left half written will not go on. */
  async start(): Promise<void> {
    const { inbox } = this.#ports
    for (const { key, deviceId } of inbox.parts()) if (deviceId === OURS) await inbox.removePart(key)
  }

  /** For a device's records and texts. */
  syncOf(device: () => Device): Omit<DeviceSyncPorts, 'onWaits'> {
    const { records, owners, history, exports, unkept } = this
    let listed: readonly SyncedRecord[] = []
    const list = new Debounce(() => {
      try {
        unkept.watch(device(), () => {
          records.replace(device(), listed)
        })
      } catch {
        // The list before stays; an app of 2018 hears no answer anyway.
      }
      listed = []
    })
    return {
      cursor: () => records.cursor(device()),
      keep: (page) => {
        unkept.watch(device(), () => {
          records.keep(device(), page)
        })
      },
      list: (records) => {
        listed = records
        list.within(LIST_WITHIN_MS)
      },
      forget: () => {
        if (owners.kindOf(device().id) === 'legacy') records.forget(device().id)
      },
      onText: (text) => {
        this.#came(device(), text)
      },
      onHeard: (_id, text) => {
        history.text(device(), 'out', text)
      },
      onAbsent: (id, ids) => {
        exports.absent(id, ids)
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
    AppState,
    'owners' | 'recordsVersion' | 'historyVersion' | 'hasHistory' | 'storeNote' | 'exports' | 'texts'
  > {
    return {
      owners: this.records.ownersNow(),
      recordsVersion: this.records.version,
      historyVersion: this.history.version,
      hasHistory: this.history.any,
      storeNote: this.#note && { what: this.#note.what },
      exports: this.exports.views(),
      texts: this.cards.views(),
    }
  }

  #came(device: Device, text: string): void {
    const { clipboard: copied } = device.preferences
    if (copied) void this.#ports.toClipboard?.(text).catch(() => undefined)
    this.cards.add({ deviceId: device.id, deviceName: device.name, whole: text, copied })
    this.history.text(device, 'in', text)
    this.#ports.onEvent({ event: 'text', device: refOf(device), text })
    this.#ports.onChange()
  }
}
