import * as v from 'valibot'
import { jsonOf } from './hub-packets.ts'

/** Milliseconds until a connection that is not there yet is said to fail. */
const CONNECT_MS = 8_000

/** ms between two pings of the hub, and how late one may be. */
const Opened = v.object({ pingInterval: v.number(), pingTimeout: v.number() })

export interface HubLineEvents {
  /** Engine.IO is there; Socket.IO may begin. */
  onOpen(): void
  onPacket(text: string): void
  /** Once, unless `close` was called. */
  onClose(): void
}

/**
 * One WebSocket that speaks Engine.IO 4, from its opening to its end: tells the hub that we are still there when it
 * asks, and ends when the hub has not asked for longer than it said, for a WebSocket alone does not notice that.
 */
export class HubLine {
  readonly #ws: WebSocket
  readonly #events: HubLineEvents
  #patience = CONNECT_MS
  #deadline = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  /** `url`: the hub's origin. */
  constructor(url: string, events: HubLineEvents) {
    this.#events = events
    this.#ws = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
    this.#ws.onmessage = ({ data }) => {
      if (!this.#closed && typeof data === 'string') this.#take(data)
    }
    this.#ws.onclose = this.#ws.onerror = () => {
      this.end()
    }
    this.#watch()
  }

  send(packet: string): void {
    // After a sleep the clock knows sooner than the timer, which may have slept too.
    if (Date.now() > this.#deadline) this.end()
    else if (!this.#closed && this.#ws.readyState === WebSocket.OPEN) this.#ws.send(`4${packet}`)
  }

  /** It is of no use any more, and its owner shall hear of it. */
  end(): void {
    if (this.#closed) return
    this.close()
    this.#events.onClose()
  }

  /** What was sent still leaves. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#ws.close()
  }

  /** The first character is Engine.IO's type of packet; those not here mean nothing on a WebSocket. */
  #take(data: string): void {
    const rest = data.slice(1)
    if (data.startsWith('0')) this.#opened(rest)
    else if (data.startsWith('1')) this.end()
    else if (data.startsWith('2')) this.#answer(rest)
    else if (data.startsWith('4')) this.#events.onPacket(rest)
  }

  #opened(text: string): void {
    const opened = v.safeParse(Opened, jsonOf(text))
    if (!opened.success) return
    this.#patience = opened.output.pingInterval + opened.output.pingTimeout
    this.#watch()
    this.#events.onOpen()
  }

  #answer(ping: string): void {
    this.#ws.send(`3${ping}`)
    this.#watch()
  }

  #watch(): void {
    clearTimeout(this.#timer)
    this.#deadline = Date.now() + this.#patience
    this.#timer = setTimeout(() => {
      this.end()
    }, this.#patience)
  }
}
