/** Milliseconds that a speed looks back: long enough to be calm, short enough to notice a stall. */
const WINDOW_MS = 3000
/** Below this a speed is chance: the first blocks of a transfer leave in one burst. */
const SPAN_MIN_MS = 400

interface Sample {
  readonly atMs: number
  readonly bytes: number
}

/**
 * Computes speed and time left of one transfer, from samples of how many bytes are through in all. Sampling must go on while
 * nothing moves, otherwise a stalled transfer keeps its last speed.
 */
export class SpeedMeter {
  #samples: Sample[] = []

  /** Adds a sample; `bytes` is cumulative. A count that falls means the transfer began again: what was before is forgotten. */
  add(atMs: number, bytes: number): void {
    const last = this.#samples[this.#samples.length - 1]
    if (last !== undefined && (bytes < last.bytes || atMs < last.atMs)) this.#samples = []
    this.#samples.push({ atMs, bytes })
    // One sample at or before the window's edge stays, so that the window is always covered.
    const edge = atMs - WINDOW_MS
    while ((this.#samples[1]?.atMs ?? Infinity) <= edge) this.#samples.shift()
  }

  /** The speed; null until enough is known. */
  get bytesPerSecond(): number | null {
    const first = this.#samples[0]
    const last = this.#samples[this.#samples.length - 1]
    if (first === undefined || last === undefined || last.atMs - first.atMs < SPAN_MIN_MS) return null
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs)
  }

  /** Returns the seconds until `total` bytes are through; null when unknown or standing still. */
  secondsLeft(total: number): number | null {
    const speed = this.bytesPerSecond
    const last = this.#samples[this.#samples.length - 1]
    if (speed === null || speed <= 0 || last === undefined) return null
    return Math.max(0, total - last.bytes) / speed
  }
}
