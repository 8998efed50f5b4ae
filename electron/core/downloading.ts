import { randomBytes } from 'node:crypto'
import type { Reason } from '#protocol/errors.ts'
import { TransferError } from '#transfer/errors.ts'
import type { HandOut } from '#transfer/sender.ts'
import type { OpenSource } from '#transfer/source.ts'

/** What the hub does for files that a phone's browser downloads over plain http (hub/downloads.ts). */
export interface DownloadHost {
  offer(file: {
    readonly deviceId: string
    readonly name: string
    readonly size: number
    readonly mtime: number
    readonly etag: string
    open(): Promise<OpenSource>
    onProgress(bytes: number): void
    onDone(): void
    onGone(reason: Reason): void
  }): { readonly path: string; readonly revoke: () => void }
  revokeDevice(deviceId: string): void
}

/** For the device's session: gives out a file at the hub for this device alone. */
export const handOutAt =
  (host: () => DownloadHost | null, deviceId: string): HandOut =>
  (source, events) => {
    const hub = host()
    if (hub === null) throw new TransferError('too-large')
    const { name, size, mtime } = source
    const { path, revoke } = hub.offer({
      deviceId,
      name,
      size,
      mtime,
      // Of this giving out alone: `open` sees to it that the bytes stay what they were.
      etag: randomBytes(12).toString('hex'),
      open: () => source.open(),
      onProgress: (bytes) => {
        events.taken(bytes)
      },
      onDone: () => {
        events.over()
      },
      onGone: (reason) => {
        events.failed(reason)
      },
    })
    return { path, stop: revoke }
  }
