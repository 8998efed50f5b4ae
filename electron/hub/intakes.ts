import type { IncomingMessage } from 'node:http'
import type { Server, Socket } from 'socket.io'
import type { Guest, Guests } from '#hub/guests.ts'
import { Intake } from '#hub/intake.ts'
import type { HubLimits } from '#hub/limits.ts'
import { Shortcut } from '#hub/shortcut.ts'
import { TurnEnd } from '#hub/turn-end.ts'

type Conn = Socket['conn']
type Data = Parameters<Intake['takes']>[0]

/** Of Engine.IO, as far as it is looked at here. */
interface Packet {
  readonly type: string
  readonly data?: string | Buffer
}

/** Bytes that a packet costs beside its data: an object here, a header on the wire. */
const PACKET_BYTES = 64

export interface IntakeOptions {
  /** Null = nobody is a guest: open signaling lets everybody in at once. */
  readonly guests: Guests | null
  readonly limits: HubLimits
  readonly addressOf: (req: IncomingMessage) => string
  readonly log: (line: string) => void
}

/** The intake of every client of the Socket.IO server, from the first byte on. */
export class Intakes {
  readonly #options: IntakeOptions
  readonly #byConn = new WeakMap<Conn, Intake>()
  readonly #bySid = new Map<string, Intake>()
  readonly #turnEnd = new TurnEnd()

  constructor(io: Server, options: IntakeOptions) {
    this.#options = options
    io.engine.on('connection', (conn: Conn) => {
      this.#open(conn)
    })
    // Also of a websocket that takes over from polling: a request of its own, which names the session.
    io.engine.on('headers', (_headers: unknown, req: IncomingMessage) => {
      if (req.headers.upgrade === undefined) return
      this.#bySid.get(sidOf(req))?.wire(req.socket)
      // The handshake's answer leaves with the first packet.
      req.socket.cork()
      this.#turnEnd.put(() => {
        req.socket.uncork()
      })
    })
  }

  of(conn: Conn): Intake | undefined {
    return this.#byConn.get(conn)
  }

  /** The client may stay. */
  letIn(conn: Conn): void {
    this.#options.guests?.leave(conn)
    this.of(conn)?.letIn()
  }

  #open(conn: Conn): void {
    const { guests, limits, addressOf, log } = this.#options
    const address = addressOf(conn.request)
    let said = false
    const intake = new Intake(conn, guests === null, limits, (what) => {
      if (!said) log(`hub: from ${address}: ${what}`)
      said = true
    })
    this.#byConn.set(conn, intake)
    if (conn.request.headers.upgrade !== undefined) intake.wire(conn.request.socket)
    const isWebsocket = conn.request.headers.upgrade !== undefined
    const guest: Guest = { address, giveUp: isWebsocket ? null : intake.cut }
    // Requests in one packet are all let through before the first of them counts.
    if (guests?.enter(conn, guest) === false) {
      intake.cut()
      return
    }
    // It has spoken, so it knows its session: no image tag does.
    conn.once('packet', () => (guest.giveUp = null))
    this.#listen(conn, intake)
  }

  #listen(conn: Conn, intake: Intake): void {
    const { sid } = conn.transport
    this.#bySid.set(sid, intake)
    conn.once('close', () => {
      this.#bySid.delete(sid)
      this.#options.guests?.leave(conn)
      intake.ending(true)
    })
    const close = conn.close.bind(conn)
    conn.close = (discard) => {
      close(discard)
      intake.ending(false)
    }
    this.#gather(conn)
    conn.on('packet', ({ type }: Packet) => {
      if (type !== 'message') intake.beat()
    })
    // Of a websocket that is to take over from polling: it may be probed again and again.
    conn.on('upgrading', () => {
      intake.beat()
    })
    conn.on('packetCreate', ({ data }: Packet) => {
      intake.owe(data === undefined ? PACKET_BYTES : PACKET_BYTES + Buffer.byteLength(data))
    })
    // Around the packets that have gathered for it: each write of its own costs more than making the packet.
    conn.on('flush', () => {
      intake.sent()
      intake.gather()
    })
    conn.on('drain', () => {
      intake.release()
    })
    const shortcut = new Shortcut()
    filter(conn, (data) => {
      const { isWhole } = intake
      if (!intake.takes(data)) return false
      // Nothing may come between an event and its attachments: that is for Socket.IO to punish.
      return !shortcut.takes(data, isWhole && intake.isWhole ? intake.relay : null)
    })
  }

  /** Engine.IO hands a packet to its transport as soon as it has it, and the next one only when that was written. */
  #gather(conn: Conn): void {
    const flushing = conn as unknown as { flush: () => void }
    const flush = flushing.flush.bind(conn)
    flushing.flush = () => {
      this.#turnEnd.put(flush)
    }
  }
}

/** Puts itself before who listens already, which is Socket.IO: it hears what passes. */
function filter(conn: Conn, passes: (data: Data) => boolean): void {
  const listeners = conn.listeners('data') as ((data: Data) => void)[]
  conn.removeAllListeners('data')
  conn.on('data', (data: Data) => {
    if (passes(data)) for (const listener of listeners) listener.call(conn, data)
  })
}

const sidOf = (req: IncomingMessage): string =>
  new URLSearchParams((req.url ?? '').split('?')[1] ?? '').get('sid') ?? ''
