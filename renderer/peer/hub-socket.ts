import { Manager, type Socket } from 'socket.io-client'

/** Milliseconds before the first try to come back, and at most before any; each try doubles them, more or less by half. */
const RETRY_MS = 300
const RETRY_MS_MAX = 3_000
/** Milliseconds for what no person has to think about: a connection, a welcome, an answer. A hub that is silent so long is gone. */
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
 * Connects a page to the hub by Socket.IO over one WebSocket, and again whenever that breaks. Nothing is kept for later
 * while there is no connection; who reconnects registers anew, and says what is to be said then.
 */
export class HubSocket {
  readonly #manager: Manager
  readonly #socket: Socket
  readonly #events: HubSocketEvents
  readonly #answerMs: number
  /** Its owner has been told. */
  #isOffline = false
  #patience: ReturnType<typeof setTimeout> | undefined

  constructor({ url, auth, answerMs = ANSWER_MS }: HubSocketOptions, events: HubSocketEvents) {
    this.#events = events
    this.#answerMs = answerMs
    this.#manager = new Manager(url, {
      transports: ['websocket'],
      autoConnect: false,
      timeout: answerMs,
      reconnectionDelay: RETRY_MS,
      reconnectionDelayMax: RETRY_MS_MAX,
    })
    this.#manager.on('open', this.#opened).on('close', this.#closed)
    this.#socket = this.#manager.socket('/', { auth })
    this.#socket
      .on('connect', () => {
        clearTimeout(this.#patience)
        this.#isOffline = false
        events.onConnect()
      })
      .on('disconnect', this.#offline)
      .on('connect_error', this.#offline)
      .onAny((event: unknown, payload?: unknown) => {
        if (this.connected && typeof event === 'string') events.onEvent(event, payload)
      })
      .connect()
  }

  get connected(): boolean {
    return this.#socket.connected && this.#socket.active
  }

  /** Empty while there is no connection. */
  get id(): string {
    return this.#socket.id ?? ''
  }

  /** Goes nowhere while there is no connection. An answer may never come: then the connection ends first. */
  emit(event: string, payload: unknown, answered?: (reply: unknown) => void): void {
    if (!this.connected) return
    if (answered === undefined) {
      this.#socket.emit(event, payload)
      return
    }
    const { engine } = this.#manager
    this.#socket.timeout(this.#answerMs).emit(event, payload, (silence: Error | null, reply: unknown) => {
      if (silence === null) answered(reply)
      else engine.close()
    })
  }

  /** Tries again at once instead of after the pause; also when the hub has sent us away. */
  reconnect(): void {
    if (this.connected) return
    this.#isOffline = false
    this.#socket.disconnect().connect()
  }

  /** For good, and without another word to the owner. */
  close(): void {
    clearTimeout(this.#patience)
    this.#manager.off('open', this.#opened).off('close', this.#closed)
    this.#socket.off().offAny().disconnect()
  }

  /** The library waits without end for what a hub says next. */
  readonly #opened = (): void => {
    this.#patience = setTimeout(() => this.#manager.engine.close(), this.#answerMs)
  }

  readonly #closed = (): void => {
    clearTimeout(this.#patience)
    // The library tells nobody of a refusal that it can't read, or that comes late.
    void Promise.resolve().then(() => {
      if (this.#isOffline || this.#socket.active) return
      this.#socket.off('disconnect').disconnect()
      this.#socket.on('disconnect', this.#offline)
      this.#offline()
    })
  }

  readonly #offline = (): void => {
    this.#isOffline = true
    this.#socket.sendBuffer = []
    this.#events.onOffline()
  }
}
