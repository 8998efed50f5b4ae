import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { systemClock, type Clock } from './clock.ts'
import type { Disk } from './disk.ts'
import { InboxIdentity } from './inbox-identity.ts'
import { PartJournals } from './part-journal.ts'
import { Landing } from './landing.ts'
import { Ledger } from './ledger.ts'
import { nodeDisk } from './node-disk.ts'
import { InboxFolders } from './inbox-folders.ts'
import { DiskSpace } from './disk-space.ts'

export interface InboxOptions {
  /** Where files land: an existing folder, or a link to one. */
  readonly folder: string
  /** The program's own folder. No other process may use it at the same time. */
  readonly data: string
  readonly disk?: Disk
  readonly clock?: Clock
  /** Called when `isOther` changes. */
  readonly onOther?: () => void
}

/** Holds what all files of one inbox share. */
export interface InboxContext {
  /** The folder of this inbox's journals and ledger. */
  readonly data: string
  readonly disk: Disk
  readonly clock: Clock
  readonly identity: InboxIdentity
  readonly inboxFolders: InboxFolders
  readonly space: DiskSpace
  readonly ledger: Ledger
  readonly journals: PartJournals
  readonly landing: Landing
}

/** Returns the program's folder for this inbox. One for each: paths of part files are relative to their inbox. */
export const dataOf = ({ folder, data }: Pick<InboxOptions, 'folder' | 'data'>): string =>
  join(data, 'transfers', createHash('sha256').update(folder).digest('hex').slice(0, 8))

/** Makes the parts of an inbox and joins them. */
export function inboxContext({
  folder,
  data: program,
  disk = nodeDisk,
  clock = systemClock,
  onOther,
}: InboxOptions): InboxContext {
  const data = dataOf({ folder, data: program })
  const identity = new InboxIdentity({ folder, data, disk, clock, onOther })
  const inboxFolders = new InboxFolders(folder, disk, identity)
  const ledger = new Ledger(disk, join(data, 'ledger.log'))
  return {
    data,
    disk,
    clock,
    identity,
    inboxFolders,
    ledger,
    space: new DiskSpace(disk, clock, folder),
    journals: new PartJournals(disk, data),
    landing: new Landing(disk, clock, inboxFolders, ledger),
  }
}
