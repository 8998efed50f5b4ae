import { basename } from 'node:path'
import { randomBytes } from 'node:crypto'
import { fileSource } from '#inbox/file-source.ts'
import { Walk, type Found } from '#inbox/walk.ts'
import { zipSource } from '#inbox/zip-source.ts'
import type { Batch } from '#protocol/frames.ts'
import { SHOWN_SINGLY_MAX } from '#transfer/batch-view.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Source } from '#transfer/source.ts'
import type { Device } from './device.ts'

/** What sending needs of the desk. */
export interface Outlet {
  deviceOf(id: string): Device | undefined
  readonly board: {
    send(deviceId: string, sources: readonly Source[]): boolean
    sendBatch(device: Device, batch: Omit<Batch, 't'>, files: AsyncIterator<Source>): void
  }
}

/**
 * Sends what a person dropped or chose to the device. Apps get folders as they are; a browser, which has no folders to
 * put things in, gets a folder or a crowd as one zip. Links, pipes and devices in folders are left out. Throws
 * TransferError `source-changed` when nothing is left.
 */
export async function sendPaths(desk: Outlet, deviceId: string, paths: readonly string[]): Promise<void> {
  const device = desk.deviceOf(deviceId)
  if (device === undefined || paths.length === 0) return
  const walk = new Walk(paths)
  const found: Found[] = []
  for await (const file of walk) found.push(file)
  if (found.length === 0) throw new TransferError('source-changed')
  const isPlain = found.every(({ path }) => path.length === 0)
  // An app of 2018 knows neither folders nor batches: it gets the files.
  if (device.kind === 'legacy' || (isPlain && found.length <= SHOWN_SINGLY_MAX)) await sendEach(desk, deviceId, found)
  else if (device.takesFolders) sendAsTheyAre(desk, device, found)
  else desk.board.send(deviceId, [zipSource(`${nameOf(found)}.zip`, found.map(entryOf))])
}

async function sendEach(desk: Outlet, deviceId: string, found: readonly Found[]): Promise<void> {
  const sources = await Promise.all(found.map((file) => fileSource(file.absolute).catch(() => null)))
  const there = sources.filter((source) => source !== null)
  if (there.length === 0) throw new TransferError('source-changed')
  desk.board.send(deviceId, there)
}

function sendAsTheyAre(desk: Outlet, device: Device, found: readonly Found[]): void {
  const batch = {
    id: randomBytes(16).toString('hex'),
    name: nameOf(found),
    files: found.length,
    bytes: found.reduce((sum, { size }) => sum + size, 0),
  }
  desk.board.sendBatch(device, batch, sourcesOf(found))
}

async function* sourcesOf(found: readonly Found[]): AsyncGenerator<Source, void, undefined> {
  for (const file of found) yield await sourceOf(file)
}

/** A file that went away since it was found fails when its turn comes, as one that changed. */
async function sourceOf({ absolute, path, name, size, mtime }: Found): Promise<Source> {
  const open = async () => (await same(absolute, size)).open()
  const again = (): Promise<Source> => sourceOf({ absolute, path, name, size, mtime })
  return Promise.resolve({ name, path, size, mtime, mime: '', file: absolute, open, again })
}

async function same(absolute: string, size: number): Promise<Source> {
  const source = await fileSource(absolute, false)
  if (source.size !== size) throw new TransferError('source-changed')
  return source
}

const entryOf = ({ absolute, path, name, size, mtime }: Found) => ({
  path,
  name,
  size,
  mtime,
  open: async () => (await same(absolute, size)).open(),
})

/** The folder's name; of several, the first one's, which is what a person remembers. */
const nameOf = ([first]: readonly Found[]): string => first?.path[0] ?? basename(first?.absolute ?? '')
