import type { Part } from '#protocol/blocks.ts'
import { ProtocolError } from '#protocol/errors.ts'
import { CREDIT_BYTES } from '#protocol/limits.ts'

/** Parts of files that were never offered. One is a mistake; so many are no sender of ours. */
const UNKNOWN_MAX = 50
/** Bytes of a file that has ended: what was under way when it did, and as much again that a lane's loss had sent twice. */
const ENDED_BYTES_MAX = 2 * CREDIT_BYTES
/** Ended files of which parts still came: counted apart, up to so many. */
const ENDED_MAX = 1_024

/** Parts that belong to no file of now. Some are nobody's fault: they were under way when their file was stopped. */
export class Strays {
  readonly #parity: 0 | 1
  #highest = -1
  #unknown = 0
  readonly #ended = new Map<number, number>()

  /** `parity` of our own numbers. */
  constructor(parity: 0 | 1) {
    this.#parity = parity
  }

  offered(n: number): void {
    this.#highest = Math.max(this.#highest, n)
  }

  /** The other side has begun anew, with its numbers too. */
  forget(): void {
    this.#highest = -1
    this.#ended.clear()
  }

  /** Throws ProtocolError when it is too much. */
  count({ n, payload }: Part): void {
    if (n > this.#highest || n % 2 === this.#parity) {
      if (++this.#unknown > UNKNOWN_MAX) throw ProtocolError.malformed('parts of nothing')
      return
    }
    const bytes = (this.#ended.get(n) ?? 0) + payload.byteLength
    if (bytes > ENDED_BYTES_MAX) throw new ProtocolError('overrun', 'parts of a file that has ended')
    if (this.#ended.size >= ENDED_MAX) this.#ended.clear()
    this.#ended.set(n, bytes)
  }
}
