import type { TransferView } from '#transfer/transfer-view.ts'
import { rowId } from '#core/ids.ts'

/** Milliseconds between two looks at a disk that holds files up. */
const LOOK_EVERY_MS = 5_000

export interface DiskWatchOptions {
  /** Bytes that must become free before so many of a file can be taken. Throws while its folder can't be reached. */
  missing(bytes: number, deviceId: string, transferId: string): Promise<number>
  /** There may be room for this file again. */
  tryDisk(deviceId: string, transferId: string): void
  readonly everyMs?: number
}

interface Held {
  readonly deviceId: string
  readonly transferId: string
  /** Bytes that are still to come. */
  readonly left: number
}

/**
 * Files that a full disk or a vanished folder holds up: nobody tells us when there is room again or the folder is back, so
 * the disk is looked at now and then. Nothing ticks while it holds up nothing.
 */
export class DiskWatch {
  readonly #options: DiskWatchOptions
  readonly #held = new Map<string, Held>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: DiskWatchOptions) {
    this.#options = options
  }

  /** Takes a transfer as it is now. */
  put(deviceId: string, { id, direction, paused, total, bytes }: TransferView): void {
    const key = rowId(deviceId, id)
    const byDisk = paused === 'disk-full' || paused === 'disk-error'
    if (direction === 'in' && byDisk) this.#held.set(key, { deviceId, transferId: id, left: total - bytes })
    else this.#held.delete(key)
    if (this.#held.size === 0) this.stop()
    else this.#lookLater()
  }

  /** Stops looking. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => void this.#look(), this.#options.everyMs ?? LOOK_EVERY_MS).unref()
  }

  /** Looks for each file by itself: there may be room for the small one of two. */
  async #look(): Promise<void> {
    for (const [key, { deviceId, transferId, left }] of [...this.#held]) {
      const missing = await this.#options.missing(left, deviceId, transferId).catch(() => Infinity)
      if (missing === 0 && this.#held.has(key)) this.#options.tryDisk(deviceId, transferId)
    }
    this.#timer = undefined
    if (this.#held.size > 0) this.#lookLater()
  }
}
