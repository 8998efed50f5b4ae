import { join } from 'node:path'
import { BoundedMap } from '#transfer/bounded-map.ts'
import { TransferError } from '#transfer/errors.ts'
import { codeOf, nameRefusal, onDisk, sameFile, type Disk, type Info } from './disk.ts'
import type { InboxIdentity } from './inbox-identity.ts'
import { GroupCommit } from './group-commit.ts'

/** A folder of the inbox, as it was when it was reached. */
export interface InboxFolder {
  /** Names of folders below the inbox, outermost first; none for the inbox itself. */
  readonly folders: readonly string[]
  readonly path: string
  readonly info: Info
}

/** Folders whose callers share a lookup and an fsync: phones name as many as they like. Those of one left out do it alone. */
const PATHS_MAX = 1024

/** Looks a folder up, once for all that ask in one turn of the event loop, and never before they asked. */
class SharedLookup {
  readonly #rounds: GroupCommit<null>
  #found: InboxFolder | null = null

  constructor(find: () => Promise<InboxFolder | null>) {
    this.#rounds = new GroupCommit(async () => {
      this.#found = await find()
    })
  }

  async look(): Promise<InboxFolder | null> {
    await this.#rounds.add(null)
    return this.#found
  }
}

/**
 * Makes and checks the folders that files land in. The inbox itself may be a link, because its owner put it there; below it,
 * everything must be a real folder, so that nothing lands outside.
 */
export class InboxFolders {
  readonly #root: string
  readonly #disk: Disk
  readonly #identity: Pick<InboxIdentity, 'look'>
  readonly #syncs = new BoundedMap<string, GroupCommit<null>>(PATHS_MAX)
  readonly #lookups = new BoundedMap<string, SharedLookup>(PATHS_MAX)

  constructor(root: string, disk: Disk, identity: Pick<InboxIdentity, 'look'>) {
    this.#root = root
    this.#disk = disk
    this.#identity = identity
  }

  /**
   * Returns the folder and makes what is missing below the inbox. Throws TransferError `bad-name` where a link or a file is in
   * the way. Many callers share one lookup.
   */
  async reach(folders: readonly string[]): Promise<InboxFolder> {
    return (await this.#look(folders, join(this.#root, ...folders))) ?? this.#reach(folders)
  }

  #reach(folders: readonly string[]): Promise<InboxFolder> {
    return onDisk(async () => {
      let path = this.#root
      let info = await this.#identity.look()
      for (const name of folders) {
        const above = path
        path = join(path, name)
        info = await this.#folder(path).catch((error: unknown) => this.#make(error, path, above))
      }
      return { folders, path, info }
    })
  }

  /** Returns the folder and makes nothing; null where it is not there. */
  async find(folders: readonly string[]): Promise<InboxFolder | null> {
    const found = await this.seek(folders)
    return typeof found === 'string' ? null : found
  }

  /** Returns the folder; `gone` where the inbox is there and the folder is not, `unsure` where nobody can tell. */
  async seek(folders: readonly string[]): Promise<InboxFolder | 'gone' | 'unsure'> {
    let path = this.#root
    let info = await this.#identity.look().catch(() => null)
    if (info === null) return 'unsure'
    try {
      for (const name of folders) {
        path = join(path, name)
        info = await this.#folder(path)
      }
      return { folders, path, info }
    } catch (error) {
      return error instanceof TransferError || codeOf(error) === 'ENOENT' ? 'gone' : 'unsure'
    }
  }

  /**
   * Throws TransferError `disk-error` unless this is still the folder that was reached: not moved, not unplugged, no link in
   * its place. Many callers share one lookup.
   */
  async confirm(folder: InboxFolder): Promise<void> {
    const now = await this.#look(folder.folders, folder.path)
    if (now === null || !sameFile(now.info, folder.info)) throw new TransferError('disk-error')
  }

  /** Makes the names in the folder durable. Many callers share one fsync. */
  sync(folder: Pick<InboxFolder, 'path'>): Promise<void> {
    let sync = this.#syncs.get(folder.path)
    if (sync === undefined) {
      sync = new GroupCommit(() => this.#disk.syncFolder(folder.path))
      this.#syncs.set(folder.path, sync)
    }
    return sync.add(null)
  }

  #look(folders: readonly string[], path: string): Promise<InboxFolder | null> {
    let lookup = this.#lookups.get(path)
    if (lookup === undefined) {
      lookup = new SharedLookup(() => this.find(folders))
      this.#lookups.set(path, lookup)
    }
    return lookup.look()
  }

  async #folder(path: string): Promise<Info> {
    const info = await this.#disk.lstat(path)
    if (info.kind !== 'folder') throw new TransferError('bad-name')
    return info
  }

  async #make(error: unknown, path: string, above: string): Promise<Info> {
    if (codeOf(error) !== 'ENOENT') throw error
    await this.#disk.mkdir(path).catch((made: unknown) => {
      // Another file of the same folder was quicker.
      if (codeOf(made) !== 'EEXIST') throw nameRefusal(made)
    })
    await this.#disk.syncFolder(above)
    return this.#folder(path)
  }
}
