import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, open, rename, rm, stat, utimes, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Reason } from '#protocol/errors.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Landed, Sink } from '#transfer/sink.ts'
import { numbered, safeName } from './names.ts'

/** Windows has no such flag, and no way to plant a link where O_EXCL makes a new file. */
const NO_FOLLOW = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0
const NAMES_MAX = 10_000
const DAY_MS = 86_400_000
/** FAT knows no time before. */
const EARLIEST_MS = Date.UTC(1980, 0, 1)

/**
 * A file on its way into `folder`: written as a hidden `.part` beside its final place, checked, and only
 * then given its name, without ever replacing a file. `mtime` in milliseconds, 0 = leave it.
 */
export async function openFileSink(folder: string, offered: string, mtime: number): Promise<Sink> {
  const name = safeName(offered)
  const part = join(folder, `.${name.slice(0, 40)}.${randomBytes(4).toString('hex')}.part`)
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_RDWR | NO_FOLLOW
  const file = await onDisk(async () => {
    // The inbox itself may be a link: its owner has put it there.
    if (!(await stat(folder)).isDirectory()) throw new TransferError('disk-error')
    return open(part, flags, 0o600)
  })
  return new FileSink(folder, name, part, file, mtime)
}

class FileSink implements Sink {
  readonly name: string
  readonly #folder: string
  readonly #part: string
  readonly #file: FileHandle
  readonly #mtime: number
  readonly #hash = createHash('sha256')
  #closed = false

  constructor(folder: string, name: string, part: string, file: FileHandle, mtime: number) {
    this.name = name
    this.#folder = folder
    this.#part = part
    this.#file = file
    this.#mtime = mtime
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    await onDisk(async () => {
      for (let at = 0; at < bytes.byteLength;) at += (await this.#file.write(bytes, at)).bytesWritten
    })
  }

  async finish(): Promise<Landed> {
    return onDisk(async () => {
      await this.#file.sync()
      // FAT and some network disks know no such modes and say so; the file is none the worse for it.
      await this.#file.chmod(0o644).catch(() => undefined)
      await this.#close()
      await this.#keepTime()
      const name = await this.#giveName()
      return { name, path: join(this.#folder, name), sha256: this.#hash.digest('hex') }
    })
  }

  async discard(): Promise<void> {
    await this.#close().catch(() => undefined)
    await rm(this.#part, { force: true }).catch(() => undefined)
  }

  async #close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#file.close()
  }

  async #keepTime(): Promise<void> {
    if (this.#mtime === 0) return
    const time = new Date(Math.min(Math.max(this.#mtime, EARLIEST_MS), Date.now() + DAY_MS))
    await utimes(this.#part, time, time).catch(() => undefined)
  }

  async #giveName(): Promise<string> {
    for (let n = 1; n <= NAMES_MAX; n++) {
      const name = numbered(this.name, n)
      if (await moveWithoutReplacing(this.#part, join(this.#folder, name))) return name
    }
    throw new TransferError('disk-error')
  }
}

/** False when `to` exists. A hard link can't replace anything; where there are none, a placeholder holds the name. */
async function moveWithoutReplacing(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    // Should this fail, the file has its name all the same; asking for another would make a second one.
    await rm(from, { force: true }).catch(() => undefined)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
  }
  try {
    await (await open(to, 'wx')).close()
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
  try {
    await rename(from, to)
  } catch (error) {
    await rm(to, { force: true }).catch(() => undefined)
    throw error
  }
  return true
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof TransferError) throw error
    const code: Reason = FULL.has(codeOf(error)) ? 'disk-full' : 'disk-error'
    throw new TransferError(code, { cause: error })
  }
}
