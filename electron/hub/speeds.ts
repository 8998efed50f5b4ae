/**
 * `ctrlSendSpeed` comes up to 250 times a second, and only the last number means anything. So a number waits
 * until the hub has read all that has already arrived; a newer one takes its place meanwhile. `flush` before any
 * other event of the same client keeps first in, first out.
 */
export class Speeds<Client extends object> {
  readonly #waiting = new Map<Client, { to: Client; bytes: number }>()
  readonly #deliver: (from: Client, to: Client, bytes: number) => void

  constructor(deliver: (from: Client, to: Client, bytes: number) => void) {
    this.#deliver = deliver
  }

  /** The newest number from a client for its present peer. */
  put(from: Client, to: Client, bytes: number): void {
    const waits = this.#waiting.has(from)
    this.#waiting.set(from, { to, bytes })
    if (!waits) setImmediate(() => this.flush(from))
  }

  /** Sends what waits, now. */
  flush(from: Client): void {
    const last = this.#waiting.get(from)
    if (last === undefined) return
    this.#waiting.delete(from)
    this.#deliver(from, last.to, last.bytes)
  }
}
