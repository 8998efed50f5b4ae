import { keptBytes, type PartJournal } from './part-journal.ts'
import type { Info } from './disk.ts'
import { keyOf } from './ledger.ts'

/** Milliseconds that a file which is not whole may lie there without a new byte. */
const KEEP_MS = 7 * 86_400_000
/** Bytes of them in all; the newest stays whatever it has. */
const KEEP_BYTES = 5_000_000_000

/** A file that began to arrive and can go on. */
export interface PartSummary {
  /** Names it here: for `remove`. */
  readonly key: string
  readonly deviceId: string
  /** The transfer's id, chosen by its sender. */
  readonly id: string
  /** As it was offered. */
  readonly name: string
  /** As it will be called here. */
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

export interface ResumablePart {
  readonly journal: PartJournal
  /** The part as this run has let go of it; null for one of an earlier run, which must be checked block by block. */
  readonly info: Info | null
}

/** All files that can go on, of all devices. */
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
    return [...this.#all].map(([key, { journal }]) => viewOf(key, journal))
  }

  /** Those that have lain too long, or are too much together: the oldest first, never the newest. */
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

function viewOf(key: string, journal: PartJournal): PartSummary {
  const { device: deviceId, id, offered: name, name: lands, folders, size, mtime, at } = journal
  return { key, deviceId, id, name, lands, folders, size, mtime, kept: keptBytes(journal), at }
}
