import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** One line of `--json`. */
export interface AppEvent {
  readonly event: string
  readonly [key: string]: unknown
}

/** What the app prints, line by line, and waiting for it in bounded time. */
export class EventLog {
  readonly all: AppEvent[] = []
  /** Lines that are not JSON: there must be none. */
  readonly noise: string[] = []
  readonly #listeners = new Set<() => void>()

  constructor(child: ChildProcess) {
    if (child.stdout === null) throw new Error('no stdout')
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#take(line)
    })
  }

  of(event: string): AppEvent[] {
    return this.all.filter((e) => e.event === event)
  }

  /** The first event, also among those that have come already, for which `test` holds. */
  async wait(what: string, test: (event: AppEvent) => boolean, ms = 20_000): Promise<AppEvent> {
    const found = (): AppEvent | undefined => this.all.find(test)
    if (!found()) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          this.#listeners.delete(look)
          reject(new Error(`no ${what} within ${ms} ms; came: ${JSON.stringify(this.all.slice(-12))}`))
        }, ms)
        const look = (): void => {
          if (!found()) return
          clearTimeout(timer)
          this.#listeners.delete(look)
          resolve()
        }
        this.#listeners.add(look)
      })
    }
    return found() as AppEvent
  }

  /** An event that was printed before anybody listened: it comes before all others. */
  missed(event: AppEvent): void {
    this.all.unshift(event)
    for (const look of [...this.#listeners]) look()
  }

  /** The final event of the transfer of that name (as it is called at the receiver's, or offered). */
  ended(name: string, ms?: number): Promise<AppEvent> {
    return this.wait(
      `end of ${name}`,
      (e) => e.event === 'transfer' && e['name'] === name && e['state'] !== 'moving',
      ms,
    )
  }

  #take(line: string): void {
    if (line === '') return
    try {
      this.all.push(JSON.parse(line) as AppEvent)
    } catch {
      this.noise.push(line)
    }
    for (const look of [...this.#listeners]) look()
  }
}
