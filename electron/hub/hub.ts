import { Server } from 'socket.io'
import type { Reason } from '#protocol/errors.ts'
import { HUB_PORT } from '#protocol/limits.ts'
import { ownAddresses as allAddresses } from './addresses.ts'
import type { WindowProof, Keyring } from './registration.ts'
import { isLoopback } from './candidates.ts'
import { acceptClients } from './accept-clients.ts'
import { type RequestRules, makeHttpServer, type HubHttpServer, type HttpServerOptions } from './http-server.ts'
import { listenNear, type Listening } from './listening.ts'
import { Downloads } from './downloads.ts'
import { WaitingRoom } from './waiting-room.ts'
import { SHIPPED_LIMITS, type HubLimits } from './limits.ts'
import { SealedSockets, type LaneHost } from './sealed-sockets.ts'
import { PacketFilter } from './packet-filter.ts'
import { LegacyApproval, type AskLegacy } from './legacy-approval.ts'
import { filterConnections, isNeighbour, ownNetworks } from './connection-filter.ts'
import { readPage } from './page.ts'
import { CipherThread, type CipherWorker } from './cipher-thread.ts'
import { RateLimitedLog } from './rate-limited-log.ts'
import { Signaling } from './signaling.ts'
import { Lockout } from './lockout.ts'

/** What another device did: a connection that was let in, the page fetched, a client that was sent away for want of room. */
export type Visit = 'connection' | 'page' | 'full'

export interface HubOptions {
  /** TCP port; when it is taken, the next free one. 0 = any. */
  readonly port?: number | undefined
  /** Address to listen on; all of this computer's unless given. */
  readonly bind?: string | undefined
  /** Folder of the built phone page. */
  readonly pageDir?: string | undefined
  /** Open signaling: any uid for anybody, in either role, as the 2018 server did. */
  readonly open?: boolean | undefined
  /** Origins of further pages that may speak to the hub. */
  readonly allowOrigins?: readonly string[] | undefined
  /** The secret of this launch that makes a page of `windowOrigin` the window: 32 random bytes, base64url. */
  readonly windowToken?: string | undefined
  readonly windowOrigin?: string | undefined
  /** The keys that phones of version 2 must prove. Without it they join as a legacy app does, by `admit` alone. */
  readonly keyring?: Keyring | undefined
  /** Whether a phone may join this link. Called at each registration; none may by default. */
  readonly admit?: ((uid: string) => boolean) | undefined
  /** Asks a person whether a legacy app, which proves nothing, may join. By default none may. */
  readonly askLegacy?: AskLegacy | undefined
  /** Returns false for a uid whose device proved a key once, and so may not come without. */
  readonly mayBeLegacy?: ((uid: string) => boolean) | undefined
  /** Gets the sealed sockets of proved phones. Without it there are none. */
  readonly lanes?: LaneHost | undefined
  /** Starts the thread that seals and opens for them: a Worker of out/main/cipher-worker.js. */
  readonly startCipher?: (() => CipherWorker) | undefined
  readonly limits?: Partial<HubLimits> | undefined
  /** Files to be fetched by http, where they are to outlive this hub; else it has its own. */
  readonly downloads?: Downloads | undefined
  /** Networks beyond the private ones that may connect, as `address/bits`. */
  readonly allowPeers?: readonly string[] | undefined
  /** Addresses of this computer, asked at each request. */
  readonly ownAddresses?: (() => readonly string[]) | undefined
  /** This computer's name on the local network, such as `lanyard-9f86d081.local`. */
  readonly localName?: string | undefined
  /** Networks around them that are not private, as `address/bits`, asked at each connection from elsewhere. */
  readonly ownNetworks?: (() => readonly string[]) | undefined
  /** Called for each connection from a network that is not near, as nothing else notices. */
  readonly onStranger?: ((address: string) => void) | undefined
  /** Called for what comes from other devices. */
  readonly onVisit?: ((what: Visit) => void) | undefined
  /** Called when somebody who may be a phone fetches the page, comes to the hub, or leaves it. */
  readonly onKnock?: (() => void) | undefined
  /** Writes a line of the log: addresses and reasons, never uids, ids or keys. */
  readonly log?: ((line: string) => void) | undefined
}

