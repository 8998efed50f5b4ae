import { createHash } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'
import { blockCount, blockLength } from '#protocol/blocks.ts'
import { codeOf, replaceText, type Disk, type Info } from './disk.ts'
import { keyOf } from './ledger.ts'
import { CleanName, Folders, PartName } from './part-names.ts'

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

/** What survives a crash about a part file. It may lag behind the part file, never lead it. */
const PartJournal = v.pipe(
  v.object({
    v: v.literal(1),
    device: v.pipe(v.string(), v.maxLength(256)),
    id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
    /** The name as it was offered, and the one under which the file will land. */
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

/** Returns the bytes of the blocks that are kept. */
export const keptBytes = ({ size, hashes }: Pick<PartJournal, 'size' | 'hashes'>): number =>
  hashes.reduce((sum, hash, i) => (hash === null ? sum : sum + blockLength(size, i)), 0)

/** Names a journal by device and id together: nobody who knows an id gets at the journal of another device. */
const fileOf = (device: string, id: string): string =>
  `${createHash('sha256').update(keyOf(device, id)).digest('hex').slice(0, 32)}.json`

/** Stores the journals of part files in one folder, one small file each. */
export class PartJournals {
  readonly #disk: Disk
  readonly #folder: string

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = folder
  }

  /** Resolves when the journal is durable; a crash leaves the one before, or this one. */
  write(journal: PartJournal): Promise<void> {
    const path = join(this.#folder, fileOf(journal.device, journal.id))
    return replaceText(this.#disk, this.#folder, path, JSON.stringify(journal))
  }

  /**
   * Removes the journal, durably as far as the disk lets us: only then may its part file go, for a crash must not bring back
   * the journal alone.
   */
  async remove({ device, id }: Pick<PartJournal, 'device' | 'id'>): Promise<void> {
    const removed = this.#disk.unlink(join(this.#folder, fileOf(device, id)))
    // Mostly there is none: the file was complete before the first save.
    await removed.then(() => this.#disk.syncFolder(this.#folder)).catch(() => undefined)
  }

  /**
   * Loads all journals that make sense and removes those that do not, for they would be no better the next time. One that
   * can't be read now stays and counts as `unread`: nobody knows what its part file is.
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

/** Milliseconds for which a part file is kept without a new byte. */
const KEEP_MS = 7 * 86_400_000
/** Bytes of all part files together; the newest stays whatever it has. */
const KEEP_BYTES = 5_000_000_000

/** Describes a part file that can be resumed. */
export interface PartSummary {
  /** For `Inbox.removePart`. */
  readonly key: string
  readonly deviceId: string
  /** The transfer's id, chosen by its sender. */
  readonly id: string
  /** The name as it was offered. */
  readonly name: string
  /** The name under which the file will land. */
  readonly lands: string
  /** Folders below the inbox. */
  readonly folders: readonly string[]
  /** Bytes; milliseconds since 1970. */
  readonly size: number
  readonly mtime: number
  /** Bytes that need not be sent again. */
  readonly kept: number
  /** When a byte of it was last made safe, in milliseconds since 1970. */
  readonly at: number
}

/** A part file that nobody is writing to. */
export interface ResumablePart {
  readonly journal: PartJournal
  /** The part file as this run has closed it; null for one of an earlier run, which must be checked block by block. */
  readonly info: Info | null
}

/** The part files that can be resumed, of all devices. */
export class ResumableParts {
  readonly #all = new Map<string, ResumablePart>()

  put(resumable: ResumablePart): void {
    this.#all.set(keyOf(resumable.journal.device, resumable.journal.id), resumable)
  }

  get(key: string): ResumablePart | null {
    return this.#all.get(key) ?? null
  }

  delete(key: string): void {
    this.#all.delete(key)
  }

  list(): PartSummary[] {
    return [...this.#all].map(([key, { journal }]) => summaryOf(key, journal))
  }

  /** Returns the keys of part files that are too old, or too large together: the oldest first, never the newest. */
  tooMany(nowMs: number, isOpen: (key: string) => boolean): string[] {
    const newestFirst = this.list()
      .filter(({ key }) => !isOpen(key))
      .sort((a, b) => b.at - a.at)
    let bytes = 0
    return newestFirst.flatMap(({ key, at, kept }, i) => {
      bytes += kept
      return nowMs - at > KEEP_MS || (bytes > KEEP_BYTES && i > 0) ? key : []
    })
  }
}

function summaryOf(key: string, journal: PartJournal): PartSummary {
  const { device: deviceId, id, offered: name, name: lands, folders, size, mtime, at } = journal
  return { key, deviceId, id, name, lands, folders, size, mtime, kept: keptBytes(journal), at }
}
