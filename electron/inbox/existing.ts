import { createHash } from 'node:crypto'
import { constants, type BigIntStats } from 'node:fs'
import { lstat, open, type FileHandle } from 'node:fs/promises'
import { blockCount, blockLength } from '#protocol/blocks.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Landed } from '#transfer/sink.ts'
import { numbered, pathIn, type SafePath } from './file-names.ts'
import { isSameTime, knownTime, timeOf } from './file-times.ts'

/** Files of one name that are looked at; the file may have landed under a number. */
const NUMBERS_MAX = 20

// Neither through a link nor into a pipe that took the file's place. Windows has no such flags.
const { O_NOFOLLOW, O_NONBLOCK } = constants as Partial<typeof constants>
const READ_ITSELF = constants.O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0)

interface Like {
  readonly size: number
  readonly mtime: number
  /** The time that the disk has given a file here which was offered with `mtime`; null where it keeps that, or nobody knows. */
  readonly keptTime?: (folders: readonly string[], name: string, mtime: number) => number | null
}

/**
 * Finds a file of this size and time that landed here already, under this name or a numbered one, and returns a sink that has
 * all its blocks; null where there is none. Size and time only say that hashing is worth the while: whether this is the same
 * file is for the sender's hashes to say.
 */
export async function existing(
  inbox: string,
  { folders, name }: SafePath,
  { size, mtime, keptTime = () => null }: Like,
  signal?: AbortSignal,
): Promise<ExistingSink | null> {
  const known = knownTime(mtime)
  if (known === null || !(await areFolders(inbox, folders))) return null
  for (let n = 1; n <= NUMBERS_MAX; n++) {
    const own = numbered(name, n)
    const path = pathIn(inbox, folders, own)
    const info = await lstat(path, { bigint: true }).catch(() => null)
    if (info === null) return null
    const times = [known, keptTime(folders, own, mtime)]
    if (!times.some((time) => time !== null && isLike(info, size, time))) continue
    const sink = await hashed(path, own, info, signal)
    if (sink !== null) return sink
  }
  return null
}

async function areFolders(inbox: string, folders: readonly string[]): Promise<boolean> {
  for (const [depth, folder] of folders.entries()) {
    // Through no link: that may lead out of the inbox.
    const info = await lstat(pathIn(inbox, folders.slice(0, depth), folder)).catch(() => null)
    if (info?.isDirectory() !== true) return false
  }
  return true
}

const isLike = (info: BigIntStats, size: number, time: number): boolean =>
  info.isFile() && Number(info.size) === size && isSameTime(timeOf(info), time)

const isSame = (a: BigIntStats, b: BigIntStats): boolean =>
  a.isFile() && a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs

/** Hashes the file; null when it can't be read, or was changed meanwhile. */
async function hashed(
  path: string,
  name: string,
  known: BigIntStats,
  signal: AbortSignal | undefined,
): Promise<ExistingSink | null> {
  const file = await open(path, READ_ITSELF).catch(() => null)
  if (file === null) return null
  try {
    if (!isSame(await file.stat({ bigint: true }), known)) return null
    const hashes = await hashesOf(file, Number(known.size), signal)
    if (hashes === null || !isSame(await file.stat({ bigint: true }), known)) return null
    return new ExistingSink(path, name, known, hashes)
  } finally {
    await file.close()
  }
}

interface Hashes {
  readonly blocks: readonly string[]
  readonly whole: string
}

async function hashesOf(file: FileHandle, size: number, signal?: AbortSignal): Promise<Hashes | null> {
  const room = new Uint8Array(Math.min(size, BLOCK_BYTES))
  const whole = createHash('sha256')
  const blocks: string[] = []
  for (let index = 0; index < blockCount(size); index++) {
    signal?.throwIfAborted()
    const block = room.subarray(0, blockLength(size, index))
    if (!(await fill(file, block, index * BLOCK_BYTES))) return null
    whole.update(block)
    blocks.push(createHash('sha256').update(block).digest('hex'))
  }
  return { blocks, whole: whole.digest('hex') }
}

async function fill(file: FileHandle, out: Uint8Array, from: number): Promise<boolean> {
  for (let at = 0; at < out.byteLength;) {
    const { bytesRead } = await file.read(out, at, out.byteLength - at, from + at).catch(() => ({ bytesRead: 0 }))
    if (bytesRead === 0) return false
    at += bytesRead
  }
  return true
}

/** Stands for a file that need not be sent. Never writes: what is in the inbox is not this transfer's to touch. */
export class ExistingSink {
  readonly name: string
  readonly have: readonly string[]
  readonly landed = true
  readonly #path: string
  readonly #known: BigIntStats
  readonly #sha256: string

  constructor(path: string, name: string, known: BigIntStats, { blocks, whole }: Hashes) {
    this.#path = path
    this.name = name
    this.#known = known
    this.have = blocks
    this.#sha256 = whole
  }

  /** Rejects a block with other bytes: this is not the file. The caller discards this sink and opens a new one. */
  write(_index: number, _bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return Promise.reject(new TransferError('source-changed'))
  }

  /** Does nothing: the block is on disk already. */
  keep(_index: number, _hash: string): void {
    return
  }

  /** Confirms the file. Throws TransferError `source-changed` when it was changed since it was hashed. */
  async finish(): Promise<Landed> {
    const now = await lstat(this.#path, { bigint: true }).catch(() => null)
    if (now === null || !isSame(now, this.#known)) throw new TransferError('source-changed')
    return { name: this.name, path: this.#path, sha256: this.#sha256 }
  }

  suspend(): Promise<void> {
    return Promise.resolve()
  }

  discard(): Promise<void> {
    return Promise.resolve()
  }
}
