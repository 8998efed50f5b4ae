import type { SyncFrame } from '#protocol/frames.ts'
import type { Records, SyncedRecord } from '#protocol/records.ts'
import { ExportRequests } from '#transfer/records/export-requests.ts'
import { RecordReplica } from '#transfer/records/record-replica.ts'
import { SyncPacing } from '#transfer/records/pacing.ts'
import { Texts, type WaitingText } from '#transfer/records/texts.ts'
import type { Peer } from '#transfer/session-options.ts'
import { newId } from './device-parts.ts'

/** What a device's records and texts need of the program. */
export interface DeviceSyncPorts {
  /** Where the copy of its records stands; '' = nothing is here. */
  cursor(): string
  /** Throws when the disk does, or there is no more room for it. */
  keep(page: Records): void
  /** All that an app of 2018 lists. */
  list(records: readonly SyncedRecord[]): void
  /** Another program has come to this link: what the one before listed is not its. */
  forget(): void
  onText(text: string): void
  /** It is to have this text, also in the next run. */
  onWaits(id: string, text: string): void
  /** It has it now. */
  onHeard(id: string, text: string): void
  /** These of an export can't be given. */
  onAbsent(exportId: string, ids: readonly string[]): void
  onChange(): void
}

/** What is said with a phone of version 2 beside files: its records, exports of them, and texts both ways. */
export class DeviceSync {
  readonly exports: ExportRequests
  /** It takes texts. */
  takesTexts = false
  readonly #keeper: RecordReplica
  readonly #texts: Texts
  readonly #ports: DeviceSyncPorts

  constructor(ports: DeviceSyncPorts, say: (frame: SyncFrame) => void) {
    this.#ports = ports
    const syncs = new SyncPacing(say)
    this.#keeper = new RecordReplica({
      say: (frame) => {
        if (frame.t === 'sync') syncs.say(frame)
        else say(frame)
      },
      cursor: () => ports.cursor(),
      keep: (page) => {
        ports.keep(page)
      },
    })
    this.#texts = new Texts({
      say,
      newId,
      onText: (_id, text) => {
        ports.onText(text)
      },
      onHeard: (id, text) => {
        ports.onHeard(id, text)
        ports.onChange()
      },
    })
    this.exports = new ExportRequests({
      say,
      newId,
      onAbsent: (id, ids) => {
        ports.onAbsent(id, ids)
      },
    })
  }

  /** Texts that wait for it to take them. */
  get unheard(): number {
    return this.#texts.waiting.length
  }

  /** It greeted, on any lane, again and again: what may have been lost is said again. */
  greeted({ records, texts }: Pick<Peer, 'records' | 'texts'>): void {
    this.takesTexts = texts
    this.#keeper.greeted(records)
    this.#texts.greeted(texts)
    this.exports.greeted()
  }

  receive(frame: SyncFrame): void {
    switch (frame.t) {
      case 'records':
      case 'changed':
        this.#keeper.receive(frame)
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
    this.#ports.onWaits(this.#texts.send(text), text)
    this.#ports.onChange()
  }

  /** Texts of an earlier run that it has not got. */
  resume(texts: readonly WaitingText[]): void {
    this.#texts.resume(texts)
  }
}
