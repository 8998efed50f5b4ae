import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { TransferError } from '#transfer/errors.ts'

export interface PlainFile {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtime: number
  /** Changes with every version of the file that the disk can tell apart. */
  readonly etag: string
  /** Throws TransferError `source-changed` for any other version. */
  open(): Promise<OpenPlainFile>
}

const changed = (error: unknown): never => {
  throw new TransferError('source-changed', { cause: error })
}

// A pipe may have taken the file's place: without this, opening it would wait for its other end. Windows has neither.
const READ_NOW = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0)

const marksOf = ({ ino, size, mtimeMs }: Stats): string => [ino, size, mtimeMs].join()

/**
 * A file of this computer as a browser may fetch it. It is read in any order, by several at a time, and not hashed:
 * nobody at the other end could compare. Throws TransferError `source-changed` for what is not a plain file.
 */
export async function plainFile(path: string): Promise<PlainFile> {
  const info = await stat(path).catch(changed)
  if (!info.isFile()) throw new TransferError('source-changed')
  return {
    name: basename(path),
    size: info.size,
    mtime: Math.trunc(info.mtimeMs),
    etag: createHash('sha256').update(marksOf(info)).digest('hex'),
    open: () => openUnchanged(path, marksOf(info)),
  }
}

async function openUnchanged(path: string, marks: string): Promise<OpenPlainFile> {
  const opened = new OpenPlainFile(await open(path, READ_NOW).catch(changed), marks)
  try {
    await opened.check()
    return opened
  } catch (error) {
    await opened.close()
    throw error
  }
}

export class OpenPlainFile {
  readonly #file: FileHandle
  readonly #marks: string

  constructor(file: FileHandle, marks: string) {
    this.#file = file
    this.#marks = marks
  }

  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const out = new Uint8Array(length)
    for (let at = 0; at < length;) {
      const { bytesRead } = await this.#file.read(out, at, length - at, offset + at)
      if (bytesRead === 0) throw new TransferError('source-changed')
      at += bytesRead
    }
    return out
  }

  /** Throws when the file is not the one that was offered: same size, time and place on disk. */
  async check(): Promise<void> {
    if (marksOf(await this.#file.stat()) !== this.#marks) throw new TransferError('source-changed')
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
