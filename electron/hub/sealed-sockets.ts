import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { toBase64Url } from '#protocol/base64url.ts'
import { KEY_BYTES, type SessionKey } from '#protocol/proof.ts'
import { RECORD_BYTES_MAX } from '#protocol/sealed-records.ts'
import {
  isRightHello,
  LANE_REFUSED,
  laneAnswer,
  laneKeys,
  readLaneHello,
  type LaneHello,
  type LaneKeys,
} from '#protocol/sealed.ts'
import { startExchange, primitives } from './node-crypto.ts'
import type { WaitingRoom } from './waiting-room.ts'
import type { HubLimits } from './limits.ts'
import { RateLimitedLog } from './rate-limited-log.ts'
import type { CipherThread } from './cipher-thread.ts'
import { MessageSocket } from './message-socket.ts'
import { SocketLane, type SealedLane } from './socket-lane.ts'
import { BufferPool } from '#transfer/buffer-pool.ts'
import { Bucket } from '#transfer/rate-limit.ts'

/** Knows the sessions that may open a sealed socket, and takes the open ones. Sessions are named by their id in base64url. */
export interface LaneHost {
  /** The key of a session that was proved; null = none. Asked at each handshake, and again at its end. */
  readonly sessionOf: (id: string) => SessionKey | null
  /** Called when both ends have shown the session's key: the lane is open. */
  readonly onLane: (id: string, lane: SealedLane) => void
}

export interface SealedSocketsOptions {
  readonly host: LaneHost
  /** Whether the registration that proved a session has not ended: only then a lane may be opened. */
  readonly isLive: (id: string) => boolean
  readonly thread: CipherThread
  readonly limits: HubLimits
  readonly waitingRoom: WaitingRoom | null
  readonly log: (line: string) => void
}

/** Bytes of the wire until a hello is there, which has about a hundred. Frames that ws answers or drops count as well. */
const HELLO_WIRE_BYTES_MAX = 1024

/**
 * Records whose memory is kept for the next ones, of all lanes together. What is in use is bounded for each lane, in either
 * direction (socket-lane.ts).
 */
const SPARE_RECORDS_MAX = 24

/** A session whose two ends have exchanged public keys. */
interface Met {
  readonly id: string
  readonly keys: LaneKeys
}

/** What a connection is told while it is not let in. */
interface Guest {
  /** Called with its first message. */
  readonly said: () => void
  readonly letIn: () => void
}

