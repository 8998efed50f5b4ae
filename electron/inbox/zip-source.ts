import { createHash } from 'node:crypto'
import { predictLength } from 'client-zip'
import type { OpenSource, Source } from '#transfer/source.ts'
import { ZipRun, type OpenEntry, type ZipMember } from './zip-run.ts'
import { END_BYTES, zip64End } from './zip-end.ts'
import { knownTime } from './times.ts'
import { zipNames, type Place } from './zip-names.ts'

export interface ZipEntry extends Place {
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970; 0 = not known. */
  readonly mtime: number
  /** Throws TransferError `source-changed` for another version, as its reads do. May be opened several times. */
  open(): Promise<OpenEntry>
}

export interface ZipSource extends Source {
  /** The same for the same files in the same order, each of the same size and time. */
  readonly etag: string
}

/** What can be said in a zip: local time, in steps of two seconds. */
const EARLIEST = new Date(1980, 0, 1)
const LATEST = new Date(2107, 11, 31, 23, 59, 58)

/** A true time that the format can't say is the nearest that it can; one that is not known is when it was `made`. */
function dateOf(mtime: number, made: Date): Date {
  const known = knownTime(mtime)
  if (known === null) return made
  return new Date(Math.min(Math.max(known, EARLIEST.getTime()), LATEST.getTime()))
}

function etagOf(members: readonly ZipMember[]): string {
  const hash = createHash('sha256')
  for (const { name, size, lastModified } of members) hash.update(`${JSON.stringify(name)} ${size} ${+lastModified}\n`)
  return hash.digest('hex')
}

/**
 * Many files as one zip, made while it is read: packed one behind the other without compression, so that its size is
 * known before the first byte. The same bytes every time, or TransferError `source-changed`; also in another run, if it is
 * given the time when the zip was first `made`.
 */
export function zipSource(name: string, entries: readonly ZipEntry[], made = new Date()): ZipSource {
  const names = zipNames(entries)
  const members: ZipMember[] = entries.map((entry, n) => ({
    name: names[n] ?? '',
    size: entry.size,
    lastModified: dateOf(entry.mtime, made),
    open: () => entry.open(),
  }))
  const plain = Number(predictLength(members))
  const more = zip64End(members, plain)
  const begin = (): ZipRun => new ZipRun(members, more === null ? null : { at: plain - END_BYTES, bytes: more })
  return {
    name,
    size: plain + (more?.length ?? 0),
    mtime: made.getTime(),
    mime: 'application/zip',
    etag: etagOf(members),
    open: () => Promise.resolve(new OpenZip(begin)),
  }
}

class OpenZip implements OpenSource {
  readonly #begin: () => ZipRun
  #run: ZipRun
  #isClosed = false

  constructor(begin: () => ZipRun) {
    this.#begin = begin
    this.#run = begin()
  }

  /** Going on is cheap. Further on, what lies between is read and dropped; going back begins all over. */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (offset < this.#run.at) await this.#again()
    await this.#run.skipTo(offset)
    return this.#run.take(length)
  }

  /** Both ends know the bytes by the hashes of their blocks. */
  finish(): Promise<object> {
    return Promise.resolve({})
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#run.close()
  }

  async #again(): Promise<void> {
    await this.#run.close()
    this.#run = this.#begin()
    if (this.#isClosed) await this.#run.close()
  }
}
