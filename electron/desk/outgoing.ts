import { basename } from 'node:path'
import type { WalkSummary } from '#inbox/tally.ts'
import { Walk, type Found } from '#inbox/walk.ts'
import type { Batch } from '#protocol/frames.ts'
import { SHOWN_SINGLY_MAX, type LeftOut } from '#transfer/batch-view.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Source } from '#transfer/source.ts'
import type { Spot, UnsentFile } from '#store/unsent.ts'
import { newId } from './device-parts.ts'
import type { Device } from './device.ts'
import type { UnsentThings } from './unsent.ts'
import { now, sourceFrom, zipOf } from './local-source.ts'

/** Names of what can't be sent that a person is shown. */
const SKIPPED_NAMES_MAX = 20

/** What sending needs of the desk. */
export interface Outlet {
  deviceOf(id: string): Device | undefined
  readonly unsent: Pick<UnsentThings, 'filesFor' | 'textsFor'>
  readonly board: {
    send(deviceId: string, sources: readonly Source[]): boolean
    sendBatch(device: Device, batch: Omit<Batch, 't'>, files: readonly UnsentFile[], left?: LeftOut): boolean
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
  const found: Spot[] = []
  for await (const file of walk) found.push(spotOf(file))
  if (found.length === 0) throw new TransferError('source-changed')
  const isPlain = found.every(({ path }) => path.length === 0)
  // An app of 2018 knows neither folders nor batches: it gets the files.
  const single = device.kind === 'legacy' || (isPlain && found.length <= SHOWN_SINGLY_MAX)
  const goes = single
    ? await sendEach(desk, deviceId, found)
    : device.takesFolders
      ? sendAsTheyAre(desk, device, found, walk.summary)
      : desk.board.send(deviceId, [zipOf(`${nameOf(found)}.zip`, found)])
  // Nobody who could take it, now or later: whoever asked is told.
  if (!goes) throw new TransferError('peer-left')
}

/**
 * Sends what an earlier run had on its way to the device, by the same ids, each file where its bytes are still the same.
 * `isMeant`: of all that is kept for it, only these.
 */
export function sendAgain(
  { board, unsent }: Pick<Outlet, 'board' | 'unsent'>,
  device: Device,
  isMeant: (id: string) => boolean = () => true,
): void {
  device.talk.resume(unsent.textsFor(device.id).filter(({ id }) => isMeant(id)))
  const batches = new Map<string, UnsentFile[]>()
  for (const one of unsent.filesFor(device.id).filter(({ id }) => isMeant(id))) {
    if (one.batch === undefined) board.send(device.id, [{ ...sourceFrom(one.local), id: one.id }])
    else if (!batches.get(one.batch.id)?.push(one)) batches.set(one.batch.id, [one])
  }
  for (const rest of batches.values()) sendBatch(board, device, rest)
}

/** A link that was chosen itself is what it leads to. */
const spotOf = (file: Found): Spot => ({
  ...file,
  path: [...file.path],
  ...(file.path.length === 0 && { through: true }),
})

async function sendEach(desk: Outlet, deviceId: string, found: readonly Spot[]): Promise<boolean> {
  const sources = await Promise.all(found.map((file) => now({ ...file, path: [] }).catch(() => null)))
  const there = sources.filter((source) => source !== null)
  if (there.length === 0) throw new TransferError('source-changed')
  return desk.board.send(deviceId, there)
}

function sendAsTheyAre({ board }: Outlet, device: Device, found: readonly Spot[], seen: WalkSummary): boolean {
  const batch = { id: newId(), name: nameOf(found) }
  const files = found.map((spot) => ({ device: device.id, id: newId(), local: { kind: 'file' as const, spot }, batch }))
  const { skipped, skippedCount } = seen
  return sendBatch(board, device, files, leftOut(skipped.map(({ path }) => path), skippedCount)) // prettier-ignore
}

const leftOut = (names: readonly string[], count: number): LeftOut =>
  count === 0 ? { skipped: 0 } : { skipped: count, skippedNames: names.slice(0, SKIPPED_NAMES_MAX) }

/** `files`: of one batch, with its name. */
function sendBatch(board: Outlet['board'], device: Device, files: readonly UnsentFile[], left?: LeftOut): boolean {
  const [first] = files
  if (first?.batch === undefined) return false
  const bytes = files.reduce((sum, { local }) => sum + sourceFrom(local).size, 0)
  return board.sendBatch(device, { ...first.batch, files: files.length, bytes }, files, left)
}

/** The folder's name; of several, the first one's, which is what a person remembers. */
const nameOf = ([first]: readonly Spot[]): string => first?.path[0] ?? basename(first?.absolute ?? '')
