/** What one side has sent and nobody has looked at yet, and waiting for the next of it. */
export class Mailbox<T> {
  /** All that ever came, in order. */
  readonly all: T[] = []
  readonly #unread: T[] = []
  readonly #waiting = new Set<() => void>()
  #end: string | null = null

  put(one: T): void {
    this.all.push(one)
    this.#unread.push(one)
    this.#wake()
  }

  /** Nothing more will come, and why. */
  end(why: string): void {
    this.#end ??= why
    this.#wake()
  }

  get hasEnded(): boolean {
    return this.#end !== null
  }

  /** Takes out the first that `test` holds for; what came before it stays. Throws after `ms`, or once nothing more can come. */
  take(what: string, ms: number, test: (one: T) => boolean = () => true): Promise<T> {
    return new Promise((resolve, reject) => {
      const over = (act: () => void): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        act()
      }
      const look = (): void => {
        const at = this.#unread.findIndex(test)
        const found = this.#unread[at]
        if (at >= 0 && found !== undefined) {
          this.#unread.splice(at, 1)
          over(() => {
            resolve(found)
          })
        } else if (this.#end !== null) {
          const why = this.#end
          over(() => {
            reject(new Error(`no ${what}: ${why}`))
          })
        }
      }
      const timer = setTimeout(() => {
        over(() => {
          reject(new Error(`no ${what} within ${ms} ms`))
        })
      }, ms)
      this.#waiting.add(look)
      look()
    })
  }

  /** Resolves once there is something unread, and leaves it there. */
  async peek(what: string, ms: number): Promise<void> {
    const first = await this.take(what, ms)
    this.#unread.unshift(first)
  }

  /** Takes out the first that is there now. */
  takeNow(test: (one: T) => boolean = () => true): T | undefined {
    const at = this.#unread.findIndex(test)
    return at < 0 ? undefined : this.#unread.splice(at, 1)[0]
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look()
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
