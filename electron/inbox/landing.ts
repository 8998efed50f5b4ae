import { join } from 'node:path'
import type { Landed } from '#transfer/sink.ts'
import type { Clock } from './clock.ts'
import type { Disk, Info } from './disk.ts'
import { onDisk } from './disk-errors.ts'
import { Gathering } from './gathering.ts'
import type { LandedLine, Ledger, PartLine } from './ledger.ts'
import { giveName } from './naming.ts'
import { removeOwnPart, removePart } from './parts.ts'
import type { Place, Places } from './places.ts'

/** A part that is whole, checked and durable. */
export interface Whole {
  readonly line: PartLine
  readonly place: Place
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
  readonly #places: Places
  readonly #ledger: Ledger
  readonly #marks: Gathering<string>

  constructor(disk: Disk, clock: Clock, places: Places, ledger: Ledger) {
    this.#disk = disk
    this.#clock = clock
    this.#places = places
    this.#ledger = ledger
    this.#marks = new Gathering((paths) => disk.mark(paths).catch(() => undefined))
  }

  /** Resolves when the file has its name and keeps it. Else it is a part as before. */
  land(whole: Whole): Promise<Landed> {
    return onDisk(async () => {
      const { place, line, root, sha256, times } = whole
      await this.#places.confirm(place)
      await this.#marks.add(join(place.path, line.part))
      const name = await this.#name(whole)
      const { device, id, folders } = line
      await this.#ledger.sayLanded({ t: 'landed', device, id, folders, name, root, ...(times && { times }) })
      if (await removeOwnPart(this.#disk, place, line.part)) this.#ledger.dropped(line.part, place.path)
      return { name, path: join(place.path, name), sha256 }
    })
  }

  /** Removes a part. What can't be removed now will be at the next start. */
  async drop(place: Place, part: string): Promise<void> {
    const there = await this.#places.confirm(place).then(
      () => true,
      () => false,
    )
    if (there && (await removePart(this.#disk, place, part))) this.#ledger.dropped(part, place.path)
  }

  async #name({ line, place, info, root }: Whole): Promise<string> {
    const ports = {
      disk: this.#disk,
      clock: this.#clock,
      willHold: (name: string) => this.#ledger.say({ ...line, t: 'naming', name, root }),
    }
    const { name, undo } = await giveName(ports, place.path, line.part, line.name, info)
    try {
      await this.#places.sync(place)
      return name
    } catch (error) {
      await undo().catch(() => undefined)
      throw error
    }
  }
}
