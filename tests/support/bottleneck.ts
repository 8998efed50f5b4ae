/** The narrowest place of a way: what comes while it is busy waits for its turn. */
export class Bottleneck {
  /** Bits a second; may change at any time. */
  bitRate: number
  #freeAt = 0

  /** Bits a second; without end by default. */
  constructor(bitRate = Infinity) {
    this.bitRate = bitRate
  }

  /** ms until these bytes are through. */
  wait(bytes: number): number {
    const now = performance.now()
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes * 8_000) / this.bitRate
    return this.#freeAt - now
  }
}
