import { Server } from 'socket.io'
import type { Reason } from '#protocol/errors.ts'
import { HUB_PORT } from '#protocol/limits.ts'
import { ownIpv4 } from '#hub/addresses.ts'
import type { WindowProof } from '#hub/admission.ts'
import { acceptClients } from '#hub/clients.ts'
import type { DoorRules } from '#hub/door.ts'
import { Downloads } from '#hub/downloads.ts'
import { openFront, type Front, type FrontOptions } from '#hub/front.ts'
import { Guests } from '#hub/guests.ts'
import { SHIPPED_LIMITS, type HubLimits } from '#hub/limits.ts'
import { Lanes, type LaneHost } from '#hub/lanes.ts'
import { Intakes } from '#hub/intakes.ts'
import { LegacyDoor, type AskLegacy } from '#hub/legacy-door.ts'
import { listenNear } from '#hub/listen.ts'
import { guardConnections } from '#hub/neighbours.ts'
import { isNeighbour, ownNetworks } from '#hub/networks.ts'
import type { Keyring } from '#hub/proving.ts'
import { readPage } from '#hub/page.ts'
import { SealingThread, type SealingWorker } from '#hub/sealing-thread.ts'
import { Rarely } from '#hub/rarely.ts'
import { Signaling } from '#hub/signaling.ts'
import { WrongProofs } from '#hub/wrong-proofs.ts'

export interface HubOptions {
  /** TCP port; when it is taken, the next free one. 0 = any. */
  readonly port?: number | undefined
  /** Address to listen on. */
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
  /** Whether a phone may join this link. Asked at each registration; nobody may by default. */
  readonly admit?: ((uid: string) => boolean) | undefined
  /** Asks a person whether a client of 2018, which proves nothing, may join. Nobody is asked and none may, by default. */
  readonly askLegacy?: AskLegacy | undefined
  /** False for a uid whose device proved a key once, and so may not come without. */
  readonly mayBeLegacy?: ((uid: string) => boolean) | undefined
  /** Who gets the sealed sockets of proved phones. Without it there are none. */
  readonly lanes?: LaneHost | undefined
  /** Starts the thread that seals and opens for them: a Worker of out/main/seal-worker.js. */
  readonly startSealing?: (() => SealingWorker) | undefined
  readonly limits?: Partial<HubLimits> | undefined
  /** Files to be fetched by http, where they are to outlive this hub; else it has its own. */
  readonly downloads?: Downloads | undefined
  /** Networks beyond the private ones that may connect, as `address/bits`. */
  readonly allowPeers?: readonly string[] | undefined
  /** IPv4 addresses of this computer, asked at each request. */
  readonly ownAddresses?: (() => readonly string[]) | undefined
  /** Networks around them that are not private, as `address/bits`, asked at each connection from elsewhere. */
  readonly ownNetworks?: (() => readonly string[]) | undefined
  /** Told of each connection from a network that is not near, as nobody else notices. */
  readonly onStranger?: ((address: string) => void) | undefined
  /** Told about addresses and reasons, never about uids, ids or keys. */
  readonly log?: ((line: string) => void) | undefined
}

export interface Hub {
  /** The one it got. */
  readonly port: number
  /** For this computer's own window. */
  readonly loopbackUrl: string
  /** What phones may fetch by plain http. */
  readonly downloads: Downloads
  /** Live records: links with somebody at one end at least. */
  records(): number
  /** Ends the phone's place on a link, and says why. */
  expel(uid: string, code: Reason): void
  /** Ends every connection; resolves when nothing is left. */
  close(): Promise<void>
}

const silent = (): void => {
  // Nobody asked for a log.
}

