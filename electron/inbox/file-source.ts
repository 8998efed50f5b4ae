import { createHash } from 'node:crypto'
import { constants, type BigIntStats } from 'node:fs'
import { lstat, open, stat, type FileHandle } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import type { OpenSource, Source } from '#transfer/source.ts'
import { diskPath, readableName } from './byte-names.ts'
import { offeredName } from './file-names.ts'
import { timeOf } from './file-times.ts'

/** What a file was when a person chose it, as far as that can be known without reading it. */
export interface FileVersion {
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970; 0 = not known. */
  readonly mtime: number
  /** Which file of which disk; not known in another run, as disks get other numbers. */
  readonly is?: string | undefined
  /** SHA-256 of the file's end, hex, if something may still write to it: what only appends leaves that end as it was. */
  readonly tail?: string | undefined
}

/** Bytes between two looks at whether the file is still the one that was offered. */
const CHECK_EVERY_BYTES = 67_108_864

/** Milliseconds: a file that was written to within this time may be one that something still writes to, such as a log. */
const FRESH_MS = 86_400_000
const TAIL_BYTES = 4_096

// A pipe may have taken the file's place: without this, opening it would wait for its other end. Windows has neither.
const READ_NOW = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0)

const openToRead = (path: string): Promise<FileHandle> => open(diskPath(path), READ_NOW)

/** Returns which file or folder of which disk it is. Not as plain numbers: those of Windows do not fit into one. */
export const identity = ({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): string => `${dev}:${ino}`

/**
 * Returns the version of a plain file; null for one that says it is empty and is not, as those in `/proc`: how large
 * such a file is nobody knows before its end. Throws what the disk says.
 */
export async function versionAt(path: string, info: BigIntStats): Promise<FileVersion | null> {
  const version = { size: Number(info.size), mtime: timeOf(info), is: identity(info) }
  const isFresh = version.mtime > Date.now() - FRESH_MS
  if (version.size > 0 && !isFresh) return version
  const file = await openToRead(path)
  try {
    if (version.size > 0) return { ...version, tail: await tailOf(file, version.size) }
    const { bytesRead } = await file.read(new Uint8Array(1), 0, 1, 0)
    return bytesRead === 0 ? { ...version, ...(isFresh && { tail: await tailOf(file, 0) }) } : null
  } finally {
    await file.close()
  }
}

/** Returns the hash of the end of the first `size` bytes. */
async function tailOf(file: FileHandle, size: number): Promise<string> {
  const length = Math.min(size, TAIL_BYTES)
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, size - length)
  return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex')
}

const changed = (error: unknown): never => {
  throw new TransferError('source-changed', { cause: error })
}

/**
 * Returns what the file is now. Throws TransferError `source-changed` for what is not a plain file, can't be read, or
 * does not say how large it is. `through`: a link that a person chose is what it leads to; one found in a folder is not.
 */
export async function versionOf(path: string, through = true): Promise<FileVersion> {
  const info = await (through ? stat : lstat)(diskPath(path), { bigint: true }).catch(changed)
  if (!info.isFile()) throw new TransferError('source-changed')
  const version = await versionAt(path, info).catch(changed)
  if (version === null) throw new TransferError('source-changed')
  return version
}

/** Makes the source of a file of this computer. Throws as `versionOf`. */
export async function fileSource(path: string, through = true): Promise<Source> {
  const version = await versionOf(path, through)
  return {
    name: offeredName(readableName(basename(path))),
    size: version.size,
    mtime: version.mtime,
    mime: '',
    file: resolve(path),
    open: () => openVersion(path, version, through),
    again: () => fileSource(path, through),
  }
}

/**
 * Opens that version of the file, or one to which was only added since: of that, what was there. Throws TransferError
 * `source-changed` for any other, and so do its reads.
 */
export async function openVersion(path: string, version: FileVersion, through = true): Promise<OpenSource> {
  const info = await (through ? stat : lstat)(diskPath(path), { bigint: true }).catch(changed)
  if (!info.isFile()) throw new TransferError('source-changed')
  const file = await openToRead(path).catch(changed)
  try {
    const now = await file.stat({ bigint: true })
    await checkIsOf(version, now, file)
    return await OpenFile.check(new OpenFile(path, file, now, version.size))
  } catch (error) {
    await file.close()
    throw error
  }
}

