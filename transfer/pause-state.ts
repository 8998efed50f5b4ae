import type { Reason } from '#protocol/errors.ts'
import type { Paused } from './transfer-view.ts'

/** What holds it up on the disk here; `needBytes`: how many must become free, where that is known. */
export interface DiskTrouble {
  readonly code: 'disk-full' | 'disk-error'
  readonly needBytes?: number
}

/** What holds a transfer up, on this side and on the other. */
export class PauseState {
  #here = false
  #there: Paused | null = null
  #disk: DiskTrouble['code'] | null = null
  #needBytes: number | undefined
  readonly #changed: (on: boolean, why: DiskTrouble | null) => void

  /** `changed`: to be told to the other side. */
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

  /** A person here. Saying that it may go on also tries the disk again. */
  here(on: boolean): void {
    this.#here = on
    if (!on) this.#clearDisk()
    this.tell()
  }

  /** The disk may have room again. */
  tryDisk(): void {
    if (this.#disk === null) return
    this.#clearDisk()
    this.tell()
  }

  /** What holds it up on the other side; null = nothing does. */
  there(why: Paused | null, needBytes?: number): void {
    this.#there = why
    if (this.#disk === null) this.#needBytes = needBytes
  }

  disk(code: Reason, needBytes: number | undefined): void {
    this.#disk = code === 'disk-full' ? 'disk-full' : 'disk-error'
    this.#needBytes = needBytes
    this.tell()
  }

  /** Once more, for who may not have heard it. */
  tell(): void {
    const need = this.#needBytes !== undefined && { needBytes: this.#needBytes }
    this.#changed(this.#here || this.#disk !== null, this.#disk && { code: this.#disk, ...need })
  }

  #clearDisk(): void {
    this.#disk = null
    this.#needBytes = undefined
  }
}
