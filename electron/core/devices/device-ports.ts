import type { Batch, Credentials, LaneWish, OfferFile, Unfinished } from '#protocol/frames.ts'
import type { Reason } from '#protocol/errors.ts'
import type { ToWindow } from '#protocol/link-port.ts'
import type { HandOut } from '#transfer/sender.ts'
import type { Outcome } from '#transfer/session-options.ts'
import type { WantThumb } from '#transfer/receiver.ts'
import type { Sink } from '#transfer/sink.ts'
import type { TransferView } from '#transfer/transfer-view.ts'
import type { DeviceSyncPorts } from './device-sync.ts'

/** One end of the MessagePort to the window, for one link. */
export interface LinkPort {
  post(message: ToWindow): void
  close(): void
}

/** What is known of a file before it comes. */
export type Incoming = Pick<OfferFile, 'id' | 'name' | 'size' | 'mtime' | 'path' | 'batch'>

export interface DevicePorts {
  readonly computerName: string
  /** Names this run of the program: 32 characters of hex. */
  readonly run: string
  /** ms since 1970, of the app's own calendar. */
  now(): number
  laneWish(): LaneWish
  /** `fresh`: what is left of an earlier try is of another version of the file. */
  openSink(offer: Incoming, fresh: boolean): Promise<Sink>
  /** What it will be called here, as far as that is known before it comes. */
  landsAs(offer: Pick<Incoming, 'path' | 'name'>): string
  /** How a file of that id ended in an earlier run; null = it did not. */
  landed(id: string): Outcome | null
  /** What is kept of files from earlier tries. */
  unfinished(): readonly Unfinished[]
  readonly handOut: HandOut
  /** For its records and texts. */
  readonly sync: DeviceSyncPorts
  onBatch(batch: Batch): void
  /** Whether the file is wanted here; it may take a person to say so. Not asked again for the same id. */
  mayTake(file: Incoming, look?: WantThumb): Promise<boolean>
  onTransfer(view: TransferView): void
  onRegistered(): void
  /** A phone is at the hub on this link. */
  onJoined(): void
  /** Its first confirmed channel, or a later one. What it is to keep is given to it once that is safe here. */
  onConfirmed(give: (credentials: Credentials) => void): void
  /** A page's person wants it remembered beyond its tab, or no longer. */
  onRemember(on: boolean, give: (credentials: Credentials) => void): void
  /** Its connection was ended because of the protocol, by this side or by it. */
  onBroken(where: 'here' | 'there', code: Reason): void
  /** Anything that a screen shows changed. */
  onChange(): void
  onHere(): void
  /** Something leads to it, maybe once more without its having been away. */
  onReachable(): void
  onAway(): void
}
