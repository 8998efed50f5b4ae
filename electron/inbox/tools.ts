import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { systemClock, type Clock } from './clock.ts'
import type { Disk } from './disk.ts'
import { Home } from './home.ts'
import { Journals } from './journal.ts'
import { Landing } from './landing.ts'
import { Ledger } from './ledger.ts'
import { nodeDisk } from './node-disk.ts'
import { Places } from './places.ts'
import { Room } from './room.ts'

export interface InboxOptions {
  /** Where files land: an existing folder, or a link to one. */
  readonly folder: string
  /** The program's own folder. No other process may use it at the same time. */
  readonly data: string
  readonly disk?: Disk
  readonly clock?: Clock
  /** What `isOther` says has changed. */
  readonly onOther?: () => void
}

/** What all files of one inbox share. */
export interface Tools {
  /** Where journals and the ledger of this inbox are. */
  readonly data: string
  readonly disk: Disk
  readonly clock: Clock
  readonly home: Home
  readonly places: Places
  readonly room: Room
  readonly ledger: Ledger
  readonly journals: Journals
  readonly landing: Landing
}

/** What is known of one inbox must not be used on another: the paths of parts are relative to it. */
export const dataOf = ({ folder, data }: Pick<InboxOptions, 'folder' | 'data'>): string =>
  join(data, 'transfers', createHash('sha256').update(folder).digest('hex').slice(0, 8))

export function toolsFor({
  folder,
  data: program,
  disk = nodeDisk,
  clock = systemClock,
  onOther,
}: InboxOptions): Tools {
  const data = dataOf({ folder, data: program })
  const home = new Home({ folder, data, disk, clock, onOther })
  const places = new Places(folder, disk, home)
  const ledger = new Ledger(disk, join(data, 'ledger.log'))
  return {
    data,
    disk,
    clock,
    home,
    places,
    ledger,
    room: new Room(disk, clock, folder),
    journals: new Journals(disk, data),
    landing: new Landing(disk, clock, places, ledger),
  }
}
