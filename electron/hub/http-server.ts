import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { urlHost } from '#protocol/networks.ts'
import { LANE_PATH } from '#protocol/sealed.ts'
import { isLoopback, plainAddress } from './candidates.ts'
import { isDownload, type Downloads } from './downloads.ts'
import type { Route } from './hub-client.ts'
import type { HubLimits } from './limits.ts'
import { sendPlain, servePage, type Page } from './page.ts'

/** What a request says about itself before anything of it is believed. */
export interface RequestHead {
  /** Every Host header, in order. */
  readonly hosts: readonly string[]
  readonly origin: string | undefined
  /** Address of the TCP peer. Headers that claim another one are not looked at. */
  readonly remote: string
  readonly url: string
  /** What a browser of today says by itself about who asks, and for what (Fetch Metadata); undefined where it does not. */
  readonly fetch: {
    readonly site: string | undefined
    readonly mode: string | undefined
    readonly dest: string | undefined
  }
}

export interface RequestRules {
  readonly port: number
  readonly ownAddresses: () => readonly string[]
  /** This computer's name on the local network, at which there is the hub but no page; null = none. */
  readonly localName: string | null
  /** Origins at which this hub has served its page. */
  readonly pageOrigins: ReadonlySet<string>
  /** Origins of a developer's own pages. */
  readonly allowOrigins: ReadonlySet<string>
  /** Origin of this computer's own window, if there is one. */
  readonly windowOrigin: string | null
}

export type Verdict =
  | {
      readonly ok: true
      /** The Host header: one of this computer's names, so it may be put into an answer. */
      readonly host: string
      /** The allowed origin of another page, which needs CORS headers to read the answer. */
      readonly crossOrigin: string | null
    }
  | { readonly ok: false; readonly status: 400 | 403 | 421 | 503 }

export interface HttpServerOptions {
  readonly limits: HubLimits
  readonly page: Page
  readonly downloads: Downloads
  /** Returns the rules of now: the port is known only once the server listens. */
  readonly rules: () => Omit<RequestRules, 'pageOrigins'>
  /** Whether one more client may come from an address. */
  readonly hasRoom: (address: string) => boolean
  /** Takes a sealed socket, unless there is no room; null = the hub has none. */
  readonly takeLane: ((req: IncomingMessage, socket: Duplex, head: Buffer, address: string) => boolean) | null
  /** Called when the page is asked for, or (`isPart`) a part of it. */
  readonly onPage: (address: string, isPart: boolean) => void
  /** Called for each client that is sent away as there is no room. */
  readonly onFull: (address: string) => void
}

export interface HubHttpServer {
  readonly server: Server
  /**
   * A server that never listens, for Socket.IO to attach to. It sees the requests that pass the check and no others:
   * Socket.IO's own `allowRequest` is asked for the first request of a session only.
   */
  readonly inner: Server
  /** Returns the two ends of the connection on which a request came, also after the connection was closed. */
  routeOf(req: IncomingMessage): Route
}

/** Makes the http server, which checks every request before Socket.IO, the page, a download or a lane sees it. */
export function makeHttpServer(options: HttpServerOptions): HubHttpServer {
  const { limits, page, downloads, rules, hasRoom, takeLane, onPage, onFull } = options
  const inner = createServer()
  const routes = new WeakMap<IncomingMessage, Route>()
  const pageOrigins = new Set<string>()
  const server = makeListener(limits)

  const ask = (req: IncomingMessage): Verdict => {
    const route = routeNow(req)
    routes.set(req, route)
    const verdict = checkRequest(headOf(req, route), { ...rules(), pageOrigins })
    if (!verdict.ok || !beginsSession(req.url ?? '') || hasRoom(route.remote)) return verdict
    onFull(route.remote)
    return FULL
  }
  server.on('request', (req, res) => {
    const verdict = ask(req)
    if (!verdict.ok) refuseRequest(res, verdict.status)
    else if (isSignaling(req.url ?? '')) passOn(inner, req, res, verdict.crossOrigin)
    else if (isDownload(req.url ?? '')) downloads.serve(req, res, routeNow(req).remote)
    else {
      onPage(routeNow(req).remote, req.url?.split('?')[0] !== '/')
      remember(pageOrigins, verdict.host)
      servePage(page, req, res, verdict.host)
    }
  })
  server.on('upgrade', (req, socket, head) => {
    const verdict = ask(req)
    if (!verdict.ok) refuseUpgrade(socket, verdict.status)
    else if (isSignaling(req.url ?? '')) inner.emit('upgrade', req, socket, head)
    else if (takeLane === null || !isLane(req.url ?? '')) refuseUpgrade(socket, 404)
    else if (!takeLane(req, socket, head, routeNow(req).remote)) refuseUpgrade(socket, FULL.status)
  })
  return { server, inner, routeOf: (req) => routes.get(req) ?? routeNow(req) }
}

