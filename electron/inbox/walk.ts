import type { BigIntStats } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { BATCH_FILES_MAX, PATH_DEPTH_MAX } from '#protocol/limits.ts'
import { collisionKey } from './batch-names.ts'
import { identity, look, lookThrough, namesIn, type Look } from './look.ts'
import { numbered, offeredName } from './names.ts'
import { timeOf } from './times.ts'
import { Tally, type WalkSummary } from './tally.ts'

/** A plain file that is to be sent. */
export interface Found {
  /** The folders it is in, from the one that a person chose, as they may be offered; none for a file chosen itself. */
  readonly path: readonly string[]
  /** As it may be offered. */
  readonly name: string
  readonly absolute: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtime: number
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

/**
 * What is to be sent of the paths that a person dropped or chose: files as they are, folders with all that is in them,
 * in the same order each time. A link that was chosen itself is what it leads to; in a folder links are not followed,
 * as nobody chose what they lead to. Iterate once. Throws the signal's reason when it is aborted.
 */
export class Walk implements AsyncIterable<Found> {
  readonly #paths: readonly string[]
  readonly #signal: AbortSignal | undefined
  readonly #most: number
  readonly #tally: Tally

  constructor(paths: readonly string[], signal?: AbortSignal, most = BATCH_FILES_MAX) {
    this.#paths = paths
    this.#signal = signal
    this.#most = most
    this.#tally = new Tally(most)
  }

  get summary(): WalkSummary {
    return this.#tally
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Found, void, undefined> {
    const names = new Set<string>()
    for (const absolute of new Set(this.#paths.map((path) => resolve(path)))) {
      this.#signal?.throwIfAborted()
      if (this.#tally.full) return
      const seen = await lookThrough(absolute)
      if ('why' in seen) this.#tally.skip([seen.name], seen.why)
      else if (seen.info.isFile()) yield* this.#found([], absolute, seen.info)
      else yield* this.#walk(topFolder(absolute, seen.info, names))
    }
  }

  /** By a list instead of one generator within another: 32 of those would hand each file on 32 times. */
  async *#walk(top: Folder): AsyncGenerator<Found, void, undefined> {
    const ahead = [top]
    for (let folder = ahead.pop(); folder !== undefined; folder = ahead.pop()) {
      if (!(await this.#isStill(folder))) continue
      if (!this.#tally.takeFolder(folder.path)) return
      const inside: Folder[] = []
      for await (const seen of this.#looks(folder)) {
        if (this.#tally.full) return
        const absolute = join(folder.absolute, seen.name)
        if ('why' in seen) this.#tally.skip([...folder.path, seen.name], seen.why)
        else if (seen.info.isFile()) yield* this.#found(folder.path, absolute, seen.info)
        else this.#enter(folder, absolute, seen.info, inside)
      }
      // Not spread: there may be more than a call can take.
      for (const next of inside.reverse()) ahead.push(next)
    }
  }

  *#found(path: readonly string[], absolute: string, info: BigIntStats): Generator<Found, void, undefined> {
    const size = Number(info.size)
    const name = offeredName(basename(absolute))
    if (this.#tally.takeFile([...path, name], size)) yield { path, name, absolute, size, mtime: timeOf(info) }
  }

  #enter(around: Folder, absolute: string, info: BigIntStats, inside: Folder[]): void {
    const is = identity(info)
    const path = [...around.path, offeredName(basename(absolute))]
    if (path.length > PATH_DEPTH_MAX) this.#tally.skip(path, 'too-deep')
    else if (isWithin(around, is)) this.#tally.skip(path, 'loop')
    else inside.push({ absolute, path, is, around })
  }

  /** It was looked at with those around it; meanwhile a link could have taken its place. */
  async #isStill({ absolute, path, is, around }: Folder): Promise<boolean> {
    if (around === null) return true
    const seen = await look(absolute)
    if ('info' in seen && identity(seen.info) === is) return true
    this.#tally.skip(path, 'why' in seen ? seen.why : 'unreadable')
    return false
  }

  async *#looks({ absolute, path }: Folder): AsyncGenerator<Look, void, undefined> {
    const { names, more } = await namesIn(absolute, this.#most, this.#signal).catch(() => {
      this.#signal?.throwIfAborted()
      this.#tally.skip(path, 'unreadable')
      return { names: [], more: false }
    })
    for (let at = 0; at < names.length; at += TOGETHER) {
      this.#signal?.throwIfAborted()
      yield* await Promise.all(names.slice(at, at + TOGETHER).map((name) => look(join(absolute, name))))
    }
    if (more) this.#tally.skip(path, 'too-many')
  }
}

function topFolder(absolute: string, info: BigIntStats, names: Set<string>): Folder {
  // A whole disk has no name.
  const offered = offeredName(basename(absolute)) || 'untitled'
  // Two folders of one name, from different places, are not to become one.
  let n = 1
  while (names.has(collisionKey(numbered(offered, n)))) n++
  names.add(collisionKey(numbered(offered, n)))
  return { absolute, path: [numbered(offered, n)], is: identity(info), around: null }
}

/** Without links, only a disk that is mounted within itself leads back up. */
function isWithin(folder: Folder | null, is: string): boolean {
  return folder !== null && (folder.is === is || isWithin(folder.around, is))
}
