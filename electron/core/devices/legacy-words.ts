import { CtrlSendSpeed, Exception, Transfile } from '#protocol/hub-events.ts'
import type { FromWindow } from '#protocol/link-port.ts'
import { parse } from '#protocol/parse.ts'
import type { SyncedRecord } from '#protocol/records.ts'
import { readSynced } from '#transfer/legacy/legacy-records.ts'
import type { LegacySession } from '#transfer/legacy/legacy-session.ts'
import { cleanNotice } from './device-parts.ts'

/** Files announced before there is a channel; empty ones need no byte, so there may be several. */
const ANNOUNCED_MAX = 16

/** What an app of 2018 says by way of the hub, beside its channel. */
export class LegacyWords {
  notice = ''
  readonly #list: (records: readonly SyncedRecord[]) => void
  /** Files that it announced before its channel was open here. */
  #announced: Transfile[] = []

  constructor(list: (records: readonly SyncedRecord[]) => void) {
    this.#list = list
  }

  /** Another app may be here now. */
  joined(): void {
    this.#announced = []
  }

  /** `talk`: its conversation, null until there is a channel. Returns whether a screen shows it. Throws ProtocolError. */
  hear(event: Said['event'], payload: unknown, talk: LegacySession | null): boolean {
    if (event === 'syncto') this.#list(readSynced(payload))
    else if (event === 'exception') this.notice = cleanNotice(parse(Exception, payload))
    else if (event === 'transfile') this.#onTransfile(parse(Transfile, payload), talk)
    else if (event === 'ctrlSendSpeed') talk?.onReport(parse(CtrlSendSpeed, payload))
    return event === 'exception'
  }

  /** The channel is open: what was announced belongs to it. */
  handOver(talk: LegacySession): void {
    for (const file of this.#announced.splice(0)) talk.onTransfile(file)
  }

  #onTransfile(file: Transfile, talk: LegacySession | null): void {
    if (talk !== null) talk.onTransfile(file)
    else if (this.#announced.length < ANNOUNCED_MAX) this.#announced.push(file)
  }
}

type Said = Extract<FromWindow, { t: 'signal' }>
