import type { Keep } from '#protocol/frames.ts'
import type { ToWindow } from '#protocol/link-port.ts'
import type { Look } from '#transfer/receiver.ts'
import type { Sink } from '#transfer/sink.ts'
import type { TransferView } from '#transfer/view.ts'

/** One end of the MessagePort to the window, for one link. */
export interface LinkPort {
  post(message: ToWindow): void
  close(): void
}

export interface DevicePorts {
  readonly computerName: string
  openSink(name: string, mtime: number): Promise<Sink>
  /** Whether the file is wanted here; it may take a person to say so. Not asked again for the same id. */
  mayTake(file: { readonly id: string; readonly name: string; readonly size: number }, look?: Look): Promise<boolean>
  onTransfer(view: TransferView): void
  onRegistered(): void
  /** A phone is at the hub on this link. */
  onJoined(): void
  /** Its first confirmed channel, or a later one. What it is to keep is given to it once that is safe here. */
  onConfirmed(give: (keep: Keep) => void): void
  /** A page's person wants it remembered beyond its tab, or no longer. */
  onRemember(on: boolean, give: (keep: Keep) => void): void
  /** Anything that a screen shows changed. */
  onChange(): void
  onHere(): void
  onAway(): void
}