/** Origins that are remembered: a computer that has had more addresses than that in one run forgets the oldest. */
const PAGE_ORIGINS_MAX = 64

/** Remembers that the page is served at a host. Those of this computer alone are no phone's. */
function remember(pageOrigins: Set<string>, host: string): void {
  const origin = `http://${host}`
  if (LOOPBACK_HOST.test(host)) return
  pageOrigins.delete(origin)
  pageOrigins.add(origin)
  const [oldest] = pageOrigins
  if (pageOrigins.size > PAGE_ORIGINS_MAX && oldest !== undefined) pageOrigins.delete(oldest)
}

const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/

/** Makes the server that listens, with the limits that Node enforces. */
function makeListener(limits: HubLimits): Server {
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.timeoutCheckMs,
  })
  server.maxHeadersCount = limits.headersMax
  server.maxRequestsPerSocket = limits.requestsPerConnection
  server.maxConnections = limits.connections
  // Such as no file descriptors left: a later connection may find one.
  server.on('error', () => undefined)
  return server
}

const textOf = ({ headers }: IncomingMessage, what: 'site' | 'mode' | 'dest'): string | undefined =>
  headers[`sec-fetch-${what}`]?.toString()

const headOf = (req: IncomingMessage, route: Route): RequestHead => ({
  hosts: req.headersDistinct['host'] ?? [],
  origin: req.headers.origin,
  remote: route.remote,
  url: req.url ?? '',
  fetch: { site: textOf(req, 'site'), mode: textOf(req, 'mode'), dest: textOf(req, 'dest') },
})

const routeNow = ({ socket }: IncomingMessage): Route => ({
  remote: plainAddress(socket.remoteAddress),
  local: plainAddress(socket.localAddress),
})

const SIGNALING_PATH = '/socket.io/'
const isSignaling = (url: string): boolean => url.startsWith(SIGNALING_PATH)
const isLane = (url: string): boolean => url === LANE_PATH

/** Tells whether a URL is one by which pages and apps speak to the hub. */
const isSpokenTo = (url: string): boolean => isSignaling(url) || isLane(url)

const queryOf = (url: string): URLSearchParams => new URLSearchParams(url.split('?')[1] ?? '')

/** Tells whether a URL is that of a Socket.IO session's first request. */
const beginsSession = (url: string): boolean => isSignaling(url) && (queryOf(url).get('sid') ?? '') === ''

const FULL = { ok: false, status: 503 } as const
const refuse = (status: 400 | 403 | 421): Verdict => ({ ok: false, status })

/** Judges a request or an upgrade by its head; called for each of them, before Socket.IO or the page sees it. */
export function checkRequest(head: RequestHead, rules: RequestRules): Verdict {
  const [host, ...more] = head.hosts
  if (host === undefined || more.length > 0 || !isOurHost(host, head.url, rules)) return refuse(421)
  const verdict = checkOrigin(host, head, rules)
  // An origin that is let in by name is another site by nature.
  if (verdict.ok && verdict.crossOrigin === null && isAskedByOthers(head)) return refuse(403)
  return verdict.ok && isSignaling(head.url) && asksWrongly(head.url) ? refuse(400) : verdict
}

