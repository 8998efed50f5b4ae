/**
 * Waits for a condition that others bring about: they change what it looks at, then call `wake`.
 * Used where a state machine must pause (for credit, for an answer) and may be ended meanwhile.
 */
export class Condition {
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

  /** Rejects all waiting, now and later. The first error stays. */
  fail(error: Error): void {
    this.#error ??= error
    this.wake()
  }
}

/** Lets so many in at a time; who comes later waits in order. */
export class Semaphore {
  #free: number
  readonly #waiting: { readonly places: number; readonly enter: () => void }[] = []

  constructor(places: number) {
    this.#free = places
  }

  /** Resolves, once there are so many places, to the way out, which works once. */
  async enter(places = 1): Promise<() => void> {
    if (this.#waiting.length === 0 && this.#free >= places) this.#free -= places
    else await new Promise<void>((enter) => this.#waiting.push({ places, enter }))
    let inside = true
    return () => {
      if (inside) this.#leave(places)
      inside = false
    }
  }

  #leave(places: number): void {
    this.#free += places
    for (let next = this.#waiting[0]; next !== undefined && next.places <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#free -= next.places
      next.enter()
    }
  }
}
