import type { TransferView } from '#transfer/transfer-view.ts'

/** Milliseconds between two looks at a disk that holds files up. */
const LOOK_EVERY_MS = 5_000

export interface DiskWatchPorts {
  /** Bytes that must become free before so many can be taken. Throws while the folder can't be reached. */
  missing(bytes: number): Promise<number>
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
  readonly #ports: DiskWatchPorts
  readonly #held = new Map<string, Held>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ports: DiskWatchPorts) {
    this.#ports = ports
  }

  /** A transfer as it is now. */
  put(deviceId: string, { id, direction, paused, total, bytes }: TransferView): void {
    const key = `${deviceId}-${id}`
    const byDisk = paused === 'disk-full' || paused === 'disk-error'
    if (direction === 'in' && byDisk) this.#held.set(key, { deviceId, transferId: id, left: total - bytes })
    else this.#held.delete(key)
    if (this.#held.size === 0) this.stop()
    else this.#lookLater()
  }

  /** No more by itself. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => void this.#look(), this.#ports.everyMs ?? LOOK_EVERY_MS).unref()
  }

  /** Each by itself: there may be room for the small one of two. */
  async #look(): Promise<void> {
    for (const [key, { deviceId, transferId, left }] of [...this.#held]) {
      const missing = await this.#ports.missing(left).catch(() => Infinity)
      if (missing === 0 && this.#held.has(key)) this.#ports.tryDisk(deviceId, transferId)
    }
    this.#timer = undefined
    if (this.#held.size > 0) this.#lookLater()
  }
}
