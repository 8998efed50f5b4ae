interface Span {
  readonly from: number
  /** Not included. */
  readonly to: number
}

/** Holes that are remembered: who asks for every second byte must not make a list as long as the file. */
const SPANS_MAX = 1024

/** Which bytes of a file were sent so far, whatever ranges they were asked for in, and however often. */
export class Covered {
  readonly #size: number
  // In order, with a hole between any two.
  #spans: readonly Span[] = []

  constructor(size: number) {
    this.#size = size
  }

  /** `to` is not included. */
  add(from: number, to: number): void {
    const before = this.#spans.filter((span) => span.to < from)
    const after = this.#spans.filter((span) => span.from > to)
    const touching = this.#spans.slice(before.length, this.#spans.length - after.length)
    const joined = { from: Math.min(from, ...touching.map((span) => span.from)), to: Math.max(to, ...touching.map((span) => span.to)) } // prettier-ignore
    const spans = [...before, joined, ...after]
    // One too many is forgotten: the file then counts as not wholly sent, which is the harmless mistake.
    if (spans.length <= SPANS_MAX) this.#spans = spans
  }

  get bytes(): number {
    return this.#spans.reduce((sum, { from, to }) => sum + to - from, 0)
  }

  get isWhole(): boolean {
    return this.bytes === this.#size
  }
}
