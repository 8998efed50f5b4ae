/**
 * Waiting for a condition that others bring about: they change what it looks at, then call `wake`.
 * Used where a state machine must pause (for credit, for an answer) and may be ended meanwhile.
 */
export class Turn {
  #waiting: (() => void)[] = []
  #error: Error | null = null

  /** Resolves when `condition` holds; rejects with what `fail` was given. */
  async until(condition: () => boolean): Promise<void> {
    for (;;) {
      this.check()
      if (condition()) return
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** Waits for `work`, which never rejects, but no longer than until `fail`: a stalled lane must not hold up an end. */
  async pass(work: Promise<void>): Promise<void> {
    let over = false
    void work.then(() => {
      over = true
      this.wake()
    })
    await this.until(() => over)
  }

  /** Throws what `fail` was given, if it was. */
  check(): void {
    if (this.#error !== null) throw this.#error
  }

  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Ends all waiting, now and later. The first error stays. */
  fail(error: Error): void {
    this.#error ??= error
    this.wake()
  }
}
