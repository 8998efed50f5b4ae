import type { Server, Socket } from 'socket.io'
import { ProtocolError } from '#protocol/errors.ts'
import { RELAYED, type RelayedEvent, type Reply } from '#protocol/hub-events.ts'
import { whoConnects, type WindowProof } from './registration.ts'
import type { ClientLimits } from './client-limits.ts'
import type { PacketFilter } from './packet-filter.ts'
import { HubClient, type Route } from './hub-client.ts'
import type { Answer, Signaling } from './signaling.ts'

export interface AcceptOptions {
  readonly packetFilter: PacketFilter
  readonly signaling: Signaling
  readonly routeOf: (socket: Socket) => Route
  readonly proof: WindowProof | null
  /** ms until a client must be registered; null = it may take its time. */
  readonly registerMs: number | null
  readonly endGraceMs: number
  /** One client more or less that is not this computer's window. */
  readonly onVisitor: (change: 1 | -1) => void
  readonly log: (line: string) => void
}

type Handler = (payload: unknown, answer: Answer) => void

// Each value is a row of the protocol's table, so the list cannot lack one.
const RELAYED_EVENTS = Object.keys(RELAYED) as RelayedEvent[]

const whoIs = (socket: Socket, { routeOf, proof }: AcceptOptions) =>
  whoConnects(socket.handshake.headers.origin, routeOf(socket).remote, socket.handshake.auth, proof)

/** Takes an event's arguments apart: its one payload, and the way to answer. Acknowledgements are never payload. */
function unpack(args: readonly unknown[]): Parameters<Handler> {
  const [first] = args
  const last = args.at(-1)
  const payload = typeof first === 'function' ? undefined : first
  return [payload, typeof last === 'function' ? (reply: Reply) => void Reflect.apply(last, undefined, [reply]) : null]
}

/**
 * Wraps a handler so that no payload can throw through it. What is not of the protocol is dropped; the log tells it once
 * per client, or clients could fill it.
 */
function guarded<Args extends unknown[]>(handle: (...args: Args) => void, complain: (what: string) => void) {
  return (...args: Args): void => {
    try {
      handle(...args)
    } catch (error) {
      complain(error instanceof ProtocolError ? error.message : `dropped, ${String(error)}`)
    }
  }
}

function complainOnce(route: Route, log: (line: string) => void): (what: string) => void {
  let said = false
  return (what) => {
    if (!said) log(`hub: from ${route.remote}: ${what}`)
    said = true
  }
}

function connect(socket: Socket, options: AcceptOptions): void {
  const { signaling } = options
  const client = new HubClient(socket, options.routeOf(socket), whoIs(socket, options) === 'window')
  const complain = complainOnce(client.route, options.log)
  const limits = admitWithLimits(socket, client, options)
  const on = (event: string, handle: Handler): void => {
    const taken = guarded((...args: unknown[]) => {
      handle(...unpack(args))
    }, complain)
    socket.on(event, taken)
  }

  on('register', (payload, answer) => {
    signaling.register(client, payload, answer)
  })
  on('prove', (payload, answer) => {
    signaling.prove(client, payload, answer)
  })
  on('ipaddr', () => {
    signaling.tellAddresses(client)
  })
  for (const event of RELAYED_EVENTS)
    on(event, (payload) => {
      signaling.relay(client, event, payload)
    })
  if (limits !== undefined)
    limits.relay = guarded((event, payload, text) => {
      signaling.relay(client, event, payload, text)
    }, complain)
  const deadline = startDeadline(client, options)
  if (!client.isWindow) options.onVisitor(1)
  on('disconnect', () => {
    clearTimeout(deadline)
    signaling.gone(client)
    if (!client.isWindow) options.onVisitor(-1)
    // A client that leaves and keeps the connection would be a guest for ever, with no deadline any more.
    setTimeout(client.cut, options.endGraceMs).unref()
  })
  client.welcome()
}

/** Ties a client to its limits: strict ones until it is let in, and a client that exceeds them is told so and ended. */
function admitWithLimits(
  socket: Socket,
  client: HubClient,
  { packetFilter, endGraceMs }: AcceptOptions,
): ClientLimits | undefined {
  const { conn } = socket
  if (client.isWindow) packetFilter.letIn(conn)
  client.onLetIn = () => {
    packetFilter.letIn(conn)
  }
  const limits = packetFilter.of(conn)
  if (limits === undefined) return undefined
  client.cut = limits.cut
  limits.farewell = () => {
    client.tellWhy('overrun', client.about.v)
    client.leave(endGraceMs)
  }
  return limits
}

/** Ends a client that is not let in within its time: connections are limited. */
function startDeadline(client: HubClient, { registerMs, signaling, endGraceMs }: AcceptOptions) {
  if (registerMs === null) return undefined
  const check = (): void => {
    if (!signaling.isIdle(client)) return
    client.tellWhy('timeout', client.about.v)
    client.leave(endGraceMs)
  }
  return setTimeout(check, registerMs).unref()
}

/** Lets clients of the Socket.IO server take part in the signaling. */
export function acceptClients(io: Server, options: AcceptOptions): void {
  io.use((socket, next) => {
    if (whoIs(socket, options) !== 'impostor') {
      next()
      return
    }
    options.log(`hub: ${options.routeOf(socket).remote} claims to be the window and is not`)
    next(new Error('not-allowed'))
  })
  io.on('connection', (socket) => {
    connect(socket, options)
  })
}
