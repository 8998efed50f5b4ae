import { createHash } from 'node:crypto'
import { NAME_CHARS_MAX } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import { leftOut, type LeftOut } from '#transfer/left-out.ts'
import type { OpenSource, Source } from '#transfer/source.ts'
import { numbered, safeName } from './file-names.ts'
import { knownTime } from './file-times.ts'
import { ZipContents, ZipReading, type OpenEntry } from './zip-contents.ts'
import { ZipLayout, type ZipMember } from './zip-format.ts'

/** Where a file stands in a folder that is sent. */
export interface ZipPath {
  /** Folder names, outermost first. */
  readonly path: readonly string[]
  readonly name: string
}

/** A file that goes into a zip. */
export interface ZipEntry extends ZipPath {
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970; 0 = not known. */
  readonly mtime: number
  /** Throws TransferError `source-changed` for another version, as its reads do. May be opened several times. */
  open(): Promise<OpenEntry>
}

/** A zip that is to be sent. */
export interface ZipSource extends Source {
  /** Alike for the same files in the same order, each of the same size and time. */
  readonly etag: string
  /** Returns the files that could not be read when their turn came: the zip does not list them. */
  left(): LeftOut
}

/** What every program reads in a zip: local time, in steps of two seconds. */
const EARLIEST = new Date(1980, 0, 1).getTime()
const LATEST = new Date(2107, 11, 31, 23, 59, 58).getTime()
const nearest = (ms: number): Date => new Date(Math.min(Math.max(ms, EARLIEST), LATEST))

/** Returns the times of a member; a time that is not known becomes that when the zip was `made`. */
function datesOf(mtime: number, made: Date): Pick<ZipMember, 'modified' | 'stamp'> {
  const known = knownTime(mtime)
  const seconds = Math.floor((known ?? NaN) / 1_000)
  return { modified: nearest(known ?? +made), stamp: (seconds | 0) === seconds ? seconds : null }
}

function etagOf(members: readonly ZipMember[]): string {
  const hash = createHash('sha256')
  for (const { name, size, modified, stamp } of members)
    hash.update(`${JSON.stringify(name)} ${size} ${+modified} ${stamp}\n`)
  return hash.digest('hex')
}

/**
 * Returns many files as one zip, made while it is read: one behind the other without compression, so that its size is
 * known before the first byte and each byte has its place. The same bytes every time, also in another run, if it is given
 * the time when the zip was first `made`. A file that can't be read when its turn comes is left out: nothing stands in
 * its place, and the list at the end does not have it. `folders`: those that have no files, outermost first.
 */
export function zipSource(
  name: string,
  entries: readonly ZipEntry[],
  made = new Date(),
  folders: readonly (readonly string[])[] = [],
): ZipSource {
  const names = zipNames(entries, folders)
  const files = entries.map(({ size, mtime }, n) => ({ name: names[n] ?? '', size, ...datesOf(mtime, made) }))
  const empty = zipFolders(folders).map((folder) => ({ name: folder, size: 0, ...datesOf(0, made) }))
  const members: readonly ZipMember[] = [...files, ...empty]
  const layout = new ZipLayout(members)
  const contents = new ZipContents(layout, [...entries, ...empty])
  return {
    name,
    size: layout.size,
    mtime: made.getTime(),
    mime: 'application/zip',
    etag: etagOf(members),
    open: () => Promise.resolve(new OpenZip(contents)),
    left: () => leftOut(contents.failed.map((n) => names[n] ?? '')),
  }
}

class OpenZip implements OpenSource {
  readonly #of: ZipContents
  readonly #reading: ZipReading

  constructor(of: ZipContents) {
    this.#of = of
    this.#reading = new ZipReading(of)
  }

  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (offset + length > this.#of.layout.size) throw new TransferError('source-changed')
    const out = new Uint8Array(length)
    for (let filled = 0; filled < length;) {
      const some = await this.#some(offset + filled, length - filled)
      out.set(some, filled)
      filled += some.length
    }
    return out
  }

  /** Returns no hash: both ends know the bytes by the hashes of their blocks. */
  finish(): Promise<object> {
    return Promise.resolve({})
  }

  close(): Promise<void> {
    return this.#reading.close()
  }

  /** Returns at least one byte, at most so many. */
  async #some(offset: number, most: number): Promise<Uint8Array> {
    const { layout } = this.#of
    const { n, section, at, left } = layout.sectionAt(offset)
    const length = Math.min(left, most)
    if (section === 'content') return this.#reading.content(n, at, length)
    if (section === 'local') return layout.local(n).subarray(at, at + length)
    if (section === 'list') return (await this.#list()).subarray(at, at + length)
    return layout.descriptor(n, await this.#reading.crc(n)).subarray(at, at + length)
  }

  async #list(): Promise<Buffer> {
    if (this.#of.list !== null) return this.#of.list
    for (const n of this.#of.layout.members.keys()) await this.#reading.crc(n)
    return this.#of.makeList()
  }
}

/** The format counts a name's bytes with 16 bits. */
const PATH_BYTES_MAX = 65_535

// What safeName refuses from strangers may be the name of a file here: `C:` and `a\b` are plain names on Linux.
const NOT_A_NAME = /[\\/:]|^\s*\.+\s*$/gu

const cleaned = (component: string): string => safeName(component.slice(-NAME_CHARS_MAX).replace(NOT_A_NAME, '_'))

/** Returns a key, the same for what would be one file on a phone's or any other computer's disk. */
const keyOf = (path: string): string => path.normalize('NFC').toLowerCase()

function foldersOf(folders: readonly string[]): string[] {
  return folders.map((_, depth) => folders.slice(0, depth + 1).join('/'))
}

/** Returns the names of empty folders in a zip, each with a `/` at its end, as the format has it. */
const zipFolders = (folders: readonly (readonly string[])[]): string[] => [
  ...new Set(folders.map((folder) => `${folder.map(cleaned).join('/')}/`)),
]

/**
 * Returns the names of files in a zip, one for each and in the same order: relative, with `/` between folders, and no two
 * alike, nor like a folder, also one of the `empty` ones. A program that unpacks the zip can be trusted with none of that.
 */
export function zipNames(places: readonly ZipPath[], empty: readonly (readonly string[])[] = []): string[] {
  const clean = places.map(({ path, name }) => ({ folders: path.map(cleaned), name: cleaned(name) }))
  // A file must not be called as a folder is.
  const above = [...clean.map(({ folders }) => folders), ...empty.map((folder) => folder.map(cleaned))]
  const taken = new Set(above.flatMap(foldersOf).map(keyOf))
  const counts = new Map<string, number>()
  return clean.map(({ folders, name }) => {
    const within = (n: number): string => [...folders, numbered(name, n)].join('/')
    const first = keyOf(within(1))
    let n = counts.get(first) ?? 1
    while (taken.has(keyOf(within(n)))) n++
    counts.set(first, n + 1)
    const free = within(n)
    if (Buffer.byteLength(free) > PATH_BYTES_MAX) throw new TransferError('bad-name')
    taken.add(keyOf(free))
    return free
  })
}
