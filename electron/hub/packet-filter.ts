import type { IncomingMessage } from 'node:http'
import type { Server, Socket } from 'socket.io'
import type { Guest, WaitingRoom } from './waiting-room.ts'
import { ClientLimits } from './client-limits.ts'
import type { HubLimits } from './limits.ts'
import { RelayFastPath } from './relay-fast-path.ts'

type Conn = Socket['conn']
type Data = Parameters<ClientLimits['takes']>[0]

/** The part of an Engine.IO packet that is read here. */
interface Packet {
  readonly type: string
  readonly data?: string | Buffer
}

/** Bytes that a packet costs beside its data: an object here, a header on the wire. */
const PACKET_BYTES = 64

export interface PacketFilterOptions {
  /** Null in open signaling, which lets everybody in at once. */
  readonly waitingRoom: WaitingRoom | null
  readonly limits: HubLimits
  readonly addressOf: (req: IncomingMessage) => string
  readonly log: (line: string) => void
}

/** Applies its limits to every client of the Socket.IO server, from the first byte on. */
export class PacketFilter {
  readonly #options: PacketFilterOptions
  readonly #byConn = new WeakMap<Conn, ClientLimits>()
  readonly #bySid = new Map<string, ClientLimits>()
  readonly #tickQueue = new TickQueue()

  constructor(io: Server, options: PacketFilterOptions) {
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
      this.#tickQueue.put(() => {
        req.socket.uncork()
      })
    })
  }

  of(conn: Conn): ClientLimits | undefined {
    return this.#byConn.get(conn)
  }

  /** Lifts the limits of a guest, as the client was let in. */
  letIn(conn: Conn): void {
    this.#options.waitingRoom?.leave(conn)
    this.of(conn)?.letIn()
  }

  #open(conn: Conn): void {
    const { waitingRoom, limits, addressOf, log } = this.#options
    const address = addressOf(conn.request)
    let said = false
    const client = new ClientLimits(conn, waitingRoom === null, limits, (what) => {
      if (!said) log(`hub: from ${address}: ${what}`)
      said = true
    })
    this.#byConn.set(conn, client)
    if (conn.request.headers.upgrade !== undefined) client.wire(conn.request.socket)
    const isWebsocket = conn.request.headers.upgrade !== undefined
    const guest: Guest = { address, giveUp: isWebsocket ? null : client.cut }
    // Requests in one packet are all let through before the first of them counts.
    if (waitingRoom?.enter(conn, guest) === false) {
      client.cut()
      return
    }
    // A client that has spoken knows its session: no image tag does.
    conn.once('packet', () => (guest.giveUp = null))
    this.#listen(conn, client)
  }

  #listen(conn: Conn, client: ClientLimits): void {
    const { sid } = conn.transport
    this.#bySid.set(sid, client)
    conn.once('close', () => {
      this.#bySid.delete(sid)
      this.#options.waitingRoom?.leave(conn)
      client.ending(true)
    })
    const close = conn.close.bind(conn)
    conn.close = (discard) => {
      close(discard)
      client.ending(false)
    }
    this.#gather(conn)
    conn.on('packet', ({ type }: Packet) => {
      if (type !== 'message') client.beat()
    })
    // Of a websocket that is to take over from polling: it may be probed again and again.
    conn.on('upgrading', () => {
      client.beat()
    })
    conn.on('packetCreate', ({ data }: Packet) => {
      client.owe(data === undefined ? PACKET_BYTES : PACKET_BYTES + Buffer.byteLength(data))
    })
    // Around the packets that have gathered for it: each write of its own costs more than making the packet.
    conn.on('flush', () => {
      client.sent()
      client.gather()
    })
    conn.on('drain', () => {
      client.release()
    })
    const fastPath = new RelayFastPath()
    filter(conn, (data) => {
      const { isWhole } = client
      if (!client.takes(data)) return false
      // Nothing may come between an event and its attachments: that is for Socket.IO to punish.
      return !fastPath.takes(data, isWhole && client.isWhole ? client.relay : null)
    })
  }

  /** Engine.IO hands a packet to its transport as soon as it has it, and the next one only when that was written. */
  #gather(conn: Conn): void {
    const flushing = conn as unknown as { flush: () => void }
    const flush = flushing.flush.bind(conn)
    flushing.flush = () => {
      this.#tickQueue.put(flush)
    }
  }
}

/** Puts a filter before the listeners there are, which are Socket.IO's: they hear what passes. */
function filter(conn: Conn, passes: (data: Data) => boolean): void {
  const listeners = conn.listeners('data') as ((data: Data) => void)[]
  conn.removeAllListeners('data')
  conn.on('data', (data: Data) => {
    if (passes(data)) for (const listener of listeners) listener.call(conn, data)
  })
}

const sidOf = (req: IncomingMessage): string =>
  new URLSearchParams((req.url ?? '').split('?')[1] ?? '').get('sid') ?? ''

/**
 * Runs functions at the end of this turn of the event loop, each once. A write to a connection costs more than all else
 * that the hub does for a packet, and a turn often has several packets for one client.
 */
export class TickQueue {
  #due = new Set<() => void>()

  /** Queues a function for the end of the turn, unless it is queued already. */
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