export interface Hub {
  /** The TCP port on which the hub listens. */
  readonly port: number
  /** For this computer's own window. */
  readonly loopbackUrl: string
  /** What phones may fetch by plain http. */
  readonly downloads: Downloads
  /** Counts the links that have a client at one end at least. */
  links(): number
  /** Counts the clients that are connected, registered or not, and are not this computer's window. */
  visitors(): number
  /** Ends the phone that is on a link, and says why. */
  expel(uid: string, code: Reason): void
  /** Ends every connection; resolves when none is left. */
  close(): Promise<void>
}

const silent = (): void => {
  // The caller wants no log.
}

function attachSocketIo(http: HubHttpServer, limits: HubLimits): Server {
  return new Server(http.inner, {
    allowEIO3: true,
    transports: ['polling', 'websocket'],
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    destroyUpgrade: false,
    maxHttpBufferSize: limits.messageBytes,
    pingInterval: limits.pingIntervalMs,
    pingTimeout: limits.pingTimeoutMs,
    connectTimeout: limits.connectMs,
  })
}

function requestRules(options: HubOptions, port: number): Omit<RequestRules, 'pageOrigins'> {
  return {
    port,
    ownAddresses: options.ownAddresses ?? allAddresses,
    localName: options.localName ?? null,
    allowOrigins: new Set(options.allowOrigins),
    windowOrigin: windowProof(options)?.origin ?? null,
  }
}

function windowProof({ windowToken: token, windowOrigin: origin }: HubOptions): WindowProof | null {
  return token === undefined || origin === undefined ? null : { token, origin }
}

function legacyApproval({ askLegacy, mayBeLegacy }: HubOptions, limits: HubLimits): LegacyApproval {
  return new LegacyApproval({
    ask: askLegacy ?? (() => Promise.resolve(false)),
    mayBeLegacy: mayBeLegacy ?? (() => true),
    askMs: limits.legacyAskMs,
    waiting: limits.legacyWaiting,
    waitingPerAddress: limits.legacyWaitingPerAddress,
  })
}

interface Parts {
  readonly onVisitor: (change: 1 | -1) => void
  readonly io: Server
  readonly http: HubHttpServer
  /** Null in open signaling, where nobody waits. */
  readonly waitingRoom: WaitingRoom | null
  readonly limits: HubLimits
}

function startSignaling({ io, http, waitingRoom, limits, onVisitor }: Parts, options: HubOptions): Signaling {
  const { open = false, keyring = null, admit = () => false, log = silent, ownAddresses = allAddresses } = options
  const { endGraceMs, expelGraceMs } = limits
  const legacy = legacyApproval(options, limits)
  const wrongProofs = new Lockout(limits)
  const rules = { open, keyring, admit, log, ownAddresses, endGraceMs, expelGraceMs }
  const signaling = new Signaling({ ...rules, legacy, wrongProofs })
  acceptClients(io, {
    packetFilter: new PacketFilter(io, { waitingRoom, limits, log, addressOf: (req) => http.routeOf(req).remote }),
    signaling,
    log,
    endGraceMs,
    onVisitor,
    proof: windowProof(options),
    registerMs: open ? null : limits.registerMs,
    routeOf: (socket) => http.routeOf(socket.request),
  })
  return signaling
}

/** Makes the hub's sealed sockets and their thread; null without a host for them. */
function sealedSockets(
  options: HubOptions,
  waitingRoom: WaitingRoom | null,
  limits: HubLimits,
  isLive: (id: string) => boolean,
) {
  const { lanes: host, startCipher, log = silent } = options
  if (host === undefined || startCipher === undefined) return null
  const thread = new CipherThread(startCipher)
  const lanes = new SealedSockets({ host, isLive, thread, limits, waitingRoom, log })
  return {
    lanes,
    close: () => {
      lanes.close()
      return thread.close()
    },
  }
}

