/**
 * What is put off to the end of this turn of the event loop, once each. A write to a connection costs more than all else
 * that the hub does for a packet, and a turn often has several packets for one client.
 */
export class TickQueue {
  #due = new Set<() => void>()

  /** Does it at the end of the turn; the same function only once. */
  put(what: () => void): void {
    if (this.#due.size === 0) setImmediate(this.#run)
    this.#due.add(what)
  }

  readonly #run = (): void => {
    const due = this.#due
    this.#due = new Set()
    for (const what of due) what()
  }
}
