import type { Server, Socket } from 'socket.io'
import { ProtocolError } from '#protocol/errors.ts'
import { RELAYED, type RelayedEvent, type Reply } from '#protocol/hub-events.ts'
import { whoConnects, type WindowProof } from '#hub/admission.ts'
import type { Intake } from '#hub/intake.ts'
import type { Intakes } from '#hub/intakes.ts'
import { Member, type Route } from '#hub/member.ts'
import type { Answer, Signaling } from '#hub/signaling.ts'

export interface ClientsOptions {
  readonly intakes: Intakes
  readonly signaling: Signaling
  readonly routeOf: (socket: Socket) => Route
  readonly proof: WindowProof | null
  /** ms until a client must be registered; null = it may take its time. */
  readonly registerMs: number | null
  readonly endGraceMs: number
  readonly log: (line: string) => void
}

type Handler = (payload: unknown, answer: Answer) => void

// Each value is a row of the protocol's table, so the list cannot lack one.
const RELAYED_EVENTS = Object.keys(RELAYED) as RelayedEvent[]

const whoIs = (socket: Socket, { routeOf, proof }: ClientsOptions) =>
  whoConnects(socket.handshake.headers.origin, routeOf(socket).remote, socket.handshake.auth, proof)

/** What came with an event: its one payload, and the way to answer. Acknowledgements are never payload. */
function unpack(args: readonly unknown[]): Parameters<Handler> {
  const [first] = args
  const last = args.at(-1)
  const payload = typeof first === 'function' ? undefined : first
  return [payload, typeof last === 'function' ? (reply: Reply) => void Reflect.apply(last, undefined, [reply]) : null]
}

/**
 * A handler that no payload can throw through. What is not of the protocol is dropped; the log tells it once per
 * client, or it would be theirs to fill.
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

function connect(socket: Socket, options: ClientsOptions): void {
  const { signaling } = options
  const member = new Member(socket, options.routeOf(socket), whoIs(socket, options) === 'window')
  const complain = complainOnce(member.route, options.log)
  const intake = takeIn(socket, member, options)
  const on = (event: string, handle: Handler): void => {
    const taken = guarded((...args: unknown[]) => {
      handle(...unpack(args))
    }, complain)
    socket.on(event, taken)
  }

  on('register', (payload, answer) => {
    signaling.register(member, payload, answer)
  })
  on('prove', (payload, answer) => {
    signaling.prove(member, payload, answer)
  })
  on('ipaddr', () => {
    signaling.tellAddresses(member)
  })
  for (const event of RELAYED_EVENTS)
    on(event, (payload) => {
      signaling.relay(member, event, payload)
    })
  if (intake !== undefined)
    intake.relay = guarded((event, payload, text) => {
      signaling.relay(member, event, payload, text)
    }, complain)
  const deadline = startDeadline(member, options)
  on('disconnect', () => {
    clearTimeout(deadline)
    signaling.gone(member)
    // Who leaves and keeps the connection would be a guest for ever, with no deadline any more.
    setTimeout(member.cut, options.endGraceMs).unref()
  })
  member.welcome()
}

/** Strict with it until it is let in; and when it says too much, that is told and ends it. */
function takeIn(socket: Socket, member: Member, { intakes, endGraceMs }: ClientsOptions): Intake | undefined {
  const { conn } = socket
  if (member.isWindow) intakes.letIn(conn)
  member.onLetIn = () => {
    intakes.letIn(conn)
  }
  const intake = intakes.of(conn)
  if (intake === undefined) return undefined
  member.cut = intake.cut
  intake.farewell = () => {
    member.tellWhy('overrun', member.about.v)
    member.leave(endGraceMs)
  }
  return intake
}

/** Who stays outside may not stay for long: connections are limited. */
function startDeadline(member: Member, { registerMs, signaling, endGraceMs }: ClientsOptions) {
  if (registerMs === null) return undefined
  const check = (): void => {
    if (!signaling.isIdle(member)) return
    member.tellWhy('timeout', member.about.v)
    member.leave(endGraceMs)
  }
  return setTimeout(check, registerMs).unref()
}

/** Lets clients of the Socket.IO server take part in the signaling. */
export function acceptClients(io: Server, options: ClientsOptions): void {
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
