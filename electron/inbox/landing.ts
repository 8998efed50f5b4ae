import { join } from 'node:path'
import { TransferError } from '#transfer/errors.ts'
import type { Landed } from '#transfer/sink.ts'
import { wait, type Clock } from './clock.ts'
import { codeOf, heldRefusal, nameRefusal, onDisk, sameFile, type Disk, type Info } from './disk.ts'
import { narrower, numbered } from './file-names.ts'
import { GroupCommit } from './group-commit.ts'
import type { InboxFolder, InboxFolders } from './inbox-folders.ts'
import type { LandedLine, Ledger, PartLine } from './ledger.ts'
import { removeOwnPart, removePart } from './part-file.ts'

const NAMES_MAX = 10_000
/** Antivirus and the indexer of Windows hold a new file for a moment, or for as long as they like. */
const HELD = new Set(['EPERM', 'EACCES', 'EBUSY'])
const RETRY_FIRST_MS = 20
const RETRY_ALL_MS = 30_000
/** Errors other than that of a disk without hard links: with these no name can be given at all. */
const HOPELESS = new Set(['ENOENT', 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ENOTDIR', 'ENAMETOOLONG', 'EILSEQ'])

/** A part file that is whole, checked and durable. */
export interface WholePart {
  readonly line: PartLine
  readonly folder: InboxFolder
  /** Asks for the state of the part file; called only where its name is taken, perhaps by the part file itself. */
  readonly info: () => Promise<Info>
  readonly root: string
  /** SHA-256 of the whole file, in hex. */
  readonly sha256: string
  /** The time that was offered and the one that the disk has kept, where it could not keep that. */
  readonly times: LandedLine['times'] | null
}

interface Named {
  readonly name: string
  /** Takes the name back, as far as that goes. */
  readonly undo: () => Promise<void>
}

/**
 * Takes the last steps of every file, in the order that a crash can't hurt: its name, then the folder, then the ledger's line
 * that it has landed, and only then the part file goes.
 */
export class Landing {
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #inboxFolders: InboxFolders
  readonly #ledger: Ledger
  readonly #marks: GroupCommit<string>

  constructor(disk: Disk, clock: Clock, inboxFolders: InboxFolders, ledger: Ledger) {
    this.#disk = disk
    this.#clock = clock
    this.#inboxFolders = inboxFolders
    this.#ledger = ledger
    this.#marks = new GroupCommit((paths) => disk.mark(paths).catch(() => undefined))
  }

  /** Gives the file its name, durably. When it throws, the file is a part file as before. */
  land(whole: WholePart): Promise<Landed> {
    return onDisk(async () => {
      const { folder, line, root, sha256, times } = whole
      await this.#inboxFolders.confirm(folder)
      await this.#marks.add(join(folder.path, line.part))
      const name = await this.#name(whole)
      const { device, id, folders } = line
      await this.#ledger.sayLanded({ t: 'landed', device, id, folders, name, root, ...(times && { times }) })
      if (await removeOwnPart(this.#disk, folder, line.part)) this.#ledger.dropped(line.part, folder.path)
      return { name, path: join(folder.path, name), sha256 }
    })
  }

  /** Removes a part file. What can't be removed now will be at the next start. */
  async drop(folder: InboxFolder, part: string): Promise<void> {
    const there = await this.#inboxFolders.confirm(folder).then(
      () => true,
      () => false,
    )
    if (there && (await removePart(this.#disk, folder, part))) this.#ledger.dropped(part, folder.path)
  }

  async #name(whole: WholePart): Promise<string> {
    const { name, undo } = await this.#giveName(whole)
    try {
      await this.#inboxFolders.sync(whole.folder)
      return name
    } catch (error) {
      await undo().catch(() => undefined)
      throw error
    }
  }

  /**
   * Gives the file the wanted name or the next free one, never replacing anything. A hard link can't replace; where there are
   * none (FAT, some network disks) an empty file holds the name until the part file is moved onto it.
   */
  async #giveName(whole: WholePart): Promise<Named> {
    // Encrypted disks take shorter names than others.
    for (const fitting of narrower(whole.line.name)) {
      for (let n = 1; n <= NAMES_MAX; n++) {
        const done = await this.#tryName(whole, numbered(fitting, n))
        if (done === 'too long') break
        if (done !== 'taken') return done
      }
    }
    throw new TransferError('bad-name')
  }

  async #tryName(whole: WholePart, name: string): Promise<Named | 'taken' | 'too long'> {
    const from = join(whole.folder.path, whole.line.part)
    const to = join(whole.folder.path, name)
    try {
      const done = await this.#link(from, to, whole.info)
      if (done === 'named') return { name, undo: () => this.#disk.unlink(to) }
      if (done === 'taken' || !(await this.#hold(whole, name, from, to))) return 'taken'
      return { name, undo: () => this.#disk.rename(to, from) }
    } catch (error) {
      if (codeOf(error) === 'ENAMETOOLONG') return 'too long'
      throw nameRefusal(error)
    }
  }

  async #link(from: string, to: string, info: () => Promise<Info>): Promise<'named' | 'taken' | 'no links'> {
    try {
      await this.#disk.link(from, to)
      return 'named'
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') {
        if (HOPELESS.has(codeOf(error))) throw error
        return 'no links'
      }
      // The name may be of this very file: of a try that did not get further than that.
      const there = await this.#disk.lstat(to).catch(() => null)
      return there !== null && sameFile(there, await info()) ? 'named' : 'taken'
    }
  }

  /** Moves the part file onto an empty file that holds the name. Returns false when the name is taken. */
  async #hold({ line, root }: WholePart, name: string, from: string, to: string): Promise<boolean> {
    if (await this.#exists(to)) return false
    // Durable before: a crash would leave an empty file that nobody knows to be ours.
    await this.#ledger.say({ ...line, t: 'naming', name, root })
    const holder = await this.#disk.create(to).catch((error: unknown) => {
      if (codeOf(error) === 'EEXIST') return null
      throw error
    })
    if (holder === null) return false
    try {
      await holder.close()
      await this.#renamePatiently(from, to)
      return true
    } catch (error) {
      await this.#disk.unlink(to).catch(() => undefined)
      throw error
    }
  }

  #exists(path: string): Promise<boolean> {
    return this.#disk.lstat(path).then(
      () => true,
      () => false,
    )
  }

  async #renamePatiently(from: string, to: string): Promise<void> {
    const since = this.#clock.now()
    for (let pause = RETRY_FIRST_MS; ; pause *= 2) {
      try {
        await this.#disk.rename(from, to)
        return
      } catch (error) {
        const left = since + RETRY_ALL_MS - this.#clock.now()
        if (!this.#disk.patient || !HELD.has(codeOf(error))) throw error
        if (left <= 0) throw heldRefusal(error)
        await wait(this.#clock, Math.min(pause, left))
      }
    }
  }
}
