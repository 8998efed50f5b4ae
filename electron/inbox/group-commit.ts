/** An item that waits for the next round, and its caller. */
interface Waiting<T> {
  readonly item: T
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Does one slow thing for many callers at once: those that come while a round is under way share the next one. So a crowd of
 * small files costs one fsync of their folder a round, and a single one waits for nobody.
 */
export class GroupCommit<T> {
  readonly #most: number
  readonly #round: (items: T[]) => Promise<void>
  #waiting: Waiting<T>[] = []
  #running = false

  constructor(round: (items: T[]) => Promise<void>, most = 200) {
    this.#round = round
    this.#most = most
  }

  /** Adds an item; resolves when a round that began after this call has done it. */
  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (!this.#running) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#running = true
    // All that ask in one turn of the event loop are one round.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, this.#most)
      try {
        await this.#round(some.map(({ item }) => item))
        for (const { resolve } of some) resolve()
      } catch (error) {
        for (const { reject } of some) reject(error)
      }
    }
    this.#running = false
  }
}
