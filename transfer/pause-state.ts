import type { Reason } from '#protocol/errors.ts'
import type { Paused } from './transfer-view.ts'

/** Why the disk here pauses a transfer; `needBytes`: how many must become free, where that is known. */
export interface DiskTrouble {
  readonly code: 'disk-full' | 'disk-error'
  readonly needBytes?: number
}

/** Knows what pauses a transfer: a person or the disk, on this side and on the other. */
export class PauseState {
  #here = false
  #there: Paused | null = null
  #disk: DiskTrouble['code'] | null = null
  #needBytes: number | undefined
  readonly #changed: (on: boolean, why: DiskTrouble | null) => void

  /** `changed` tells the other side. */
  constructor(changed: (on: boolean, why: DiskTrouble | null) => void) {
    this.#changed = changed
  }

  get why(): Paused | null {
    return this.#disk ?? (this.#here ? 'here' : this.#there)
  }

  /** Bytes that the disk lacks, here or there, where that is known. */
  get needBytes(): number | undefined {
    return this.#needBytes
  }

  get byDisk(): boolean {
    return this.#disk !== null
  }

  /** Pauses for a person here, or not any more: that also tries the disk again. */
  here(on: boolean): void {
    this.#here = on
    if (!on) this.#clearDisk()
    this.tell()
  }

  /** Ends a pause for the disk, which may have room again. */
  tryDisk(): void {
    if (this.#disk === null) return
    this.#clearDisk()
    this.tell()
  }

  /** Sets what pauses it on the other side; null = nothing does. */
  there(why: Paused | null, needBytes?: number): void {
    this.#there = why
    if (this.#disk === null) this.#needBytes = needBytes
  }

  /** Pauses for the disk here. */
  disk(code: Reason, needBytes: number | undefined): void {
    this.#disk = code === 'disk-full' ? 'disk-full' : 'disk-error'
    this.#needBytes = needBytes
    this.tell()
  }

  /** Tells the other side once more: it may not have heard. */
  tell(): void {
    const need = this.#needBytes !== undefined && { needBytes: this.#needBytes }
    this.#changed(this.#here || this.#disk !== null, this.#disk && { code: this.#disk, ...need })
  }

  #clearDisk(): void {
    this.#disk = null
    this.#needBytes = undefined
  }
}
