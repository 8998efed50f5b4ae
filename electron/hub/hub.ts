import { Server } from 'socket.io'
import { HUB_PORT } from '#protocol/limits.ts'
import { ownIpv4 } from '#hub/addresses.ts'
import type { WindowProof } from '#hub/admission.ts'
import { acceptClients } from '#hub/clients.ts'
import type { DoorRules } from '#hub/door.ts'
import { openFront, type Front } from '#hub/front.ts'
import { SHIPPED_LIMITS, type HubLimits } from '#hub/limits.ts'
import { listenNear } from '#hub/listen.ts'
import { guardConnections, neighbours } from '#hub/neighbours.ts'
import { readPage } from '#hub/page.ts'
import { Signaling } from '#hub/signaling.ts'

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
  /** Whether a phone may join this link. Asked at each registration; nobody may by default. */
  readonly admit?: ((uid: string) => boolean) | undefined
  readonly limits?: Partial<HubLimits> | undefined
  /** Networks beyond the private ones that may connect, as `address/bits`. */
  readonly allowPeers?: readonly string[] | undefined
  /** IPv4 addresses of this computer, asked at each request. */
  readonly ownAddresses?: (() => readonly string[]) | undefined
  /** Told about addresses and reasons, never about uids, ids or keys. */
  readonly log?: ((line: string) => void) | undefined
}

export interface Hub {
  /** The one it got. */
  readonly port: number
  /** For this computer's own window. */
  readonly loopbackUrl: string
  /** Live records: links with somebody at one end at least. */
  records(): number
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

function startSignaling(io: Server, front: Front, options: HubOptions, limits: HubLimits): Signaling {
  const { open = false, admit = () => false, log = silent, ownAddresses = ownIpv4 } = options
  const { endGraceMs } = limits
  const signaling = new Signaling({ open, admit, log, ownAddresses, endGraceMs })
  acceptClients(io, {
    signaling,
    log,
    endGraceMs,
    proof: windowProof(options),
    registerMs: open ? null : limits.registerMs,
    routeOf: (socket) => front.routeOf(socket.request),
  })
  return signaling
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

/** Closing twice is closing once. */
function once(close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined
  return () => (closed ??= close())
}

/** Starts a hub: one http server, one Socket.IO server on it, the phone page beside. */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const limits = { ...SHIPPED_LIMITS, ...options.limits }
  let rules = doorRules(options, options.port ?? HUB_PORT)
  const front = openFront(limits, await readPage(options.pageDir), () => rules)
  const isNear = neighbours(options.allowPeers ?? [], rules.ownAddresses)
  const cutAll = guardConnections(front.server, { isNear, perAddress: limits.connectionsPerAddress })
  const io = attachSocketIo(front, limits)
  const signaling = startSignaling(io, front, options, limits)
  const port = await listenNear(front.server, rules.port, options.bind ?? '0.0.0.0')
  rules = doorRules(options, port)
  return {
    port,
    loopbackUrl: `http://127.0.0.1:${port}`,
    records: () => signaling.records,
    close: once(() => closeAll(io, front, cutAll)),
  }
}
