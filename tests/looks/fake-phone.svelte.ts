import type { PhoneModel, PhoneTransfer } from '../../renderer/phone/model.ts'

export type Pose = Pick<PhoneModel, 'connection' | 'reason' | 'desktopName' | 'transfers'>

const BYTES_PER_TICK = 2_300_000
const TICK_MS = 200

/** A phone's page whose files move by the clock and whose verbs do nothing. */
export class FakePhone implements PhoneModel {
  readonly connection: PhoneModel['connection']
  readonly reason: PhoneModel['reason']
  readonly desktopName: string
  transfers: readonly PhoneTransfer[] = $state.raw([])

  constructor(pose: Pose) {
    this.connection = pose.connection
    this.reason = pose.reason
    this.desktopName = pose.desktopName
    this.transfers = pose.transfers
    setInterval(() => {
      this.transfers = this.transfers.map((one) =>
        one.state === 'moving' && one.phase === 'sending'
          ? { ...one, bytes: Math.min(one.total, one.bytes + BYTES_PER_TICK) }
          : one,
      )
    }, TICK_MS)
  }

  send(): void {}
  cancel(): void {}
  retry(): void {}
  clearFinished(): void {}
  remembered = $state.raw(false)
  remember(on: boolean): void {
    this.remembered = on
  }
  reconnect(): void {}
}
