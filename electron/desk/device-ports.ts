import type { ToWindow } from '#protocol/link-port.ts'
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
  onTransfer(view: TransferView): void
  onRegistered(): void
  /** A phone is at the hub on this link. */
  onJoined(): void
  /** Anything that a screen shows changed. */
  onChange(): void
  onHere(): void
  onAway(): void
}
