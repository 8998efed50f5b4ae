import { blockLength } from '#protocol/blocks.ts'
import { refusal } from './disk.ts'
import type { PartJournal } from './part-journal.ts'
import type { PartFile } from './part-file.ts'
import type { InboxContext } from './inbox-context.ts'

/** Bytes, and milliseconds of receiving, that a crash may cost at most. An fsync is slow on some systems: not one a block. */
const EVERY_BYTES = 67_108_864
const EVERY_MS = 5_000
/** A journal is written whole; for files above 16 GiB, all of them together stay below a hundredth of the file. */
const SAVES_MAX = 256

/** Tracks which blocks of a part file are kept, and lists a block in the journal only once it is durable. */
export class PartProgress {
  readonly #part: PartFile
  readonly #context: InboxContext
  readonly #hashes: (string | undefined)[]
  /** What may be said of the part file after a crash. */
  #journal: PartJournal
  /** What the journal on the disk says. */
  #written: PartJournal | null
  #undurable = 0
  #queue: Promise<void> = Promise.resolve()
  /** The save that is queued and has not begun. */
  #asked: Promise<void> | null = null
  #stopTimer: (() => void) | null = null
  #error: Error | null = null

  /** `written`: the journal as it is on the disk, if there is one. It may list more blocks than there are. */
  constructor(journal: PartJournal, written: PartJournal | null, part: PartFile, context: InboxContext) {
    this.#journal = journal
    this.#written = written
    this.#part = part
    this.#context = context
    this.#hashes = journal.hashes.map((hash) => hash ?? undefined)
  }

  /** The journal of all that is durable. */
  get journal(): PartJournal {
    return this.#journal
  }

  /** The hashes of all blocks that are kept, durable or not yet. */
  get hashes(): readonly (string | undefined)[] {
    return this.#hashes
  }

  /** Returns whether something says, or may soon say, that this block is here. */
  claims(index: number): boolean {
    const said = [this.#hashes, this.#journal.hashes, this.#written?.hashes ?? []]
    return said.some((hashes) => (hashes[index] ?? null) !== null)
  }

  /** Bytes that a crash would cost now. */
  get undurableBytes(): number {
    return this.#undurable
  }

  /** Throws when the disk could not make durable what it had taken: nobody knows then what it has. */
  check(): void {
    if (this.#error !== null) throw this.#error
  }

  keep(index: number, hash: string): void {
    this.#hashes[index] = hash
    this.#undurable += blockLength(this.#journal.size, index)
    if (this.#undurable >= this.#everyBytes) void this.save()
    else this.#saveLater()
  }

  /** Takes a block out of the journal, durably, before it is written again. */
  unkeep(index: number): Promise<void> {
    this.#hashes[index] = undefined
    return this.#next(async () => {
      const hashes = this.#journal.hashes.map((hash, i) => (i === index ? null : hash))
      this.#journal = { ...this.#journal, hashes }
      // Also without the blocks that turned out to be wrong when the part file was opened.
      await this.#write(this.#journal)
    })
  }

  /** Resolves when all that is kept now is durable, or can't be made so; see `check`. */
  save(): Promise<void> {
    this.#asked ??= this.#next(() => {
      this.#asked = null
      return this.#save()
    })
    return this.#asked
  }

  /** Stops saving by itself, and waits for a save under way. */
  async stop(): Promise<void> {
    this.#cancelTimer()
    await this.#queue
  }

  /** Records that the disk did not take what it had been given. */
  fail(error: unknown): Error {
    this.#error ??= refusal(error)
    return this.#error
  }

  get #everyBytes(): number {
    return Math.max(EVERY_BYTES, this.#journal.size / SAVES_MAX)
  }

  #saveLater(): void {
    this.#stopTimer ??= this.#context.clock.after(EVERY_MS, () => {
      this.#stopTimer = null
      void this.save()
    })
  }

  #cancelTimer(): void {
    this.#stopTimer?.()
    this.#stopTimer = null
  }

  /** Runs saves one after the other: two would write into the same file. */
  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #save(): Promise<void> {
    this.#cancelTimer()
    if (this.#error !== null) return
    const hashes = Array.from(this.#hashes, (hash) => hash ?? null)
    this.#undurable = 0
    try {
      await this.#part.sync()
    } catch (error) {
      this.fail(error)
      return
    }
    this.#journal = { ...this.#journal, hashes, at: this.#context.clock.now() }
    // An older journal says less, which is no harm: the next one may be written.
    await this.#write(this.#journal).catch(() => undefined)
  }

  async #write(journal: PartJournal): Promise<void> {
    await this.#context.journals.write(journal)
    this.#written = journal
  }
}
