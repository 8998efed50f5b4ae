import { TransferError } from '#transfer/errors.ts'
import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'

/** Bytes that we leave to everybody else: a system whose disk is full to the brim does not work well. */
export const RESERVE_BYTES = 200_000_000
/** Milliseconds for which the disk's answer is believed; a crowd of small files asks once. */
const BELIEVE_MS = 500

/** Disk space set aside for a file that is arriving. */
export interface Reservation {
  /** Gives back what is on the disk by now and no longer free anyway. */
  filled(bytes: number): void
  release(): void
}

/** Shares the free space of the inbox's disk among all files that are arriving. */
export class DiskSpace {
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #folder: string
  /** Bytes that are reserved and not written yet. */
  #reserved = 0
  #free: number | null = null
  #askedAt = -Infinity

  constructor(disk: Disk, clock: Clock, folder: string) {
    this.#disk = disk
    this.#clock = clock
    this.#folder = folder
  }

  /** Reserves space for a file. Throws TransferError `disk-full` with what is needed, or what the disk throws. */
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

  /** Returns the bytes that must become free before a file can have `bytes` more; 0 = none. Throws what the disk throws. */
  async missing(bytes: number): Promise<number> {
    await this.#ask()
    return this.#missing(bytes)
  }

  /** Makes the error for a disk that has just said it is full, whatever it said before; `bytes` are still to come. */
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
    // A clock that was set back must not make the answer believed for ever.
    if (age >= 0 && age < BELIEVE_MS) return
    this.#free = await this.#disk.free(this.#folder)
    this.#askedAt = this.#clock.now()
  }
}
