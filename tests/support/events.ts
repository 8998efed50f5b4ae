import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { QUIET_MS } from './patience.ts'

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

  /**
   * Returns the first event, also among those that have come already, for which `test` holds. Gives up when the app has
   * printed nothing at all for a while.
   */
  async wait(what: string, test: (event: AppEvent) => boolean): Promise<AppEvent> {
    const there = this.all.find(test)
    if (there !== undefined) return there
    return new Promise<AppEvent>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(look)
        reject(new Error(`no ${what}, and silence for ${QUIET_MS} ms; came: ${JSON.stringify(this.all.slice(-12))}`))
      }, QUIET_MS)
      const look = (): void => {
        timer.refresh()
        const found = this.all.find(test)
        if (found === undefined) return
        clearTimeout(timer)
        this.#listeners.delete(look)
        resolve(found)
      }
      this.#listeners.add(look)
    })
  }

  /** An event that was printed before anybody listened: it comes before all others. */
  missed(event: AppEvent): void {
    this.all.unshift(event)
    for (const look of [...this.#listeners]) look()
  }

  /** Forgets all that was said; the log begins with this event. */
  forget(first: AppEvent): void {
    this.all.splice(0, this.all.length, first)
    this.noise.length = 0
  }

  /** The final event of the transfer of that name (as it is called at the receiver's, or offered). */
  ended(name: string): Promise<AppEvent> {
    return this.wait(`end of ${name}`, (e) => e.event === 'transfer' && e['name'] === name && e['state'] !== 'moving')
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
