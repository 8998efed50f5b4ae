import * as v from 'valibot'
import { HubLine } from './hub-line.ts'
import { Connected, listOf, PACKET, readPacket, type Packet } from './hub-packets.ts'
import { HubQuestions } from './hub-questions.ts'

/** Milliseconds before the first try to come back, and at most before any; each try doubles them, more or less by half. */
const RETRY_MS = 300
const RETRY_MS_MAX = 3_000
/** Milliseconds for an answer, which no person has to think about. A hub that keeps silent so long is gone. */
const ANSWER_MS = 8_000

export interface HubSocketOptions {
  /** The hub's origin, such as http://192.168.1.20:3186 */
  readonly url: string
  readonly auth: Readonly<Record<string, string>>
  readonly answerMs?: number
}

export interface HubSocketEvents {
  /** It is there, for the first time or again, under a new id. */
  onConnect(): void
  /** It is gone, or a try to reach it failed. It is tried again by itself unless the hub has sent us away. */
  onOffline(): void
  /** In the order in which the hub sent them. */
  onEvent(event: string, payload: unknown): void
}

/**
 * As much of a Socket.IO 5 client as our pages need: JSON over WebSocket, one namespace, kept up over reconnects.
 * Why not the library: decision 0017. Nothing is kept for later while there is no connection; who reconnects
 * registers anew, and says what is to be said then.
 */
export class HubSocket {
  readonly #options: HubSocketOptions
  readonly #events: HubSocketEvents
  readonly #questions: HubQuestions
  readonly #ended = new AbortController()
  #line: HubLine | null = null
  #id: string | null = null
  #tries = 0
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(options: HubSocketOptions, events: HubSocketEvents) {
    this.#options = options
    this.#events = events
    this.#questions = new HubQuestions(options.answerMs ?? ANSWER_MS, () => this.#line?.end())
    // The browser knows at once that Wi-Fi is gone; a missing ping tells it half a minute later.
    const offline = (): void => this.#line?.end()
    globalThis.addEventListener('offline', offline, { signal: this.#ended.signal })
    this.#open()
  }

  get connected(): boolean {
    return this.#id !== null
  }

  /** Empty while there is no connection. */
  get id(): string {
    return this.#id ?? ''
  }

  /** Goes nowhere while there is no connection. An answer may never come: then the connection ends first. */
  emit(event: string, payload: unknown, answered?: (reply: unknown) => void): void {
    if (!this.connected) return
    const id = answered === undefined ? '' : this.#questions.ask(answered)
    this.#line?.send(`${PACKET.event}${id}${JSON.stringify([event, payload])}`)
  }

  /** Tries again at once instead of after the pause; also when the hub has sent us away. */
  reconnect(): void {
    if (this.connected) return
    this.#leave()
    this.#tries = 0
    this.#open()
  }

  /** For good, and without another word to the owner. */
  close(): void {
    if (this.connected) this.#line?.send(PACKET.disconnect)
    this.#ended.abort()
    this.#leave()
  }

  #open(): void {
    const line: HubLine = new HubLine(this.#options.url, {
      onOpen: () => {
        line.send(PACKET.connect + JSON.stringify(this.#options.auth))
      },
      onPacket: (text) => {
        const packet = readPacket(text)
        if (packet !== null) this.#take(packet)
      },
      onClose: () => {
        this.#leave()
        this.#openLater()
        this.#events.onOffline()
      },
    })
    this.#line = line
  }

  #openLater(): void {
    const pause = RETRY_MS * 2 ** this.#tries++ * (0.5 + Math.random())
    this.#retry = setTimeout(
      () => {
        this.#open()
      },
      Math.min(pause, RETRY_MS_MAX),
    )
  }

  /** Whatever there is, is there no more; nobody is told. */
  #leave(): void {
    clearTimeout(this.#retry)
    this.#questions.forget()
    this.#id = null
    this.#line?.close()
    this.#line = null
  }

  #take({ type, id, data }: Packet): void {
    if (type === PACKET.connect) this.#connected(data)
    else if (type === PACKET.event) this.#heard(data)
    else if (type === PACKET.ack) this.#questions.answer(id, listOf(data)[0])
    else {
      // `disconnect` and `refused`: the hub does not want us, and would not in 300 ms either.
      this.#leave()
      this.#events.onOffline()
    }
  }

  #connected(data: unknown): void {
    const said = v.safeParse(Connected, data)
    if (!said.success || this.connected) return
    this.#id = said.output.sid
    this.#tries = 0
    this.#events.onConnect()
  }

  #heard(data: unknown): void {
    const [event, payload] = listOf(data)
    if (typeof event === 'string' && this.connected) this.#events.onEvent(event, payload)
  }
}