async function checkIsOf({ size, mtime, is, tail }: FileVersion, now: BigIntStats, file: FileHandle): Promise<void> {
  const isIt = now.isFile() && (is ?? identity(now)) === identity(now)
  if (isIt && Number(now.size) === size && timeOf(now) === mtime) return
  const mayHaveGrown = isIt && Number(now.size) > size && tail !== undefined
  if (!mayHaveGrown || (await tailOf(file, size)) !== tail) throw new TransferError('source-changed')
}

class OpenFile implements OpenSource {
  readonly #path: string
  readonly #file: FileHandle
  readonly #known: BigIntStats
  /** Bytes from the file's start that are sent, however many there are by now. */
  readonly #size: number
  readonly #hash = createHash('sha256')
  /** Bytes from the start that are in the hash. */
  #hashed = 0
  #unchecked = 0
  /** Whether something has appended to the file since it was opened, or has written it anew. */
  #grew = false
  /** Settles with the last read. Reads run in the order in which they were asked for: lanes ask side by side. */
  #reading: Promise<unknown> = Promise.resolve()

  constructor(path: string, file: FileHandle, known: BigIntStats, size: number) {
    this.#path = path
    this.#file = file
    this.#known = known
    this.#size = size
  }

  static async check(file: OpenFile): Promise<OpenFile> {
    await file.#check()
    return file
  }

  read(offset: number, length: number, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = this.#reading.then(() => this.#next(offset, length, room))
    this.#reading = bytes.catch(() => undefined)
    return bytes
  }

  async finish(): Promise<{ sha256: string }> {
    await this.#reading
    // What the receiver had already was not read, or not in order.
    while (this.#hashed < this.#size) await this.#next(this.#hashed, Math.min(BLOCK_BYTES, this.#size - this.#hashed))
    await this.#check()
    const sha256 = this.#hash.copy().digest('hex')
    if (this.#grew && (await this.#hashAgain()) !== sha256) throw new TransferError('source-changed')
    return { sha256 }
  }

  async close(): Promise<void> {
    await this.#reading
    await this.#file.close()
  }

  /**
   * Throws TransferError `source-changed` unless the file is the one that was opened: at least as large, not written to
   * unless it grew, and still what is found by its name, if anything is. A file that was removed is still all there; one that
   * was replaced is not what a person means any more.
   */
  async #check(): Promise<void> {
    const now = await this.#file.stat({ bigint: true })
    const named = await stat(diskPath(this.#path), { bigint: true }).catch(() => now)
    const isNamed = identity(named) === identity(now)
    const isSame = now.size === this.#known.size && now.mtimeNs === this.#known.mtimeNs
    if (!isNamed || (!isSame && now.size <= this.#known.size)) throw new TransferError('source-changed')
    this.#grew ||= !isSame
    this.#unchecked = 0
  }

  /** Hashes again what was sent of a file that grew: it was read while somebody wrote to it. */
  async #hashAgain(): Promise<string> {
    const hash = createHash('sha256')
    for (let at = 0; at < this.#size; at += BLOCK_BYTES)
      hash.update(await this.#piece(at, Math.min(BLOCK_BYTES, this.#size - at)))
    return hash.digest('hex')
  }

  async #next(offset: number, length: number, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const out = await this.#piece(offset, length, room)
    if (offset === this.#hashed) {
      this.#hash.update(out)
      this.#hashed += length
    }
    this.#unchecked += length
    if (this.#unchecked >= CHECK_EVERY_BYTES) await this.#check()
    return out
  }

  async #piece(
    offset: number,
    length: number,
    // Not Buffer.alloc: small ones share a pool, and whoever hashes or sends may take the buffer away.
    out = new Uint8Array(length),
  ): Promise<Uint8Array<ArrayBuffer>> {
    for (let at = 0; at < length;) {
      const { bytesRead } = await this.#file.read(out, at, length - at, offset + at)
      if (bytesRead === 0) throw new TransferError('source-changed')
      at += bytesRead
    }
    return out
  }
}
