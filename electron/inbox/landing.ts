import { join } from 'node:path'
import type { Landed } from '#transfer/sink.ts'
import type { Clock } from './clock.ts'
import type { Disk, Info } from './disk.ts'
import { onDisk } from './disk-errors.ts'
import { GroupCommit } from './group-commit.ts'
import type { LandedLine, Ledger, PartLine } from './ledger.ts'
import { giveName } from './naming.ts'
import { removeOwnPart, removePart } from './part-names.ts'
import type { InboxFolder, InboxFolders } from './inbox-folders.ts'

/** A part that is whole, checked and durable. */
export interface WholePart {
  readonly line: PartLine
  readonly folder: InboxFolder
  /** What the part is like; asked only where its name is taken, perhaps by itself. */
  readonly info: () => Promise<Info>
  readonly root: string
  readonly sha256: string
  /** The time that was offered and the one that the disk has kept, where it could not keep that. */
  readonly times: LandedLine['times'] | null
}

/**
 * The last steps of every file, in the order that a crash can't hurt: its name, then the folder, then the word that it
 * has landed, and only then the part goes.
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

  /** Resolves when the file has its name and keeps it. Else it is a part as before. */
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

  /** Removes a part. What can't be removed now will be at the next start. */
  async drop(folder: InboxFolder, part: string): Promise<void> {
    const there = await this.#inboxFolders.confirm(folder).then(
      () => true,
      () => false,
    )
    if (there && (await removePart(this.#disk, folder, part))) this.#ledger.dropped(part, folder.path)
  }

  async #name({ line, folder, info, root }: WholePart): Promise<string> {
    const ports = {
      disk: this.#disk,
      clock: this.#clock,
      willHold: (name: string) => this.#ledger.say({ ...line, t: 'naming', name, root }),
    }
    const { name, undo } = await giveName(ports, folder.path, line.part, line.name, info)
    try {
      await this.#inboxFolders.sync(folder)
      return name
    } catch (error) {
      await undo().catch(() => undefined)
      throw error
    }
  }
}
