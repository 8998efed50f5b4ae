import { createHash } from 'node:crypto'
import { openVersion, versionOf } from '#inbox/file-source.ts'
import { zipSource } from '#inbox/zip-source.ts'
import type { Local, Spot, UnsentFile } from '#store/unsent.ts'
import { TransferError } from '#transfer/errors.ts'
import { leftOut, together, type LeftOut } from '#transfer/left-out.ts'
import type { OpenSource, Source } from '#transfer/source.ts'

/** Something of this computer that is sent, with what is needed to find it again in another run. */
export interface LocalSource extends Source {
  readonly local: Local
}

/** Makes the source of a file. One that went away or was changed since it was found fails when its turn comes. */
export function fileAt(spot: Spot): LocalSource {
  const { absolute, path, name, size, mtime, through = false } = spot
  return {
    name,
    size,
    mtime,
    mime: '',
    ...(path.length > 0 && { path }),
    file: absolute,
    local: { kind: 'file', spot },
    open: () => openVersion(absolute, spot, through),
    again: () => now(spot),
  }
}

type Zip = Omit<Extract<Local, { kind: 'zip' }>, 'kind'>

/** Makes one zip of many files: the same bytes for the same files and the same `made`. What is `skipped` was so from the start. */
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

/** Makes the zip as its files are at this moment, without those that are gone since. */
async function zipNow(zip: Zip, before: LeftOut): Promise<Source> {
  const there = await Promise.all(zip.spots.map((spot) => spotNow(spot).catch(() => null)))
  const spots = there.filter((spot) => spot !== null)
  if (spots.length === 0) throw new TransferError('source-changed')
  const gone = zip.spots.filter((_, n) => there[n] === null).map(({ path, name }) => [...path, name].join('/'))
  return zipOf({ ...zip, spots, made: Date.now(), ...together(before, leftOut(gone)) })
}

/** Makes a source again from what an earlier run kept. */
export const sourceFrom = (local: Local): LocalSource => (local.kind === 'file' ? fileAt(local.spot) : zipOf(local))

export const isLocal = (source: Source): source is LocalSource => 'local' in source

/** Yields the sources of a batch, each made when there is room for it. */
export async function* sourcesOf(files: readonly UnsentFile[]): AsyncGenerator<Source, void, undefined> {
  for (const { id, local } of files) yield await Promise.resolve({ ...sourceFrom(local), id })
}

/** Makes the source of a file as it is at this moment. Throws TransferError `source-changed` for what is no plain file any more. */
export const now = async (spot: Spot): Promise<LocalSource> => fileAt(await spotNow(spot))

const spotNow = async (spot: Spot): Promise<Spot> => ({ ...spot, ...(await versionOf(spot.absolute, spot.through)) })

/** Bytes of pasted images that are kept, in case they are to be sent once more. The oldest go first. */
const KEPT_BYTES = 134_217_728

/** Images, told by their first bytes: what came over the clipboard says nothing else that could be believed. */
const IMAGES: readonly (readonly [string, readonly number[]])[] = [
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['jpg', [0xff, 0xd8, 0xff]],
  ['gif', [0x47, 0x49, 0x46, 0x38]],
]

/** Keeps pasted images: they are in no file, and are sent from memory. */
export class Pasted {
  #kept: PastedSource[] = []

  /** Makes a source of an image. `label`: the name without its ending. Throws TransferError `bad-name` for what is no image. */
  source(bytes: Uint8Array, label: string): Source {
    const [ending] = IMAGES.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte)) ?? []
    if (ending === undefined) throw new TransferError('bad-name')
    const source = new PastedSource(`${label}.${ending}`, bytes)
    this.#kept.push(source)
    this.#prune()
    return source
  }

  #prune(): void {
    let bytes = this.#kept.reduce((sum, { size }) => sum + size, 0)
    for (const oldest of this.#kept.slice(0, -1)) {
      if (bytes <= KEPT_BYTES) return
      bytes -= oldest.size
      oldest.forget()
      this.#kept = this.#kept.filter((one) => one !== oldest)
    }
  }
}

class PastedSource implements Source {
  readonly name: string
  readonly size: number
  readonly mtime = Date.now()
  readonly mime = ''
  #bytes: Uint8Array | null

  constructor(name: string, bytes: Uint8Array) {
    this.name = name
    this.size = bytes.length
    this.#bytes = bytes
  }

  forget(): void {
    this.#bytes = null
  }

  open(): Promise<OpenSource> {
    const bytes = this.#bytes
    if (bytes === null) return Promise.reject(new TransferError('source-changed'))
    return Promise.resolve({
      // A copy: whoever sends it may give the buffer away.
      read: (offset, length) => Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length))),
      finish: () => Promise.resolve({ sha256: createHash('sha256').update(bytes).digest('hex') }),
      close: () => Promise.resolve(),
    })
  }
}
