import type { Reason } from '#protocol/errors.ts'
import { CtrlSendSpeed, Exception, Transfile } from '#protocol/hub-events.ts'
import type { ToWindow } from '#protocol/link-port.ts'
import { parse } from '#protocol/parse.ts'
import type { SyncedRecord } from '#protocol/records.ts'
import type { Sha256 } from '#transfer/hashing.ts'
import type { Lane } from '#transfer/lane.ts'
import { readSynced } from '#transfer/legacy/legacy-records.ts'
import { LegacySession } from '#transfer/legacy/legacy-session.ts'
import type { Sink } from '#transfer/sink.ts'
import type { TransferView } from '#transfer/transfer-view.ts'
import { newId } from '#core/ids.ts'
import type { IncomingFile } from '#core/prompts.ts'
import type { LegacySignal } from './window-link.ts'

/** Files announced before there is a channel; empty ones need no byte, so there may be several. */
const ANNOUNCED_MAX = 16

/** Characters of what a legacy app says to a person; the card has two lines for it. */
const NOTICE_CHARS_MAX = 300

export interface LegacyPhoneOptions {
  readonly sha256: Sha256
  /** Sends a message to the window. */
  readonly post: (message: ToWindow) => void
  readonly mayTake: (file: IncomingFile) => Promise<boolean>
  readonly landsAs: (name: string) => string
  readonly openSink: (file: IncomingFile) => Promise<Sink>
  readonly onTransfer: (view: TransferView) => void
  /** All records that the app lists. */
  readonly onRecords: (records: readonly SyncedRecord[]) => void
}

/** A phone with a legacy app, of 2018: its events by way of the hub, and files while its channel is open. */
export class LegacyPhone {
  /** What the app has said to a person; '' = nothing. Foreign text. */
  notice = ''
  /** The conversation for files; null until there is a channel. */
  session: LegacySession | null = null
  /** Files that were announced before the channel was open here. */
  #announced: Transfile[] = []
  readonly #options: LegacyPhoneOptions

  constructor(options: LegacyPhoneOptions) {
    this.#options = options
  }

  /** Another app may be here now. */
  joined(): void {
    this.#announced = []
  }

  /** The channel is open: what was announced belongs to it. */
  open(channel: Lane): void {
    this.session = this.#openSession(channel)
    for (const file of this.#announced.splice(0)) this.session.onTransfile(file)
  }

  /** Ends what goes on with files, if anything does. */
  end(code: Reason): void {
    const { session } = this
    this.session = null
    session?.end(code)
  }

  /** Asks for these records; none = all. */
  exportRecords(ids: readonly string[]): void {
    this.#options.post({ t: 'signal', event: 'export', payload: ids })
  }

  /** Takes an event of the app. Returns true when a screen shows something else now. Throws ProtocolError. */
  hear(event: LegacySignal, payload: unknown): boolean {
    if (event === 'syncto') this.#options.onRecords(readSynced(payload))
    else if (event === 'exception') this.notice = cleanNotice(parse(Exception, payload))
    else if (event === 'transfile') this.#onTransfile(parse(Transfile, payload))
    else if (event === 'ctrlSendSpeed') this.session?.onReport(parse(CtrlSendSpeed, payload))
    return event === 'exception'
  }

  #onTransfile(file: Transfile): void {
    if (this.session !== null) this.session.onTransfile(file)
    else if (this.#announced.length < ANNOUNCED_MAX) this.#announced.push(file)
  }

  #openSession(channel: Lane): LegacySession {
    const { sha256, post, mayTake, landsAs, openSink, onTransfer } = this.#options
    return new LegacySession(channel, {
      newId,
      sha256,
      signal: (event, payload) => {
        post({ t: 'signal', event, payload })
      },
      mayTake: (id, { name, size }) => mayTake({ id, name, size, mtime: 0 }),
      landsAs: ({ name }) => landsAs(name),
      openSink: ({ name, size }) => openSink({ id: newId(), name, size, mtime: 0 }),
      onTransfer,
      after: (ms, then) => {
        const timer = setTimeout(then, ms)
        return () => {
          clearTimeout(timer)
        }
      },
    })
  }
}

/** Fits a stranger's text into one short line. */
const cleanNotice = (text: string): string => text.replace(/\s+/gu, ' ').trim().slice(0, NOTICE_CHARS_MAX)
