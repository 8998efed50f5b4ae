import { fileSource } from '#inbox/file-source.ts'
import { zipSource } from '#inbox/zip-source.ts'
import type { Local, Spot, UnsentFile } from '#store/unsent.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Source } from '#transfer/source.ts'

/** Something of this computer that is sent, with what is needed to find it again in another run. */
export interface LocalSource extends Source {
  readonly local: Local
}

/** A file that went away or was changed since it was found fails when its turn comes. */
export function fileAt(spot: Spot): LocalSource {
  const { path, name, size, mtime } = spot
  return {
    ...{ name, size, mtime, mime: '' },
    ...(path.length > 0 && { path }),
    file: spot.absolute,
    local: { kind: 'file', spot },
    open: async () => (await unchanged(spot)).open(),
    again: () => now(spot),
  }
}

/** Many as one zip: the same bytes for the same files and the same `made`. */
export function zipOf(name: string, spots: readonly Spot[], made = Date.now()): LocalSource {
  const entries = spots.map((spot) => ({ ...spot, open: async () => (await unchanged(spot)).open() }))
  const again = async (): Promise<Source> => zipOf(name, await Promise.all(spots.map(spotNow)))
  return { ...zipSource(name, entries, new Date(made)), local: { kind: 'zip', name, made, spots: [...spots] }, again }
}

/** Of an earlier run. */
export const sourceFrom = (local: Local): LocalSource =>
  local.kind === 'file' ? fileAt(local.spot) : zipOf(local.name, local.spots, local.made)

export const isLocal = (source: Source): source is LocalSource => 'local' in source

/** Those of a batch: made when there is room for them. */
export async function* sourcesOf(files: readonly UnsentFile[]): AsyncGenerator<Source, void, undefined> {
  for (const { id, local } of files) yield await Promise.resolve({ ...sourceFrom(local), id })
}

/** As it is at this moment. Throws TransferError `source-changed` for what is no plain file any more. */
export const now = async (spot: Spot): Promise<LocalSource> => fileAt(await spotNow(spot))

async function spotNow(spot: Spot): Promise<Spot> {
  const { size, mtime } = await fileSource(spot.absolute, spot.through)
  return { ...spot, size, mtime }
}

async function unchanged({ absolute, through = false, size, mtime }: Spot): Promise<Source> {
  const source = await fileSource(absolute, through)
  if (source.size !== size || source.mtime !== mtime) throw new TransferError('source-changed')
  return source
}
