import { fileSource } from '#inbox/file-source.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Desk } from './desk.ts'

/**
 * Sends what a person dropped or chose to the device. Folders are left out so far, as is what can't be read. Throws
 * TransferError `source-changed` when nothing is left.
 */
export async function sendPaths(desk: Pick<Desk, 'send'>, deviceId: string, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return
  const found = await Promise.all(paths.map((path) => fileSource(path).catch(() => null)))
  const sources = found.filter((source) => source !== null)
  if (sources.length === 0) throw new TransferError('source-changed')
  desk.send(deviceId, sources)
}
