import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { lstat, open, stat, type FileHandle } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import type { OpenSource, Source } from '#transfer/source.ts'
import { timeOf } from './times.ts'

/** Bytes between two looks at whether the file is still the one that was offered. */
const CHECK_EVERY_BYTES = 67_108_864

/**
 * A file of this computer that is to be sent. Throws TransferError `source-changed` for what is not a plain
 * file or can't be read. `through`: a link that a person chose is what it leads to; one found in a folder is not.
 */
export async function fileSource(path: string, through = true): Promise<Source> {
  const info = await (through ? stat(path) : lstat(path)).catch((error: unknown) => {
    throw new TransferError('source-changed', { cause: error })
  })
  if (!info.isFile()) throw new TransferError('source-changed')
  return {
    name: basename(path),
    size: info.size,
    mtime: timeOf(info),
    mime: '',
    file: resolve(path),
    open: () => openUnchanged(path, info),
    again: () => fileSource(path, through),
  }
}

// A pipe may have taken the file's place: without this, opening it would wait for its other end. Windows has neither.
const READ_NOW = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0)

async function openUnchanged(path: string, known: Stats): Promise<OpenSource> {
  const file = await open(path, READ_NOW).catch((error: unknown) => {
    throw new TransferError('source-changed', { cause: error })
  })
  const source = new OpenFile(path, file, known)
  try {
    await source.check()
    return source
  } catch (error) {
    await file.close()
    throw error
  }
}

class OpenFile implements OpenSource {
  readonly #path: string
  readonly #file: FileHandle
  readonly #known: Stats
  readonly #hash = createHash('sha256')
  /** Bytes from the start that are in the hash. */
  #hashed = 0
  #unchecked = 0
  /** One read after the other, in the order in which they were asked for: lanes ask side by side. */
  #reading: Promise<unknown> = Promise.resolve()

  constructor(path: string, file: FileHandle, known: Stats) {
    this.#path = path
    this.#file = file
    this.#known = known
  }

  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = this.#reading.then(() => this.#next(offset, length))
    this.#reading = bytes.catch(() => undefined)
    return bytes
  }

  async finish(): Promise<{ sha256: string }> {
    await this.#reading
    // What the receiver had already was not read, or not in order.
    while (this.#hashed < this.#known.size) {
      await this.#next(this.#hashed, Math.min(BLOCK_BYTES, this.#known.size - this.#hashed))
    }
    await this.check()
    return { sha256: this.#hash.copy().digest('hex') }
  }

  async close(): Promise<void> {
    await this.#reading
    await this.#file.close()
  }

  /**
   * The file is the one that was offered: same size, time and place on disk, and still what is found by its name, if
   * anything is. A file that was removed is still all there; one that was replaced is not what a person means any more.
   */
  async check(): Promise<void> {
    const now = await this.#file.stat()
    const same = now.size === this.#known.size && now.mtimeMs === this.#known.mtimeMs && now.ino === this.#known.ino
    const named = await stat(this.#path).catch(() => now)
    if (!same || named.ino !== now.ino) throw new TransferError('source-changed')
    this.#unchecked = 0
  }

  async #next(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    // Not Buffer.alloc: small ones share a pool, and whoever hashes or sends may take the buffer away.
    const out = new Uint8Array(length)
    for (let at = 0; at < length;) {
      const { bytesRead } = await this.#file.read(out, at, length - at, offset + at)
      if (bytesRead === 0) throw new TransferError('source-changed')
      at += bytesRead
    }
    if (offset === this.#hashed) {
      this.#hash.update(out)
      this.#hashed += length
    }
    this.#unchecked += length
    if (this.#unchecked >= CHECK_EVERY_BYTES) await this.check()
    return out
  }
}