async function closeAll(io: Server, listening: Listening, cutAll: () => void): Promise<void> {
  const closed = listening.close()
  await io.close()
  cutAll()
  await closed
}

/** Closes connections that are not near, or too many from one address, and logs them. */
function filterHere({ server }: HubHttpServer, options: HubOptions, limits: HubLimits): () => void {
  const { allowPeers = [], ownNetworks: networks = () => ownNetworks(), log = silent } = options
  const ownAddresses = options.ownAddresses ?? allAddresses
  const complaints = new RateLimitedLog(log)
  const near = (): readonly string[] => [...allowPeers, ...networks()]
  return filterConnections(server, {
    isNear: (address) => isNeighbour(address, near) || ownAddresses().includes(address),
    perAddress: limits.connectionsPerAddress,
    fromHere: limits.connectionsFromHere,
    onLetIn: (address) => {
      visited(options, address, 'connection')
    },
    onRefused: (address, why) => {
      complaints.say(address, `hub: connection from ${address} refused: ${REFUSED[why]}`)
      if (why === 'far') options.onStranger?.(address)
    },
  })
}

/** Tells of what another device did; the window and other programs of this computer are none. */
function visited({ onVisit, ownAddresses = allAddresses }: HubOptions, address: string, what: Visit): void {
  if (onVisit !== undefined && !isLoopback(address) && !ownAddresses().includes(address)) onVisit(what)
}

/** Returns what tells of those who come to the hub, and how many are connected. */
function watchVisitors(options: HubOptions) {
  let count = 0
  return {
    onPage: (address: string, isPart: boolean): void => {
      if (!isPart) visited(options, address, 'page')
      options.onKnock?.()
    },
    onFull: (address: string): void => {
      visited(options, address, 'full')
    },
    onVisitor: (change: 1 | -1): void => {
      count += change
      options.onKnock?.()
    },
    visitors: (): number => count,
  }
}

const REFUSED = { far: 'not of a network of this computer', 'too many': 'too many from that address' }

/** Wraps a close so that a second call waits for the first. */
function once(close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined
  return () => (closed ??= close())
}

/** Starts a hub: one http server, one Socket.IO server on it, the phone page beside. */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const limits = { ...SHIPPED_LIMITS, ...options.limits }
  let rules = requestRules(options, options.port ?? HUB_PORT)
  const waitingRoom = options.open === true ? null : new WaitingRoom(limits)
  const page = await readPage(options.pageDir)
  const hasRoom = (address: string): boolean => waitingRoom?.hasRoom(address) ?? true
  const downloads = options.downloads ?? new Downloads(limits)
  const sealed = sealedSockets(options, waitingRoom, limits, (id) => signaling.isLive(id))
  const takeLane: HttpServerOptions['takeLane'] = sealed && ((...args) => sealed.lanes.take(...args))
  const { onPage, onFull, onVisitor, visitors } = watchVisitors(options)
  const http = makeHttpServer({ limits, page, downloads, rules: () => rules, hasRoom, takeLane, onPage, onFull })
  const cutAll = filterHere(http, options, limits)
  const io = attachSocketIo(http, limits)
  const signaling: Signaling = startSignaling({ io, http, waitingRoom, limits, onVisitor }, options)
  const listening = await listenNear(http.server, rules.port, options.bind)
  const { port } = listening
  rules = requestRules(options, port)
  return {
    port,
    loopbackUrl: `http://127.0.0.1:${port}`,
    downloads,
    links: () => signaling.links,
    visitors,
    expel: (uid, code) => {
      const session = signaling.expel(uid, code)
      if (session !== undefined) sealed?.lanes.cutUnopened(session)
    },
    close: once(async () => {
      await sealed?.close()
      await closeAll(io, listening, cutAll)
    }),
  }
}
