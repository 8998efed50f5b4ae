import type { Clock } from '../clock.ts'

/** Time that goes when the test says so; with `hurry`, all waiting is over at once. */
export class TestClock implements Clock {
  ms = Date.UTC(2026, 0, 1)
  hurry = false
  readonly #waiting = new Map<() => void, number>()

  now(): number {
    return this.ms
  }

  after(ms: number, then: () => void): () => void {
    if (this.hurry) {
      this.ms += ms
      setImmediate(then)
      return () => undefined
    }
    const run = (): void => then()
    this.#waiting.set(run, this.ms + ms)
    return () => this.#waiting.delete(run)
  }

  pass(ms: number): void {
    this.ms += ms
    for (const [run, at] of this.#waiting) {
      if (at > this.ms) continue
      this.#waiting.delete(run)
      run()
    }
  }
}
