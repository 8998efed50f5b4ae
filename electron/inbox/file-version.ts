import { createHash } from 'node:crypto'
import { constants, type BigIntStats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { diskPath } from './byte-names.ts'
import { timeOf } from './file-times.ts'

/** What a file was when a person chose it, as far as that can be known without reading it. */
export interface FileVersion {
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970; 0 = not known. */
  readonly mtime: number
  /** Which file of which disk; not known in another run, as disks get other numbers. */
  readonly is?: string | undefined
  /** SHA-256 of its end, hex, of one that may just be written to: who only adds to a file leaves it as it was. */
  readonly tail?: string | undefined
}

/** Milliseconds: a file that was written to within this time may be one that something still writes to, such as a log. */
const FRESH_MS = 86_400_000
const TAIL_BYTES = 4_096

// A pipe may have taken the file's place: without this, opening it would wait for its other end. Windows has neither.
const READ_NOW = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0)

export const openToRead = (path: string): Promise<FileHandle> => open(diskPath(path), READ_NOW)

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
export async function tailOf(file: FileHandle, size: number): Promise<string> {
  const length = Math.min(size, TAIL_BYTES)
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, size - length)
  return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex')
}
