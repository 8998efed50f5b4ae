import { createHash, type Hash } from 'node:crypto'
import { blockCount, blockLength } from '#protocol/blocks.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import { writeAll, type Disk, type DiskFile, type Info } from './disk.ts'
import { rootFrom } from './offered.ts'
import { settle } from './part-names.ts'

export interface CompletedPart {
  readonly sha256: string
  readonly info: Info
  /** See `settle`. */
  readonly kept: number | null
}

/** Blocks read back at once to catch up with the hash of the whole: a write waits no longer for it than this. */
const CATCH_UP_BLOCKS = 4

const hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The bytes of one file, block by block in any order, and the SHA-256 of the whole as far as it is known. */
export class PartFile {
  readonly #file: DiskFile
  readonly #size: number
  #whole: Hash = createHash('sha256')
  /** Blocks from the start that are in the hash. */
  #hashed = 0
  /** A block that is in the hash was written again. */
  #spoilt = false
  #completed: CompletedPart | null = null
  /** Made when something is read: most files come in order, and then nothing is. */
  #room: Uint8Array | null = null

  constructor(file: DiskFile, size: number) {
    this.#file = file
    this.#size = size
  }

  async write(index: number, bytes: Uint8Array, isHere: (index: number) => boolean): Promise<void> {
    await writeAll(this.#file, bytes, index * BLOCK_BYTES)
    if (index < this.#hashed) this.#spoilt = true
    if (this.#spoilt || index > this.#hashed) return
    this.#whole.update(bytes)
    this.#hashed++
    // What came ahead of this one.
    for (let n = 0; n < CATCH_UP_BLOCKS && isHere(this.#hashed); n++) await this.#hashNext()
  }

  /** The SHA-256 of block `index` as it is on the disk; null where it is not all there. */
  async hashOf(index: number): Promise<string | null> {
    const bytes = await this.#read(index)
    return bytes === null ? null : hex(bytes)
  }

  /** Whether block `index` has this hash on the disk. Asked in order, it counts for the whole. */
  async holds(index: number, hash: string): Promise<boolean> {
    const bytes = await this.#read(index)
    if (bytes === null || hex(bytes) !== hash) return false
    if (index === this.#hashed) {
      this.#whole.update(bytes)
      this.#hashed++
    }
    return true
  }

  /** What is written is safe, whatever happens to the machine. */
  async sync(): Promise<void> {
    if (this.#completed === null) await this.#file.sync()
  }

  /** Whole, with its time, safe and closed: nothing is written any more. Returns the SHA-256 of the whole. */
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

  /** Lets go of it. Returns what it is like, so that it can be seen whether somebody else has touched it since. */
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

  /** What did not come in order is read back. */
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
    this.#room ??= new Uint8Array(BLOCK_BYTES)
    const out = this.#room.subarray(0, blockLength(this.#size, index))
    for (let at = 0; at < out.byteLength;) {
      const count = await this.#file.read(out.subarray(at), index * BLOCK_BYTES + at)
      if (count === 0) return null
      at += count
    }
    return out
  }
}

/** The root of a file as it lies there, by the hashes of all its blocks; null where bytes are missing. */
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
