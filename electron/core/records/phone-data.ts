import type { AppState } from '#electron/app-state.ts'
import type { Inboxes } from '#inbox/inboxes.ts'
import { m } from '#messages'
import { fileNoteWords } from '#messages/file-words.ts'
import type { Records, SyncedRecord } from '#protocol/records.ts'
import { QuotaFull, type Store, type StoreNote } from '#store/database/store.ts'
import type { FileNote } from '#store/json-file.ts'
import { Debounce } from '#transfer/debounce.ts'
import { refOf, type AppEvent } from '#core/app-events.ts'
import type { CoreOptions } from '#core/core-options.ts'
import type { SyncedPhone, SyncStore } from '#core/devices/device-sync.ts'
import type { Device } from '#core/devices/device.ts'
import type { ResendQueue } from '#core/transfers/resend-queue.ts'
import { History } from './history.ts'
import { Owners, PhoneRecords } from './phone-records.ts'
import { RecordExports } from './record-export.ts'
import { TextCards } from './text-cards.ts'
import { OURS } from './text-export.ts'

export interface PhoneDataOptions extends Pick<CoreOptions, 'store' | 'owners' | 'toClipboard'> {
  readonly inbox: Inboxes
  /** Keeps texts until their phones have them. */
  readonly resendQueue: ResendQueue
  readonly deviceOf: (id: string) => Device | undefined
  readonly onEvent: (event: AppEvent) => void
  readonly onChange: () => void
}

/** Milliseconds: a legacy app may say its list again and again, and each is up to 8 MiB. */
const LIST_WITHIN_MS = 200

/** What is kept of phones beside their files: records, texts, and the history of everything. */
export class PhoneData implements SyncStore {
  readonly records: PhoneRecords
  readonly exports: RecordExports
  readonly history: History
  readonly cards = new TextCards()
  readonly owners: Owners
  /** Phones whose records could not be kept. */
  readonly unkept: Unkept
  readonly #options: PhoneDataOptions
  readonly #note: StoreNote | null
  /** Lists of legacy apps that are not written yet. */
  readonly #listed = new Map<SyncedPhone, readonly SyncedRecord[]>()
  readonly #writeLists = new Debounce(() => {
    this.#replaceListed()
  })

  constructor(options: PhoneDataOptions) {
    const { store = NO_STORE, owners, deviceOf, onChange, inbox } = options
    this.#options = options
    this.#note = store.note
    this.owners = new Owners(owners)
    this.unkept = new Unkept(options)
    this.records = new PhoneRecords({ table: store.records, owners: this.owners, deviceOf, onChange })
    this.history = new History({
      table: store.history,
      rootOf: (path) => inbox.rootOf(path),
      isExport: (batch) => this.exports.isOurs(batch),
      onChange,
    })
    this.exports = new RecordExports({
      inbox,
      records: this.records,
      deviceOf,
      isLegacy: (id) => deviceOf(id)?.kind === 'legacy',
      nameOf: (id) => this.owners.nameOf(id, deviceOf(id)?.name) || m.device_phone(),
      now: () => new Date(),
      onWritten: (written) => {
        this.history.written(written)
      },
      onChange,
    })
  }

  /** Removes what a crash has left half written here: it will not resume. Called after the inbox has started. */
  async start(): Promise<void> {
    const { inbox } = this.#options
    for (const { key, deviceId } of inbox.parts()) if (deviceId === OURS) await inbox.removePart(key)
  }

  cursor(phone: SyncedPhone): string {
    return this.records.cursor(phone)
  }

  keep(phone: SyncedPhone, page: Records): void {
    this.unkept.watch(phone, () => {
      this.records.keep(phone, page)
    })
  }

  list(phone: SyncedPhone, records: readonly SyncedRecord[]): void {
    this.#listed.set(phone, records)
    this.#writeLists.within(LIST_WITHIN_MS)
  }

  forget({ id }: SyncedPhone): void {
    if (this.owners.kindOf(id) === 'legacy') this.records.forget(id)
  }

  onText(phone: SyncedPhone, text: string): void {
    const { onEvent, onChange } = this.#options
    const card = this.cards.add({ deviceId: phone.id, deviceName: phone.name, whole: text })
    if (phone.preferences.clipboard) void this.#copy(card, text)
    this.history.text(phone, 'in', text)
    onEvent({ event: 'text', device: refOf(phone), text })
    onChange()
  }

  /** Says of a card that it is copied once that is true: a system may refuse, and a person pastes what was there before. */
  async #copy(card: string, text: string): Promise<void> {
    const { toClipboard, onChange } = this.#options
    const isThere = await toClipboard?.(text).catch(() => false)
    if (isThere !== true) return
    this.cards.copied(card)
    onChange()
  }

  onTextQueued({ id: device }: SyncedPhone, id: string, text: string): void {
    this.#options.resendQueue.add([{ device, id, text }])
  }

  onTextSent(phone: SyncedPhone, id: string, text: string): void {
    this.#options.resendQueue.drop(phone.id, id)
    this.history.text(phone, 'out', text)
  }

  onMissing(exportId: string, ids: readonly string[]): void {
    this.exports.absent(exportId, ids)
  }

  onChange(): void {
    this.#options.onChange()
  }

  /** The device is off the list; its records stay, under the name that it had. */
  removed(device: SyncedPhone): void {
    this.unkept.forget(device.id)
    if (this.owners.kindOf(device.id) !== undefined) this.owners.saw(device)
  }

  /** Takes a text that came off the screen; the history has it. */
  dismiss(id: string): void {
    this.cards.remove(id)
    this.#options.onChange()
  }

  /** Returns what the window shows of it; the rest is asked for by pages. */
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

  #replaceListed(): void {
    for (const [phone, records] of this.#listed) {
      try {
        this.unkept.watch(phone, () => {
          this.records.replace(phone, records)
        })
      } catch {
        // The list before stays; a legacy app hears no answer anyway.
      }
    }
    this.#listed.clear()
  }
}

