import { createHash, type Hash } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'
import { blockCount, blockLength, rootInput } from '#protocol/blocks.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import { codeOf, writeAll, type Disk, type DiskFile, type Info } from './disk.ts'
import { isKeptEverywhere, isSameTime, knownTime, timeOf } from './file-times.ts'
import type { InboxFolder } from './inbox-folders.ts'
import { PartName } from './part-names.ts'

export interface CompletedPart {
  /** SHA-256 of the whole file, in hex. */
  readonly sha256: string
  readonly info: Info
  /** The time that the disk has put in the place of the offered one; see `settle`. */
  readonly kept: number | null
}

/** Blocks read back at once to catch up with the hash of the whole: a write waits no longer for it than this. */
const CATCH_UP_BLOCKS = 4

const hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Computes the value that both ends compare, from the hashes of all blocks. */
export const rootFrom = (size: number, hashes: readonly string[]): string =>
  createHash('sha256').update(rootInput(size, hashes)).digest('hex')

/** Writes the blocks of one part file in any order, and hashes the whole as far as it has come. */
export class PartFile {
  readonly #file: DiskFile
  readonly #size: number
  #whole: Hash = createHash('sha256')
  /** Blocks from the start that are in the hash. */
  #hashed = 0
  /** Whether a block that is in the hash was written again. */
  #spoilt = false
  #completed: CompletedPart | null = null
  /** Allocated at the first read: most files come in order, and then nothing is read. */
  #buffer: Uint8Array | null = null

  constructor(file: DiskFile, size: number) {
    this.#file = file
    this.#size = size
  }

  /** Writes a block, and hashes it if it is next in order. `isHere` says which later blocks can be read back for that. */
  async write(index: number, bytes: Uint8Array, isHere: (index: number) => boolean): Promise<void> {
    await writeAll(this.#file, bytes, index * BLOCK_BYTES)
    if (index < this.#hashed) this.#spoilt = true
    if (this.#spoilt || index > this.#hashed) return
    this.#whole.update(bytes)
    this.#hashed++
    // What came ahead of this one.
    for (let n = 0; n < CATCH_UP_BLOCKS && isHere(this.#hashed); n++) await this.#hashNext()
  }

  /** Returns the SHA-256 of block `index` as it is on the disk; null where bytes are missing. */
  async hashOf(index: number): Promise<string | null> {
    const bytes = await this.#read(index)
    return bytes === null ? null : hex(bytes)
  }

  /** Returns whether block `index` has this hash on the disk. Asked in order, it goes into the hash of the whole. */
  async holds(index: number, hash: string): Promise<boolean> {
    const bytes = await this.#read(index)
    if (bytes === null || hex(bytes) !== hash) return false
    if (index === this.#hashed) {
      this.#whole.update(bytes)
      this.#hashed++
    }
    return true
  }

  /** Makes what is written durable. */
  async sync(): Promise<void> {
    if (this.#completed === null) await this.#file.sync()
  }

  /** Ends the file once all blocks are there: hashed, with its time, durable and closed. Nothing is written after that. */
  async complete(mtime: number): Promise<CompletedPart> {
    if (this.#completed !== null) return this.#completed
    const sha256 = await this.#digest()
    const kept = await settle(this.#file, mtime)
    const info = await this.#file.stat()
    if (info.size !== this.#size) throw new TransferError('corrupt')
    this.#completed = { sha256, info, kept }
    await this.#file.close()
    return this.#completed
  }

  /** Closes the file. Returns its state, by which a change by somebody else is known later; null where nobody can tell. */
  async close(): Promise<Info | null> {
    if (this.#completed !== null) return this.#completed.info
    const info = await this.#file.stat().catch(() => null)
    await this.#file.close().catch(() => undefined)
    return info
  }

  async #hashNext(): Promise<void> {
    const bytes = await this.#read(this.#hashed)
    if (bytes === null) throw new TransferError('corrupt')
    this.#whole.update(bytes)
    this.#hashed++
  }

  /** Returns the hash of the whole, reading back what did not come in order. */
  async #digest(): Promise<string> {
    if (this.#spoilt) {
      this.#whole = createHash('sha256')
      this.#hashed = 0
      this.#spoilt = false
    }
    while (this.#hashed < blockCount(this.#size)) await this.#hashNext()
    return this.#whole.copy().digest('hex')
  }

  async #read(index: number): Promise<Uint8Array | null> {
    this.#buffer ??= new Uint8Array(BLOCK_BYTES)
    const out = this.#buffer.subarray(0, blockLength(this.#size, index))
    for (let at = 0; at < out.byteLength;) {
      const count = await this.#file.read(out.subarray(at), index * BLOCK_BYTES + at)
      if (count === 0) return null
      at += count
    }
    return out
  }
}

/** Computes the root of a file on the disk by the hashes of all its blocks; null where bytes are missing. */
export async function rootOnDisk(disk: Disk, path: string, size: number): Promise<string | null> {
  const file = await disk.reopen(path)
  try {
    const part = new PartFile(file, size)
    const hashes: string[] = []
    for (let i = 0; i < blockCount(size); i++) {
      const hash = await part.hashOf(i)
      if (hash === null) return null
      hashes.push(hash)
    }
    return rootFrom(size, hashes)
  } finally {
    await file.close()
  }
}

/** Removes a part file and nothing else: no link, no folder. Returns whether it is gone. */
export async function removePart(disk: Disk, folder: Pick<InboxFolder, 'path'>, part: string): Promise<boolean> {
  try {
    if (!v.is(PartName, part) || (await disk.lstat(join(folder.path, part))).kind !== 'file') return false
  } catch (error) {
    return codeOf(error) === 'ENOENT'
  }
  return removeOwnPart(disk, folder, part)
}

/** Removes a part file that this run has created or opened, without looking again at what it is. Returns whether it is gone. */
export async function removeOwnPart(disk: Disk, folder: Pick<InboxFolder, 'path'>, part: string): Promise<boolean> {
  try {
    await disk.unlink(join(folder.path, part))
    return true
  } catch (error) {
    return codeOf(error) === 'ENOENT'
  }
}

/**
 * Gives the file its mode and time and makes all of it durable. Returns the time that the disk has put in the place of the
 * one that was offered; null where it keeps that, or none was known.
 */
export async function settle(file: DiskFile, mtime: number): Promise<number | null> {
  // FAT and some network disks know no such modes or times and say so; the file is none the worse for it.
  await file.chmod(0o644).catch(() => undefined)
  const known = knownTime(mtime)
  const isSet = known === null || (await file.setTime(known).then(yes, no))
  await file.sync()
  if (known === null || (isSet && isKeptEverywhere(known))) return null
  const kept = timeOf(await file.stat())
  return isSameTime(kept, known) ? null : kept
}

const yes = (): boolean => true
const no = (): boolean => false
