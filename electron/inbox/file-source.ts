import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { TransferError } from '#transfer/errors.ts'
import type { OpenSource, Source } from '#transfer/source.ts'

/**
 * A file of this computer that is to be sent. Throws TransferError `source-changed` for what is not a plain
 * file or can't be read.
 */
export async function fileSource(path: string): Promise<Source> {
  const info = await stat(path).catch((error: unknown) => {
    throw new TransferError('source-changed', { cause: error })
  })
  if (!info.isFile()) throw new TransferError('source-changed')
  return {
    name: basename(path),
    size: info.size,
    mtime: Math.trunc(info.mtimeMs),
    mime: '',
    open: () => openUnchanged(path, info),
    again: () => fileSource(path),
  }
}

// A pipe may have taken the file's place: without this, opening it would wait for its other end. Windows has neither.
const READ_NOW = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0)

async function openUnchanged(path: string, known: Stats): Promise<OpenSource> {
  const file = await open(path, READ_NOW).catch((error: unknown) => {
    throw new TransferError('source-changed', { cause: error })
  })
  const source = new OpenFile(file, known)
  try {
    await source.check()
    return source
  } catch (error) {
    await file.close()
    throw error
  }
}

class OpenFile implements OpenSource {
  readonly #file: FileHandle
  readonly #known: Stats
  readonly #hash = createHash('sha256')

  constructor(file: FileHandle, known: Stats) {
    this.#file = file
    this.#known = known
  }

  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    // Not Buffer.alloc: small ones share a pool, and whoever hashes or sends may take the buffer away.
    const out = new Uint8Array(length)
    for (let at = 0; at < length;) {
      const { bytesRead } = await this.#file.read(out, at, length - at, offset + at)
      if (bytesRead === 0) throw new TransferError('source-changed')
      at += bytesRead
    }
    this.#hash.update(out)
    return out
  }

  async finish(): Promise<{ sha256: string }> {
    await this.check()
    return { sha256: this.#hash.digest('hex') }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** The file is the one that was offered: same size, time and place on disk. */
  async check(): Promise<void> {
    const now = await this.#file.stat()
    const same = now.size === this.#known.size && now.mtimeMs === this.#known.mtimeMs && now.ino === this.#known.ino
    if (!same) throw new TransferError('source-changed')
  }
}