/** The database, as far as a person hears of it. */
const FILE = 'lanyard.db'

interface UnkeptOptions {
  readonly onEvent: (event: AppEvent) => void
  readonly onChange: () => void
}

/** Knows of which phones records could not be kept: each is told once, and stays on the screen while it is so. */
class Unkept {
  readonly #options: UnkeptOptions
  readonly #notes = new Map<string, FileNote>()

  constructor(options: UnkeptOptions) {
    this.#options = options
  }

  get notes(): readonly FileNote[] {
    // A disk that refuses does so for all of them.
    return [...new Map([...this.#notes.values()].map((note) => [note.what + note.detail, note])).values()]
  }

  /** Keeps records of the phone by `keep`, and throws what that throws. */
  watch({ id, name }: Pick<SyncedPhone, 'id' | 'name'>, keep: () => void): void {
    try {
      keep()
    } catch (error) {
      this.#put(id, error instanceof QuotaFull ? { file: FILE, what: 'full', detail: name } : refusal(error))
      throw error
    }
    this.forget(id)
  }

  forget(id: string): void {
    if (this.#notes.delete(id)) this.#options.onChange()
  }

  #put(id: string, note: FileNote): void {
    const isNew = !this.notes.some(({ what, detail }) => what === note.what && detail === note.detail)
    this.#notes.set(id, note)
    if (!isNew) return
    this.#options.onEvent({ event: 'error', code: `records-${note.what}`, message: fileNoteWords(note) })
    this.#options.onChange()
  }
}

const refusal = (error: unknown): FileNote => ({
  file: FILE,
  what: 'unwritten',
  detail: error instanceof Error ? error.message : String(error),
})

const nothing = (): void => undefined

/** A store that keeps nothing, for a core that is given none. */
export const NO_STORE: Store = {
  note: null,
  close: nothing,
  records: {
    cursor: () => '',
    keep: nothing,
    replaceAll: nothing,
    find: () => ({ rows: [], total: 0 }),
    kinds: () => [],
    whole: () => [],
    keysOf: () => [],
    hide: nothing,
    forgetDevice: nothing,
    count: () => 0,
  },
  history: {
    add: nothing,
    find: () => ({ rows: [], total: 0 }),
    one: () => undefined,
    clear: nothing,
  },
}
