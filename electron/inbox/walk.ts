import type { BigIntStats } from 'node:fs'
import { access, constants, lstat, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { BATCH_FILES_MAX, PATH_DEPTH_MAX } from '#protocol/limits.ts'
import { collisionKey } from './batch-names.ts'
import { diskPath, entryNames, pathMeant, readableName } from './byte-names.ts'
import { numbered, offeredName } from './file-names.ts'
import { identity, versionAt, type FileVersion } from './file-source.ts'
import { WalkTally, type WalkSummary, type WhyNot } from './walk-tally.ts'

/** A plain file that is to be sent. */
export interface FoundFile extends FileVersion {
  /** The folders it is in, from the one that a person chose, as they may be offered; none for a file chosen itself. */
  readonly path: readonly string[]
  /** The name as it may be offered. */
  readonly name: string
  /** With the bytes of names that are no text as byte-names.ts has them. */
  readonly absolute: string
}

/** Looked at together: faster than one by one, and few enough to be stopped soon. */
const TOGETHER = 64

interface Folder {
  readonly absolute: string
  readonly path: readonly string[]
  /** Which folder of which disk, to know it again further down. */
  readonly is: string
  readonly around: Folder | null
}

/** A folder that was found within another. */
interface Entered extends Pick<Folder, 'absolute' | 'path'> {
  readonly info: BigIntStats
}

/**
 * Yields the files that are to be sent of the paths that a person dropped or chose: files as they are, folders with all that
 * is in them, in the same order each time. A link that was chosen itself is what it leads to; in a folder links are not
 * followed, as nobody chose what they lead to. Iterate once. Throws the signal's reason when it is aborted.
 */
export class Walk implements AsyncIterable<FoundFile> {
  readonly #paths: readonly string[]
  readonly #signal: AbortSignal | undefined
  readonly #most: number
  readonly #tally: WalkTally

  constructor(paths: readonly string[], signal?: AbortSignal, most = BATCH_FILES_MAX) {
    this.#paths = paths
    this.#signal = signal
    this.#most = most
    this.#tally = new WalkTally(most)
  }

  get summary(): WalkSummary {
    return this.#tally
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FoundFile, void, undefined> {
    const names = new OfferedNames()
    const meant = await Promise.all(this.#paths.map((path) => pathMeant(resolve(path))))
    for (const absolute of new Set(meant)) {
      this.#signal?.throwIfAborted()
      if (this.#tally.full) return
      const seen = await inspectThrough(absolute)
      if ('why' in seen) this.#tally.skip([shown(seen.name)], seen.why)
      else if ('file' in seen) yield* this.#found([], shown(seen.name), absolute, seen.file)
      else yield* this.#walk(topFolder(absolute, seen.folder, names))
    }
  }

  /** Walks by a list instead of one generator within another: 32 of those would hand each file on 32 times. */
  async *#walk(top: Folder): AsyncGenerator<FoundFile, void, undefined> {
    const ahead = [top]
    for (let folder = ahead.pop(); folder !== undefined; folder = ahead.pop()) {
      if (!(await this.#isStill(folder))) continue
      if (!this.#tally.takeFolder(folder.path)) return
      const inside: Folder[] = []
      const before = this.#tally.files
      yield* this.#inside(folder, inside)
      if (this.#tally.full) return
      if (inside.length === 0 && this.#tally.files === before) this.#tally.empty.push(folder.path)
      // Not spread: there may be more than a call can take.
      for (const next of inside.reverse()) ahead.push(next)
    }
  }

  /** Yields the files of a folder; folders go on the list. */
  async *#inside(folder: Folder, inside: Folder[]): AsyncGenerator<FoundFile, void, undefined> {
    const list = await this.#list(folder)
    const names = new OfferedNames(list)
    for await (const seen of this.#entries(folder, list)) {
      if (this.#tally.full) return
      const absolute = join(folder.absolute, seen.name)
      if ('why' in seen) this.#tally.skip([...folder.path, shown(seen.name)], seen.why)
      else if ('file' in seen) yield* this.#found(folder.path, names.free(seen.name), absolute, seen.file)
      else this.#enter(folder, { absolute, path: [...folder.path, names.free(seen.name)], info: seen.folder }, inside)
    }
  }

  *#found(
    path: readonly string[],
    name: string,
    absolute: string,
    version: FileVersion,
  ): Generator<FoundFile, void, undefined> {
    if (this.#tally.takeFile([...path, name], version.size)) yield { path, name, absolute, ...version }
  }

  #enter(around: Folder, { absolute, path, info }: Entered, inside: Folder[]): void {
    const is = identity(info)
    if (path.length > PATH_DEPTH_MAX) this.#tally.skip(path, 'too-deep')
    else if (isWithin(around, is)) this.#tally.skip(path, 'loop')
    else inside.push({ absolute, path, is, around })
  }

  /** Returns whether the folder is still the one that was found: a link could have taken its place meanwhile. */
  async #isStill({ absolute, path, is, around }: Folder): Promise<boolean> {
    if (around === null) return true
    const seen = await inspect(absolute)
    if ('folder' in seen && identity(seen.folder) === is) return true
    this.#tally.skip(path, 'why' in seen ? seen.why : 'unreadable')
    return false
  }

  async #list({ absolute, path }: Folder): Promise<readonly string[]> {
    try {
      const { names, more } = await namesIn(absolute, this.#most, this.#signal)
      if (more) this.#tally.skip(path, 'too-many')
      return names
    } catch {
      this.#signal?.throwIfAborted()
      this.#tally.skip(path, 'unreadable')
      return []
    }
  }

  async *#entries({ absolute }: Folder, names: readonly string[]): AsyncGenerator<DiskEntry, void, undefined> {
    for (let at = 0; at < names.length; at += TOGETHER) {
      this.#signal?.throwIfAborted()
      yield* await Promise.all(names.slice(at, at + TOGETHER).map((name) => inspect(join(absolute, name))))
    }
  }
}

/** Returns a name of the disk as it may be shown, and offered to others. */
const shown = (name: string): string => offeredName(readableName(name))

/** Gives the files within one folder the names under which they are offered: a changed name meets no other, on any disk. */
class OfferedNames {
  readonly #list: readonly string[]
  #taken: Set<string> | null = null

  /** `list`: the whole folder. Names that are offered as they are can only meet on other disks, which number them themselves. */
  constructor(list: readonly string[] = []) {
    this.#list = list
  }

  free(name: string): string {
    const offered = shown(name)
    return offered === name ? name : this.unique(offered)
  }

  unique(offered: string): string {
    // Most folders never need it.
    this.#taken ??= new Set(this.#list.filter((name) => shown(name) === name).map(collisionKey))
    let n = 1
    while (this.#taken.has(collisionKey(numbered(offered, n)))) n++
    this.#taken.add(collisionKey(numbered(offered, n)))
    return numbered(offered, n)
  }
}

function topFolder(absolute: string, info: BigIntStats, names: OfferedNames): Folder {
  // A whole disk has no name. Two folders of one name, from different places, are not to become one.
  const name = names.unique(shown(basename(absolute)) || 'untitled')
  return { absolute, path: [name], is: identity(info), around: null }
}

/** Returns whether the folder is within itself: without links, only a disk that is mounted within itself leads back up. */
function isWithin(folder: Folder | null, is: string): boolean {
  return folder !== null && (folder.is === is || isWithin(folder.around, is))
}

/** What a name of the disk turned out to be: a plain file or a folder, or why nothing is sent of it. */
type DiskEntry = { readonly name: string } & (
  { readonly file: FileVersion } | { readonly folder: BigIntStats } | { readonly why: WhyNot }
)

/** Looks at what the path leads to, through links. */
const inspectThrough = (absolute: string): Promise<DiskEntry> =>
  inspectAt(absolute, () => stat(diskPath(absolute), { bigint: true }))

/** Looks at what is at the path itself. */
const inspect = (absolute: string): Promise<DiskEntry> =>
  inspectAt(absolute, () => lstat(diskPath(absolute), { bigint: true }))

/** Opens only plain files, so nothing waits for the other end of a pipe. */
async function inspectAt(absolute: string, ask: () => Promise<BigIntStats>): Promise<DiskEntry> {
  const name = basename(absolute)
  try {
    const info = await ask()
    const why = whyNot(info)
    if (why !== null) return { name, why }
    // Better told now than when its turn comes.
    await access(diskPath(absolute), constants.R_OK)
    if (info.isDirectory()) return { name, folder: info }
    const file = await versionAt(absolute, info)
    return file === null ? { name, why: 'no-size' } : { name, file }
  } catch {
    return { name, why: 'unreadable' }
  }
}

function whyNot(info: BigIntStats): WhyNot | null {
  if (info.isFile() || info.isDirectory()) return null
  if (info.isSymbolicLink()) return 'link'
  if (info.isFIFO()) return 'pipe'
  return info.isSocket() ? 'socket' : 'device'
}

/** Lists up to `most` names, sorted by UTF-16 units: the same on every system and in every language. Throws what the disk says. */
async function namesIn(
  absolute: string,
  most: number,
  signal?: AbortSignal,
): Promise<{ readonly names: readonly string[]; readonly more: boolean }> {
  const names: string[] = []
  let more = false
  for await (const name of entryNames(absolute)) {
    signal?.throwIfAborted()
    more = names.length === most
    if (more) break
    names.push(name)
  }
  return { names: names.sort(), more }
}