/**
 * Tells whether a Host header is a name of this computer, spelled as a browser spells it. Any other means that a web
 * site made its own name point to this computer (DNS rebinding) to get past its browser's same-origin rule.
 */
function isOurHost(host: string, url: string, { port, ownAddresses, localName }: RequestRules): boolean {
  const isHost = (name: string): boolean => host === `${name}:${port}` || (port === 80 && host === name)
  // No page there: a page of ours at a name that anybody may answer to would be somebody else's next time.
  if (localName !== null && isHost(localName)) return isSpokenTo(url) || isDownload(url)
  // Looking up the addresses costs more than all else here, so it comes last.
  return ['127.0.0.1', 'localhost', '[::1]'].some(isHost) || ownAddresses().map(urlHost).some(isHost)
}

/**
 * Decides which pages may speak to the hub. Socket.IO's own `cors` would only set headers, and no websocket heeds them.
 */
function checkOrigin(
  host: string,
  { origin, remote, url }: RequestHead,
  { allowOrigins, windowOrigin, pageOrigins }: RequestRules,
): Verdict {
  if (origin === undefined || origin === `http://${host}`) return { ok: true, host, crossOrigin: null }
  const isWindow = origin === windowOrigin && isLoopback(remote)
  // A page of ours that was loaded from another address of this computer, which may be gone.
  const isOurPage = pageOrigins.has(origin) && isSpokenTo(url)
  return isWindow || isOurPage || allowOrigins.has(origin) ? { ok: true, host, crossOrigin: origin } : refuse(403)
}

/**
 * Tells whether another site's page made its browser ask: by an image or script tag, a form or a frame, which name no
 * Origin. A link to the page itself is followed from anywhere, as a scanner of codes does. A request without Fetch
 * Metadata is no browser's, or an old one's, or over plain http: browsers send it to 127.0.0.1 and over https only.
 */
function isAskedByOthers({ fetch: { site, mode, dest }, url }: RequestHead): boolean {
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  const isLink = mode === 'navigate' && (dest === undefined || dest === 'document')
  return !(isLink && url.split('?')[0] === '/')
}

/**
 * Finds requests that Socket.IO must not see: script tags of any page can read what JSONP answers; Engine.IO takes any
 * version that it does not know for the third, and the last of a parameter that comes twice.
 */
function asksWrongly(url: string): boolean {
  const query = queryOf(url)
  const isTwice = ['EIO', 'sid', 'transport'].some((name) => query.getAll(name).length > 1)
  return query.has('j') || isTwice || !['3', '4'].includes(query.get('EIO') ?? '')
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => {
    // The socket is being closed anyway.
  })
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
  socket.end(head, () => socket.destroy())
}

function refuseRequest(res: ServerResponse, status: number): void {
  res.setHeader('Connection', 'close')
  sendPlain(res, status, STATUS_CODES[status] ?? '')
}

function passOn(inner: Server, req: IncomingMessage, res: ServerResponse, crossOrigin: string | null): void {
  if (crossOrigin !== null) allowCrossOrigin(res, crossOrigin)
  if (crossOrigin !== null && req.method === 'OPTIONS') answerPreflight(res)
  else inner.emit('request', req, res)
}

/** Sets the CORS headers. Legacy apps ask with credentials, so a `*` would not do. There is no cookie to be had. */
function allowCrossOrigin(res: ServerResponse, origin: string): void {
  res.setHeader('Access-Control-Allow-Origin', origin)
  res.setHeader('Access-Control-Allow-Credentials', 'true')
  res.setHeader('Vary', 'Origin')
}

function answerPreflight(res: ServerResponse): void {
  res.setHeader('Access-Control-Allow-Methods', 'GET, POST')
  res.setHeader('Access-Control-Allow-Headers', 'Content-Type')
  res.setHeader('Access-Control-Allow-Private-Network', 'true')
  res.writeHead(204).end()
}
