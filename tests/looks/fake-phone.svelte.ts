import type { SyncedRecord } from '../../protocol/records.ts'
import { isRunning, type BatchView } from '#transfer/transfer-view.ts'
import type { PhoneModel, PhoneTransfer } from '../../renderer/phone/model.ts'
import type { LoggedText } from '#phone/extras/text-log.svelte.ts'
import { PageStore } from '../../renderer/phone/page-store.ts'
import { Refusals, type Refused } from '../../renderer/phone/refusals.svelte.ts'
import type { ExtrasPage } from '#phone/extras/extras.ts'

export type Pose = Pick<
  PhoneModel,
  'connection' | 'reason' | 'desktopName' | 'transfers' | 'lane' | 'unfinished' | 'batches'
> &
  Partial<Pick<PhoneModel, 'canForget' | 'canTry' | 'meanwhile'>> & {
    readonly extras?: ExtrasPose
    readonly refused?: readonly Refused[]
  }
export interface ExtrasPose {
  readonly records: readonly SyncedRecord[]
  readonly texts: readonly LoggedText[]
}

const BYTES_PER_TICK = 2_300_000
const TICK_MS = 200

/** A phone's page whose files move by the clock and whose verbs do nothing. */
export class FakePhone implements ExtrasPage {
  readonly connection: PhoneModel['connection']
  readonly reason: PhoneModel['reason']
  readonly desktopName: string
  readonly lane: PhoneModel['lane']
  readonly meanwhile: PhoneModel['meanwhile']
  readonly batches: readonly BatchView[]
  readonly uid = 'looks'
  readonly store = new PageStore(() => sessionStorage)
  transfers: readonly PhoneTransfer[] = $state.raw([])
  readonly #refusals = new Refusals()
  canForget = $state.raw(false)
  canTry = $state.raw(false)
  unfinished: PhoneModel['unfinished'] = $state.raw([])

  constructor(pose: Pose) {
    this.connection = pose.connection
    this.reason = pose.reason
    this.desktopName = pose.desktopName
    this.lane = pose.lane
    this.meanwhile = pose.meanwhile ?? null
    this.batches = pose.batches
    this.unfinished = pose.unfinished
    this.transfers = pose.transfers
    for (const what of pose.refused ?? []) this.#refusals.add(what)
    this.canForget = pose.canForget ?? false
    this.canTry = pose.canTry ?? false
    const timer = setInterval(() => {
      this.transfers = this.transfers.map((one) =>
        isRunning(one) ? { ...one, bytes: Math.min(one.total, one.bytes + BYTES_PER_TICK) } : one,
      )
    }, TICK_MS)
    this.still = () => {
      clearInterval(timer)
    }
  }

  /** Lets nothing move any more. */
  readonly still: () => void

  get refusals(): PhoneModel['refusals'] {
    return this.#refusals.list
  }

  send(): void {}
  sendPicked(): void {}
  say(): void {}
  cancel(): void {}
  pause(id: string, on: boolean): void {
    this.transfers = this.transfers.map((one) => (one.id === id ? heldUp(one, on) : one))
  }
  forget(id: string): void {
    this.unfinished = this.unfinished.filter((one) => one.id !== id)
  }
  retry(): void {}
  clearFinished(): void {}
  remembered = $state.raw(false)
  remember(on: boolean): void {
    this.remembered = on
  }
  reconnect(): void {}
  dismiss(words: string): void {
    this.#refusals.dismiss(words)
  }
  forgetComputer(): void {
    this.canForget = false
    this.canTry = false
  }
}

function heldUp({ paused: _, ...one }: PhoneTransfer, on: boolean): PhoneTransfer {
  return on ? { ...one, phase: 'paused', paused: 'here' } : { ...one, phase: 'sending' }
}
