import type { Socket } from 'socket.io'
import type { Reason } from '#protocol/errors.ts'
import { type Ended, type Joined, type Register, type RelayedEvent, APP } from '#protocol/hub-events.ts'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'

/** The two ends of a client's connection as this computer sees them, without IPv6 dressing. */
export interface Route {
  readonly remote: string
  readonly local: string
}

const LEGACY: Joined = { v: 1, name: '', kind: 'legacy' }

/** One client that is connected: sends it the hub's events, and keeps what it said about itself. */
export class HubClient {
  readonly route: Route
  /** Whether the client has proved to be this computer's own window. */
  readonly isWindow: boolean
  readonly #socket: Socket
  #about: Joined = LEGACY
  /** Called when the client got a seat. */
  onLetIn: () => void = () => undefined
  /** Cuts the connection without a goodbye. */
  cut: () => void

  constructor(socket: Socket, route: Route, isWindow: boolean) {
    this.#socket = socket
    this.route = route
    this.isWindow = isWindow
    this.cut = () => socket.conn.close()
  }

  /** The id of the connection, which both ends know. */
  get id(): string {
    return this.#socket.id
  }

  /** What the client's peer is told about it. */
  get about(): Joined {
    return this.#about
  }

  /** Takes over what a registration says about the client. */
  introduce({ v, name, kind, type }: Register): void {
    const byRole = type === APP ? 'app' : 'desktop'
    this.#about = v === PROTOCOL_VERSION ? { v, name: name ?? '', kind: kind ?? byRole } : LEGACY
  }

  welcome(): void {
    // A 2018 client's socket id is the id of its session: whoever has it can take the session over.
    this.#socket.emit('welcome', { message: 'Welcome!', id: this.#socket.id })
  }
  address(text: string): void {
    this.#socket.emit('ipaddr', text)
  }
  syncfrom(): void {
    this.#socket.emit('syncfrom')
  }
  byebye(): void {
    this.#socket.emit('byebye')
  }
  exception(text: string): void {
    this.#socket.emit('exception', text)
  }

  /** Tells the client who its peer is. Only clients of version 2 know this event. */
  joined(peer: Joined): void {
    if (this.#about.v === PROTOCOL_VERSION) this.#socket.emit('joined', peer)
  }

  /** Sends a peer's event as it came; without a payload if it had none. */
  relay(event: RelayedEvent, payload: unknown): void {
    if (payload === undefined) this.#socket.emit(event)
    else this.#socket.emit(event, payload)
  }

  /** Sends a peer's event as the packet that it came in, in order with all other events. */
  pass(packet: string): void {
    if (this.#socket.connected) this.#socket.conn.write(packet)
  }

  /** Tells the client why the hub is about to end it, by the event that its version knows. */
  tellWhy(code: Reason, version: number): void {
    const why: Ended = { code }
    if (version === 1) this.exception(code)
    else this.#socket.emit('ended', why)
  }

  /**
   * Disconnects the client by a packet: a connection that just breaks would make it come back at once, and two clients
   * of one seat would throw each other out for ever. A client that stays all the same is cut off: also one that
   * Engine.IO takes for closed, whose websocket has half a minute for its own goodbye.
   */
  leave(graceMs: number): void {
    this.#socket.disconnect()
    setTimeout(this.cut, graceMs).unref()
  }
}
