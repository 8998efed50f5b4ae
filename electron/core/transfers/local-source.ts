import { openVersion, versionOf } from '#inbox/file-source.ts'
import { zipSource } from '#inbox/zip-source.ts'
import type { Local, Spot, UnsentFile } from '#store/unsent.ts'
import { TransferError } from '#transfer/errors.ts'
import { leftOut, together, type LeftOut } from '#transfer/left-out.ts'
import type { Source } from '#transfer/source.ts'

/** Something of this computer that is sent, with what is needed to find it again in another run. */
export interface LocalSource extends Source {
  readonly local: Local
}

/** A file that went away or was changed since it was found fails when its turn comes. */
export function fileAt(spot: Spot): LocalSource {
  const { absolute, path, name, size, mtime, through = false } = spot
  return {
    ...{ name, size, mtime, mime: '' },
    ...(path.length > 0 && { path }),
    file: absolute,
    local: { kind: 'file', spot },
    open: () => openVersion(absolute, spot, through),
    again: () => now(spot),
  }
}

type Zip = Omit<Extract<Local, { kind: 'zip' }>, 'kind'>

/** Many as one zip: the same bytes for the same files and the same `made`. What is `skipped` was so from the start. */
export function zipOf(zip: Zip): LocalSource {
  const { name, spots, made, folders = [] } = zip
  const entries = spots.map((spot) => ({ ...spot, open: () => openVersion(spot.absolute, spot, spot.through) }))
  const source = zipSource(name, entries, new Date(made), folders)
  const before: LeftOut = { skipped: zip.skipped ?? 0, ...(zip.skippedNames && { skippedNames: zip.skippedNames }) }
  return {
    ...source,
    local: { kind: 'zip', ...zip },
    left: () => together(before, source.left()),
    again: () => zipNow(zip, before),
  }
}

/** As it is at this moment, without what is gone since. */
async function zipNow(zip: Zip, before: LeftOut): Promise<Source> {
  const there = await Promise.all(zip.spots.map((spot) => spotNow(spot).catch(() => null)))
  const spots = there.filter((spot) => spot !== null)
  if (spots.length === 0) throw new TransferError('source-changed')
  const gone = zip.spots.filter((_, n) => there[n] === null).map(({ path, name }) => [...path, name].join('/'))
  return zipOf({ ...zip, spots, made: Date.now(), ...together(before, leftOut(gone)) })
}

/** Of an earlier run. */
export const sourceFrom = (local: Local): LocalSource => (local.kind === 'file' ? fileAt(local.spot) : zipOf(local))

export const isLocal = (source: Source): source is LocalSource => 'local' in source

/** Those of a batch: made when there is room for them. */
export async function* sourcesOf(files: readonly UnsentFile[]): AsyncGenerator<Source, void, undefined> {
  for (const { id, local } of files) yield await Promise.resolve({ ...sourceFrom(local), id })
}

/** As it is at this moment. Throws TransferError `source-changed` for what is no plain file any more. */
export const now = async (spot: Spot): Promise<LocalSource> => fileAt(await spotNow(spot))

const spotNow = async (spot: Spot): Promise<Spot> => ({ ...spot, ...(await versionOf(spot.absolute, spot.through)) })
