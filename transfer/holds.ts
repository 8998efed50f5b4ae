import type { Reason } from '#protocol/errors.ts'
import type { Paused } from './view.ts'

/** What holds a transfer up, on this side and on the other. */
export class Holds {
  #here = false
  #there: Paused | null = null
  #disk: 'disk-full' | 'disk-error' | null = null
  /** Bytes that the disk lacks, where that is known. */
  needBytes: number | undefined
  readonly #changed: (on: boolean, code?: Reason) => void

  /** `changed`: to be told to the other side. */
  constructor(changed: (on: boolean, code?: Reason) => void) {
    this.#changed = changed
  }

  get why(): Paused | null {
    return this.#disk ?? (this.#here ? 'here' : this.#there)
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
  there(why: Paused | null): void {
    this.#there = why
  }

  disk(code: Reason, needBytes: number | undefined): void {
    this.#disk = code === 'disk-full' ? 'disk-full' : 'disk-error'
    this.needBytes = needBytes
    this.tell()
  }

  /** Once more, for who may not have heard it. */
  tell(): void {
    this.#changed(this.#here || this.#disk !== null, this.#disk ?? undefined)
  }

  #clearDisk(): void {
    this.#disk = null
    this.needBytes = undefined
  }
}
