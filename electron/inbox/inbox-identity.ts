import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { TransferError } from '#transfer/errors.ts'
import type { Clock } from './clock.ts'
import { codeOf, replaceText, sameFile, writeAll, type Disk, type Info } from './disk.ts'

/** A file in an inbox on a file system of its own: which inbox it is. A person who means another one puts an empty file there. */
const MARK = '.lanyard-inbox'
/** A file in the program's folder: what the mark says; SAME where there is none. */
const RECORD = 'place'
const SAME = 'same file system'
const ID = /^[0-9a-f]{32}$/u
/** Milliseconds for which a mark is believed while the folder stays the same: a crowd of files reads it once. */
const BELIEVE_MS = 5_000

export interface InboxIdentityOptions {
  readonly folder: string
  /** The program's own folder for this inbox. */
  readonly data: string
  readonly disk: Disk
  readonly clock: Clock
  /** Called when `isOther` changes. */
  readonly onOther?: (() => void) | undefined
}

/**
 * Tells the inbox from another folder at its path: when a drive goes away, its path leads to the bare folder that it was
 * mounted on, or to another drive. An inbox is on the file system of the program's own folder, or it bears a mark.
 */
export class InboxIdentity {
  readonly #options: InboxIdentityOptions
  /** The folder that was found to be the inbox, and when. */
  #seen: { readonly info: Info; readonly at: number } | null = null
  #isOther = false

  constructor(options: InboxIdentityOptions) {
    this.#options = options
  }

  /** Whether another folder was at the path at the last look: only a person can say that it is the one to use. */
  get isOther(): boolean {
    return this.#isOther
  }

  /**
   * Returns the folder at the path. Throws TransferError `disk-error` while that is not the inbox, or what the disk throws. The
   * first folder ever found is taken as it is.
   */
  async look(): Promise<Info> {
    let isOther = false
    try {
      const info = await this.#folder()
      isOther = !(await this.#isInbox(info))
      if (isOther) throw new TransferError('disk-error')
      return info
    } finally {
      this.#say(isOther)
    }
  }

  /** Takes the folder that is there now for the inbox, whichever it is. Throws what the disk throws. */
  async use(): Promise<void> {
    const { disk, data } = this.#options
    const info = await this.#folder()
    await this.#take(info.dev === (await disk.stat(data)).dev ? SAME : await this.#mark())
    this.#seen = null
    await this.look()
  }

  async #folder(): Promise<Info> {
    const info = await this.#options.disk.stat(this.#options.folder)
    if (info.kind !== 'folder') throw new TransferError('disk-error')
    return info
  }

  #say(isOther: boolean): void {
    if (this.#isOther === isOther) return
    this.#isOther = isOther
    this.#options.onOther?.()
  }

  /** Returns false for a folder that was no inbox before, and that nobody has said is to be one. */
  async #isInbox(info: Info): Promise<boolean> {
    const now = this.#options.clock.now()
    const age = now - (this.#seen?.at ?? -Infinity)
    if (this.#seen !== null && sameFile(this.#seen.info, info) && age >= 0 && age < BELIEVE_MS) return true
    this.#seen = null
    const { disk, data } = this.#options
    const [record, own] = [await recordIn(disk, data), await disk.stat(data)]
    if (record === null) await this.#take(info.dev === own.dev ? SAME : await this.#mark())
    else if (record === SAME ? info.dev !== own.dev : (await this.#marked()) !== record) {
      if ((await this.#marked()) !== '') return false
      await this.#take(await this.#mark())
    }
    this.#seen = { info, at: now }
    return true
  }

  /** Returns what the mark says; null = there is none. */
  #marked(): Promise<string | null> {
    return textOf(this.#options.disk, join(this.#options.folder, MARK))
  }

  /** Returns the mark that is there, of another folder of the program, or makes one. */
  async #mark(): Promise<string> {
    const { disk, folder } = this.#options
    const there = await this.#marked()
    if (there !== null && ID.test(there)) return there
    const path = join(folder, MARK)
    if (there !== null) await disk.unlink(path)
    const id = randomBytes(16).toString('hex')
    const file = await disk.create(path)
    try {
      await writeAll(file, Buffer.from(id), 0)
      await file.sync()
    } finally {
      await file.close()
    }
    await disk.syncFolder(folder)
    return id
  }

  #take(record: string): Promise<void> {
    const { disk, data } = this.#options
    return replaceText(disk, data, join(data, RECORD), record)
  }
}

/** Reads a text; null only where there is no such file. */
async function textOf(disk: Disk, path: string): Promise<string | null> {
  try {
    return (await disk.readText(path)).trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

async function recordIn(disk: Disk, data: string): Promise<string | null> {
  const record = await textOf(disk, join(data, RECORD))
  // Somebody has written in it: nobody knows which inbox it was.
  if (record !== null && record !== SAME && !ID.test(record)) throw new TransferError('disk-error')
  return record
}

/**
 * Makes the folder of the inbox where it is not there: before its first use, and when it was removed from the file system of
 * the program's own folder. Nothing is made in the stead of a drive that is away.
 */
export async function makeInboxFolder({ folder, data, disk }: Omit<InboxIdentityOptions, 'clock'>): Promise<void> {
  const record = await recordIn(disk, data)
  if (record === null) return disk.mkdirs(folder)
  if (record !== SAME) return
  const above = await nearest(disk, folder)
  if (above.path !== folder && above.info.dev === (await disk.stat(data)).dev) await disk.mkdirs(folder)
}

/** Returns the folder, or the first above it that is there. */
async function nearest(disk: Disk, path: string): Promise<{ readonly path: string; readonly info: Info }> {
  try {
    return { path, info: await disk.stat(path) }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    return nearest(disk, dirname(path))
  }
}
