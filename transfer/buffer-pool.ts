type Bytes = Uint8Array<ArrayBuffer>

/** Bytes below which memory is made anew: it costs next to nothing, and would keep a large piece from its work. */
const SMALL_BYTES = 16_384

/**
 * Keeps memory that nobody reads any more, to be filled again. Fresh memory is the dearest part of a transfer: the system
 * gives it page by page and takes it back again, three milliseconds for a MB on a slow machine, where copying takes 0.06.
 * What is in use is bounded by whoever takes it; what is kept here by `spareMax`.
 */
export class BufferPool {
  readonly #bytes: number
  readonly #spareMax: number
  #spare: ArrayBuffer[] = []

  /** `bytes`: of each piece. `spareMax`: pieces that are kept. */
  constructor(bytes: number, spareMax: number) {
    this.#bytes = bytes
    this.#spareMax = spareMax
  }

  /** Returns `length` bytes of whatever content, at the start of their memory, which may be larger. */
  take(length: number): Bytes {
    if (length < SMALL_BYTES || length > this.#bytes) return new Uint8Array(length)
    return new Uint8Array(this.#spare.pop() ?? new ArrayBuffer(this.#bytes), 0, length)
  }

  /** Takes memory back that nobody reads any more. What is not of this pool, or too much of it, is left to the collector. */
  giveBack(memory: ArrayBuffer): void {
    if (memory.byteLength === this.#bytes && this.#spare.length < this.#spareMax) this.#spare.push(memory)
  }

  /** Forgets what is kept. */
  clear(): void {
    this.#spare = []
  }
}
