import { TransferError } from '#transfer/errors.ts'
import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'

/** Bytes that we leave to everybody else: a system whose disk is full to the brim does not work well. */
export const RESERVE_BYTES = 200_000_000
/** Milliseconds for which the disk's answer is believed; a crowd of small files asks once. */
const BELIEVE_MS = 500

/** A promise of room for a file that is coming. */
export interface Reservation {
  /** So many bytes of it are on the disk now: they are no longer free anyway. */
  filled(bytes: number): void
  release(): void
}

/** The room on the inbox's disk, shared by all files that are under way. */
export class DiskSpace {
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #folder: string
  /** Bytes that were promised and are not written yet. */
  #reserved = 0
  #free: number | null = null
  #askedAt = -Infinity

  constructor(disk: Disk, clock: Clock, folder: string) {
    this.#disk = disk
    this.#clock = clock
    this.#folder = folder
  }

  /** Throws TransferError `disk-full` with what is needed, or what the disk throws. */
  async reserve(bytes: number): Promise<Reservation> {
    await this.#ask()
    const missing = this.#missing(bytes)
    if (missing > 0) throw new TransferError('disk-full', { needBytes: missing })
    let left = bytes
    this.#reserved += left
    const filled = (written: number): void => {
      const now = Math.min(written, left)
      left -= now
      this.#reserved -= now
    }
    return { filled, release: () => filled(left) }
  }

  /** Bytes that must become free before a file can have `bytes` more; 0 = there is room. Throws what the disk throws. */
  async missing(bytes: number): Promise<number> {
    await this.#ask()
    return this.#missing(bytes)
  }

  /** The disk has just said that it is full, whatever it said before; `bytes` are still to come of this file. */
  async full(bytes: number, cause: unknown): Promise<TransferError> {
    this.#askedAt = -Infinity
    const missing = await this.missing(0).catch(() => 0)
    // A quota is nothing that the disk counts.
    return new TransferError('disk-full', { needBytes: Math.max(missing, bytes), cause })
  }

  #missing(bytes: number): number {
    return this.#free === null ? 0 : Math.max(0, bytes + this.#reserved + RESERVE_BYTES - this.#free)
  }

  async #ask(): Promise<void> {
    const age = this.#clock.now() - this.#askedAt
    // A clock that was set back must not make it believed for ever.
    if (age >= 0 && age < BELIEVE_MS) return
    this.#free = await this.#disk.free(this.#folder)
    this.#askedAt = this.#clock.now()
  }
}
