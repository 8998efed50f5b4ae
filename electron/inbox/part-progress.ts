import { blockLength } from '#protocol/blocks.ts'
import { refusal } from './disk-errors.ts'
import type { PartJournal } from './part-journal.ts'
import type { PartFile } from './part-file.ts'
import type { InboxContext } from './inbox-context.ts'

/** Bytes, and milliseconds, that a crash may cost at most. An fsync is slow on some systems, so it is not for every block. */
const EVERY_BYTES = 67_108_864
const EVERY_MS = 5_000
/** A journal is written whole; for files above 16 GiB, all of them together stay below a hundredth of the file. */
const SAVES_MAX = 256

type PartProgressPorts = Pick<InboxContext, 'clock' | 'journals'>

/** Which blocks are kept, and that the journal says so of a block only once it is on the disk. */
export class PartProgress {
  readonly #part: PartFile
  readonly #ports: PartProgressPorts
  readonly #hashes: (string | undefined)[]
  /** What may be said of the part after a crash. */
  #journal: PartJournal
  /** What the journal on the disk says. */
  #written: PartJournal | null
  #unsafeBytes = 0
  #queue: Promise<void> = Promise.resolve()
  /** A save that has not begun. */
  #asked: Promise<void> | null = null
  #stopTimer: (() => void) | null = null
  #error: Error | null = null

  /** `written`: the journal as it is on the disk, if there is one. It may say more than is true. */
  constructor(journal: PartJournal, written: PartJournal | null, part: PartFile, ports: PartProgressPorts) {
    this.#journal = journal
    this.#written = written
    this.#part = part
    this.#ports = ports
    this.#hashes = journal.hashes.map((hash) => hash ?? undefined)
  }

  /** Of all that is safe. */
  get journal(): PartJournal {
    return this.#journal
  }

  /** Of all blocks that are kept, safe or not yet. */
  get hashes(): readonly (string | undefined)[] {
    return this.#hashes
  }

  /** Something says, or may soon say, that this block is here. */
  claims(index: number): boolean {
    const said = [this.#hashes, this.#journal.hashes, this.#written?.hashes ?? []]
    return said.some((hashes) => (hashes[index] ?? null) !== null)
  }

  /** Bytes that a crash would cost now. */
  get unsafeBytes(): number {
    return this.#unsafeBytes
  }

  /** Throws when the disk could not make safe what it had taken: nobody knows then what it has. */
  check(): void {
    if (this.#error !== null) throw this.#error
  }

  keep(index: number, hash: string): void {
    this.#hashes[index] = hash
    this.#unsafeBytes += blockLength(this.#journal.size, index)
    if (this.#unsafeBytes >= this.#everyBytes) void this.save()
    else this.#saveLater()
  }

  /** A block will be written, perhaps again: before that, nothing may say any more that it is here. */
  unkeep(index: number): Promise<void> {
    this.#hashes[index] = undefined
    return this.#next(async () => {
      const hashes = this.#journal.hashes.map((hash, i) => (i === index ? null : hash))
      this.#journal = { ...this.#journal, hashes }
      // Also of those that turned out to be wrong when it was opened.
      await this.#write(this.#journal)
    })
  }

  /** Resolves when all that is kept now is safe, or can't be made so; see `check`. */
  save(): Promise<void> {
    this.#asked ??= this.#next(() => {
      this.#asked = null
      return this.#save()
    })
    return this.#asked
  }

  /** No more by itself. */
  async stop(): Promise<void> {
    this.#cancelTimer()
    await this.#queue
  }

  /** The disk did not take what it had been given. */
  fail(error: unknown): Error {
    this.#error ??= refusal(error)
    return this.#error
  }

  get #everyBytes(): number {
    return Math.max(EVERY_BYTES, this.#journal.size / SAVES_MAX)
  }

  #saveLater(): void {
    this.#stopTimer ??= this.#ports.clock.after(EVERY_MS, () => {
      this.#stopTimer = null
      void this.save()
    })
  }

  #cancelTimer(): void {
    this.#stopTimer?.()
    this.#stopTimer = null
  }

  /** One after the other: two would write into the same file. */
  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #save(): Promise<void> {
    this.#cancelTimer()
    if (this.#error !== null) return
    const hashes = Array.from(this.#hashes, (hash) => hash ?? null)
    this.#unsafeBytes = 0
    try {
      await this.#part.sync()
    } catch (error) {
      this.fail(error)
      return
    }
    this.#journal = { ...this.#journal, hashes, at: this.#ports.clock.now() }
    // An older journal says less, which is no harm: the next one may be written.
    await this.#write(this.#journal).catch(() => undefined)
  }

  async #write(journal: PartJournal): Promise<void> {
    await this.#ports.journals.write(journal)
    this.#written = journal
  }
}