function attachSocketIo(front: Front, limits: HubLimits): Server {
  return new Server(front.inner, {
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

function doorRules(options: HubOptions, port: number): DoorRules {
  return {
    port,
    ownAddresses: options.ownAddresses ?? ownIpv4,
    allowOrigins: new Set(options.allowOrigins),
    windowOrigin: windowProof(options)?.origin ?? null,
  }
}

function windowProof({ windowToken: token, windowOrigin: origin }: HubOptions): WindowProof | null {
  return token === undefined || origin === undefined ? null : { token, origin }
}

function legacyDoor({ askLegacy, mayBeLegacy }: HubOptions, limits: HubLimits): LegacyDoor {
  return new LegacyDoor({
    ask: askLegacy ?? (() => Promise.resolve(false)),
    mayBeLegacy: mayBeLegacy ?? (() => true),
    askMs: limits.legacyAskMs,
    waiting: limits.legacyWaiting,
    waitingPerAddress: limits.legacyWaitingPerAddress,
  })
}

interface Parts {
  readonly io: Server
  readonly front: Front
  /** Null in open signaling, where nobody waits. */
  readonly guests: Guests | null
  readonly limits: HubLimits
}

function startSignaling({ io, front, guests, limits }: Parts, options: HubOptions): Signaling {
  const { open = false, keyring = null, admit = () => false, log = silent, ownAddresses = ownIpv4 } = options
  const { endGraceMs, expelGraceMs } = limits
  const legacy = legacyDoor(options, limits)
  const wrongProofs = new WrongProofs(limits)
  const rules = { open, keyring, admit, log, ownAddresses, endGraceMs, expelGraceMs }
  const signaling = new Signaling({ ...rules, legacy, wrongProofs })
  acceptClients(io, {
    intakes: new Intakes(io, { guests, limits, log, addressOf: (req) => front.routeOf(req).remote }),
    signaling,
    log,
    endGraceMs,
    proof: windowProof(options),
    registerMs: open ? null : limits.registerMs,
    routeOf: (socket) => front.routeOf(socket.request),
  })
  return signaling
}

/** The hub's sealed sockets and their thread; null where nobody wants any. */
function lanesOf(options: HubOptions, guests: Guests | null, limits: HubLimits, isLive: (id: string) => boolean) {
  const { lanes: host, startSealing, log = silent } = options
  if (host === undefined || startSealing === undefined) return null
  const thread = new SealingThread(startSealing)
  const lanes = new Lanes({ host, isLive, thread, limits, guests, log })
  return {
    lanes,
    close: () => {
      lanes.close()
      return thread.close()
    },
  }
}

async function closeAll(io: Server, { server }: Front, cutAll: () => void): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  await io.close()
  cutAll()
  await closed
}

/** Cuts off who is not near, or has too much already, and says so. */
function guardDoor({ server }: Front, options: HubOptions, limits: HubLimits): () => void {
  const { allowPeers = [], ownNetworks: networks = () => ownNetworks(), log = silent } = options
  const ownAddresses = options.ownAddresses ?? ownIpv4
  const complaints = new Rarely(log)
  const near = (): readonly string[] => [...allowPeers, ...networks()]
  return guardConnections(server, {
    isNear: (address) => isNeighbour(address, near) || ownAddresses().includes(address),
    perAddress: limits.connectionsPerAddress,
    fromHere: limits.connectionsFromHere,
    onRefused: (address, why) => {
      complaints.say(address, `hub: connection from ${address} refused: ${REFUSED[why]}`)
      if (why === 'far') options.onStranger?.(address)
    },
  })
}

const REFUSED = { far: 'not of a network of this computer', 'too many': 'too many from that address' }

/** Closing twice is closing once. */
function once(close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined
  return () => (closed ??= close())
}

/** Starts a hub: one http server, one Socket.IO server on it, the phone page beside. */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const limits = { ...SHIPPED_LIMITS, ...options.limits }
  let rules = doorRules(options, options.port ?? HUB_PORT)
  const guests = options.open === true ? null : new Guests(limits)
  const page = await readPage(options.pageDir)
  const hasRoom = (address: string): boolean => guests?.hasRoom(address) ?? true
  const downloads = options.downloads ?? new Downloads(limits)
  const sealed = lanesOf(options, guests, limits, (id) => signaling.isLive(id))
  const takeLane: FrontOptions['takeLane'] = sealed && ((...args) => sealed.lanes.take(...args))
  const front = openFront({ limits, page, downloads, rules: () => rules, hasRoom, takeLane })
  const cutAll = guardDoor(front, options, limits)
  const io = attachSocketIo(front, limits)
  const signaling: Signaling = startSignaling({ io, front, guests, limits }, options)
  const port = await listenNear(front.server, rules.port, options.bind ?? '0.0.0.0')
  rules = doorRules(options, port)
  return {
    port,
    loopbackUrl: `http://127.0.0.1:${port}`,
    downloads,
    records: () => signaling.records,
    expel: (uid, code) => {
      const session = signaling.expel(uid, code)
      if (session !== undefined) sealed?.lanes.cutUnopened(session)
    },
    close: once(async () => {
      await sealed?.close()
      await closeAll(io, front, cutAll)
    }),
  }
}
