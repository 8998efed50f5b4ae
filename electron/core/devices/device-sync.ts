import type { SyncFrame } from '#protocol/frames.ts'
import type { PeerKind } from '#protocol/hub-events.ts'
import type { Records, SyncedRecord } from '#protocol/records.ts'
import { ExportRequests } from '#transfer/records/export-requests.ts'
import { RecordReplica, SyncPacing } from '#transfer/records/record-replica.ts'
import { Texts, type WaitingText } from '#transfer/records/texts.ts'
import type { Peer } from '#transfer/session-options.ts'
import { newId } from '#core/ids.ts'

/** A phone whose records and texts are kept. */
export interface SyncedPhone {
  readonly id: string
  readonly name: string
  readonly kind: PeerKind
  /** Whether texts go on the clipboard. */
  readonly preferences: { readonly clipboard: boolean }
}

/** Keeps the records and texts of phones. */
export interface SyncStore {
  /** Where the copy of the phone's records stands; '' = nothing is here. */
  cursor(phone: SyncedPhone): string
  /** Throws when the disk does, or when there is no more room for the phone. */
  keep(phone: SyncedPhone, page: Records): void
  /** Takes all that a legacy app lists. */
  list(phone: SyncedPhone, records: readonly SyncedRecord[]): void
  /** Another program has come to the phone's link: what the one before listed is not its. */
  forget(phone: SyncedPhone): void
  onText(phone: SyncedPhone, text: string): void
  /** The text is to reach the phone, in the next run at the latest. */
  onTextQueued(phone: SyncedPhone, id: string, text: string): void
  /** The phone has the text. */
  onTextSent(phone: SyncedPhone, id: string, text: string): void
  /** These of an export can't be given. */
  onMissing(exportId: string, ids: readonly string[]): void
  onChange(): void
}

/** What is synchronised with a phone of version 2 beside files: its records, exports of them, and texts both ways. */
export class DeviceSync {
  readonly exports: ExportRequests
  /** Whether the phone takes texts. */
  takesTexts = false
  readonly #replica: RecordReplica
  readonly #texts: Texts
  readonly #phone: SyncedPhone
  readonly #store: SyncStore

  constructor(phone: SyncedPhone, store: SyncStore, say: (frame: SyncFrame) => void) {
    this.#phone = phone
    this.#store = store
    const syncs = new SyncPacing(say)
    this.#replica = new RecordReplica({
      say: (frame) => {
        if (frame.t === 'sync') syncs.say(frame)
        else say(frame)
      },
      cursor: () => store.cursor(phone),
      keep: (page) => {
        store.keep(phone, page)
      },
    })
    this.#texts = new Texts({
      say,
      newId,
      onText: (_id, text) => {
        store.onText(phone, text)
      },
      onHeard: (id, text) => {
        store.onTextSent(phone, id, text)
        store.onChange()
      },
    })
    this.exports = new ExportRequests({
      say,
      newId,
      onAbsent: (id, ids) => {
        store.onMissing(id, ids)
      },
    })
  }

  /** Texts that wait for the phone to take them. */
  get unheard(): number {
    return this.#texts.waiting.length
  }

  /** Says again what may have been lost; called after each `hello`, on any lane. */
  greeted({ records, texts }: Pick<Peer, 'records' | 'texts'>): void {
    this.takesTexts = texts
    this.#replica.greeted(records)
    this.#texts.greeted(texts)
    this.exports.greeted()
  }

  receive(frame: SyncFrame): void {
    switch (frame.t) {
      case 'records':
      case 'changed':
        this.#replica.receive(frame)
        return
      case 'text':
      case 'text-ack':
        this.#texts.receive(frame)
        return
      case 'export-missing':
        this.exports.receive(frame)
        return
      case 'sync':
      case 'export':
      // A phone's business: this side has nothing to give.
    }
  }

  /** Throws when it is too long, or too many wait. */
  send(text: string): void {
    this.#store.onTextQueued(this.#phone, this.#texts.send(text), text)
    this.#store.onChange()
  }

  /** Takes texts of an earlier run that the phone has not got. */
  resume(texts: readonly WaitingText[]): void {
    this.#texts.resume(texts)
  }
}
