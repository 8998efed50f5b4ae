import { createHash } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'
import { blockCount, blockLength } from '#protocol/blocks.ts'
import { replaceText, type Disk } from './disk.ts'
import { codeOf } from './disk-errors.ts'
import { keyOf } from './ledger.ts'
import { CleanName, Folders, PartName } from './part-names.ts'

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

/** What is known of a file that is not whole yet, as it outlives a crash. It may lag behind the part, never lead it. */
const PartJournal = v.pipe(
  v.object({
    v: v.literal(1),
    device: v.pipe(v.string(), v.maxLength(256)),
    id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
    /** As it was offered, and as it will be called here. */
    offered: v.string(),
    name: CleanName,
    folders: Folders,
    /** Bytes, and milliseconds since 1970. */
    size: Count,
    mtime: v.pipe(v.number(), v.safeInteger()),
    part: PartName,
    /** SHA-256 of each block that is safe; null where it is not. */
    hashes: v.array(v.nullable(Hash)),
    /** When a block was last added, in milliseconds since 1970. */
    at: Count,
  }),
  v.check(({ size, hashes }) => hashes.length <= blockCount(size)),
)
export type PartJournal = v.InferOutput<typeof PartJournal>

/** Bytes of the blocks that are kept. */
export const keptBytes = ({ size, hashes }: Pick<PartJournal, 'size' | 'hashes'>): number =>
  hashes.reduce((sum, hash, i) => (hash === null ? sum : sum + blockLength(size, i)), 0)

/** Of device and id alone: nobody who knows an id gets at the journal of another device. */
const fileOf = (device: string, id: string): string =>
  `${createHash('sha256').update(keyOf(device, id)).digest('hex').slice(0, 32)}.json`

/** The folder of journals, one small file for each. */
export class PartJournals {
  readonly #disk: Disk
  readonly #folder: string

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = folder
  }

  /** Resolves when it is durable; a crash leaves the one before, or this one. */
  write(journal: PartJournal): Promise<void> {
    const path = join(this.#folder, fileOf(journal.device, journal.id))
    return replaceText(this.#disk, this.#folder, path, JSON.stringify(journal))
  }

  /** Durably, as far as the disk lets us: only then may its part go, for a crash must not bring back the journal alone. */
  async remove({ device, id }: Pick<PartJournal, 'device' | 'id'>): Promise<void> {
    const removed = this.#disk.unlink(join(this.#folder, fileOf(device, id)))
    // Mostly there is none: the file was quicker.
    await removed.then(() => this.#disk.syncFolder(this.#folder)).catch(() => undefined)
  }

  /**
   * All that make sense; what does not is removed, for it would be no better the next time. One that can't be read now stays,
   * and is among the `unread`: nobody knows what its part is.
   */
  async load(): Promise<{ readonly journals: PartJournal[]; readonly unread: number }> {
    const journals: PartJournal[] = []
    let unread = 0
    for (const name of await this.#disk.readdir(this.#folder)) {
      if (!/\.json(\.new)?$/u.test(name)) continue
      try {
        const text = await this.#disk.readText(join(this.#folder, name))
        const journal = parseJournal(text, name)
        if (journal === null) await this.#disk.unlink(join(this.#folder, name)).catch(() => undefined)
        else journals.push(journal)
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') unread++
      }
    }
    return { journals, unread }
  }
}

function parseJournal(text: string, name: string): PartJournal | null {
  try {
    const journal = v.parse(PartJournal, JSON.parse(text))
    return name === fileOf(journal.device, journal.id) ? journal : null
  } catch {
    return null
  }
}