/** Makes and keeps the hub's sealed sockets, from the upgrade on. */
export class SealedSockets {
  readonly #options: SealedSocketsOptions
  readonly #complaints: RateLimitedLog
  readonly #open = new Map<string, SocketLane[]>()
  /** Lanes that are not confirmed yet, with the id of their session. */
  readonly #making = new Map<SocketLane, string>()
  /** How often each session may still open one. */
  readonly #paces = new Map<string, Bucket>()
  readonly #records = new BufferPool(RECORD_BYTES_MAX, SPARE_RECORDS_MAX)
  readonly #wss = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Of control frames: all others are read by MessageSocket.
    maxPayload: HELLO_WIRE_BYTES_MAX,
    // No page sends pings, and an answer to each would be work for whoever does.
    autoPong: false,
  })

  constructor(options: SealedSocketsOptions) {
    this.#options = options
    this.#complaints = new RateLimitedLog(options.log)
  }

  /** Takes an upgrade. Returns false if there is no room: then the connection is still the caller's. */
  take(req: IncomingMessage, socket: Duplex, head: Buffer, address: string): boolean {
    const { waitingRoom } = this.#options
    if (waitingRoom?.enter(socket, { address, giveUp: null }) === false) return false
    socket.once('close', () => waitingRoom?.leave(socket))
    let left = HELLO_WIRE_BYTES_MAX
    const count = (chunk: Buffer): void => {
      left -= chunk.length
      if (left < 0) socket.destroy()
    }
    socket.on('data', count)
    const before = socket.listeners('data')
    this.#wss.handleUpgrade(req, socket, head, (ws) => {
      const messages = new MessageSocket({ ws, socket, before, pool: this.#records, limit: HELLO_WIRE_BYTES_MAX })
      const said = (): unknown => socket.off('data', count)
      this.#meet(messages, address, { said, letIn: () => waitingRoom?.leave(socket) })
    })
    return true
  }

  /** Cuts the lanes that a session is about to open. Those that are open belong to whoever got them. */
  cutUnopened(id: string): void {
    for (const [lane, session] of this.#making) if (session === id) lane.cut()
  }

  close(): void {
    for (const lane of [...this.#making.keys(), ...[...this.#open.values()].flat()]) lane.cut()
  }

  #sessionOf(id: string): SessionKey | null {
    return this.#options.isLive(id) ? this.#options.host.sessionOf(id) : null
  }

  #meet(messages: MessageSocket, address: string, { said, letIn }: Guest): void {
    const { limits } = this.#options
    const { ws } = messages
    const timer = setTimeout(() => {
      ws.terminate()
    }, limits.laneHandshakeMs)
    ws.on('error', () => {
      // Such as a message that is too long: ws closes by itself, and that is heard of.
    })
    ws.once('close', () => {
      clearTimeout(timer)
    })
    messages.onMessage = (message) => {
      said()
      const hello = message && helloOf(message)
      const met = hello && this.#answer(ws, hello)
      if (met === null) {
        messages.skip()
        this.#refuse(ws, address)
        return
      }
      this.#seal(messages, { ...met, address }, () => {
        clearTimeout(timer)
        letIn()
      })
    }
  }

  /** Answers a hello; null if it is refused. An unknown session takes the same way as a wrong MAC. */
  #answer(ws: WebSocket, hello: LaneHello): Met | null {
    const id = toBase64Url(hello.sessionId)
    const found = this.#sessionOf(id)
    const session = found ?? { id: hello.sessionId, key: primitives.random(KEY_BYTES) }
    if (!isRightHello(primitives, session, hello) || found === null) return null
    if (!this.#paceOf(id).take()) return null
    try {
      const exchange = startExchange()
      const publics = { client: hello.clientPublic, server: exchange.publicKey }
      const keys = laneKeys(primitives, session, publics, exchange.shared(hello.clientPublic))
      ws.send(laneAnswer(primitives, session, publics.client, publics.server))
      return { id, keys }
    } catch {
      return null
    }
  }

  /** Returns the pace at which a live session opens sealed sockets; forgets those of sessions that have ended. */
  #paceOf(id: string): Bucket {
    const known = this.#paces.get(id)
    if (known !== undefined) return known
    for (const other of this.#paces.keys()) if (this.#sessionOf(other) === null) this.#paces.delete(other)
    const { lanesPerSecond: perSecond, lanesBurst: burst } = this.#options.limits
    const pace = new Bucket({ perSecond, burst })
    this.#paces.set(id, pace)
    return pace
  }

  #refuse(ws: WebSocket, address: string): void {
    this.#complaints.say(address, `hub: sealed socket from ${address} refused`)
    ws.close(LANE_REFUSED)
    setTimeout(() => {
      ws.terminate()
    }, this.#options.limits.endGraceMs).unref()
  }

  #seal(messages: MessageSocket, { id, keys, address }: Met & { readonly address: string }, letIn: () => void): void {
    const { thread, limits } = this.#options
    messages.expectRecords(RECORD_BYTES_MAX)
    const made = new SocketLane({
      messages,
      records: this.#records,
      thread,
      keys,
      endGraceMs: limits.endGraceMs,
      onRefused: (code, where) => {
        const by = where === 'there' ? ' by the phone' : ''
        this.#complaints.say(address, `hub: sealed socket from ${address} ended${by}: ${code}`)
      },
      onConfirmed: (lane) => {
        letIn()
        this.#making.delete(lane)
        // The registration may have ended meanwhile.
        if (this.#sessionOf(id) === null) lane.cut()
        else this.#enter(id, lane)
      },
      onOverrun: () => {
        this.#complaints.say(address, `hub: sealed socket from ${address} ended: overrun, it does not read`)
      },
      onOver: (lane) => {
        this.#making.delete(lane)
        this.#leave(id, lane)
      },
    })
    this.#making.set(made, id)
  }

  /** Hands an open lane on and closes a session's oldest: a phone that changed networks leaves a silent one behind. */
  #enter(id: string, lane: SocketLane): void {
    const lanes = [...(this.#open.get(id) ?? []), lane]
    this.#open.set(id, lanes)
    for (const old of lanes.slice(0, -this.#options.limits.lanesPerSession)) old.close()
    this.#options.host.onLane(id, lane)
  }

  #leave(id: string, lane: SocketLane): void {
    const lanes = (this.#open.get(id) ?? []).filter((other) => other !== lane)
    if (lanes.length > 0) this.#open.set(id, lanes)
    else this.#open.delete(id)
    if (this.#open.size === 0) this.#records.clear()
  }
}

function helloOf(message: Uint8Array): LaneHello | null {
  try {
    return readLaneHello(message)
  } catch {
    return null
  }
}
