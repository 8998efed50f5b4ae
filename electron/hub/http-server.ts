import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { plainAddress } from './candidates.ts'
import {
  checkRequest,
  beginsSession,
  isLane,
  isSignaling,
  type RequestRules,
  type RequestHead,
  type Verdict,
} from './request-check.ts'
import { isDownload, type Downloads } from './downloads.ts'
import type { HubLimits } from './limits.ts'
import type { Route } from './hub-client.ts'
import { sendPlain, servePage, type Page } from './page.ts'

export interface HubHttpServer {
  readonly server: Server
  /**
   * A server that never listens, for Socket.IO to attach to. It sees what the door lets through and nothing else:
   * Socket.IO's own `allowRequest` is asked for the first request of a session only.
   */
  readonly inner: Server
  /** The two ends of the connection on which a request came, known even after it was closed. */
  routeOf(req: IncomingMessage): Route
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

/** 2018 clients ask with credentials, so a `*` would not do. There is no cookie to be had. */
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

const FULL = { ok: false, status: 503 } as const

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => {
    // It is being closed anyway.
  })
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
  socket.end(head, () => socket.destroy())
}

function refuseRequest(res: ServerResponse, status: number): void {
  res.setHeader('Connection', 'close')
  sendPlain(res, status, STATUS_CODES[status] ?? '')
}

export interface HttpServerOptions {
  readonly limits: HubLimits
  readonly page: Page
  readonly downloads: Downloads
  /** Asked late, when the port is known. */
  readonly rules: () => RequestRules
  /** Whether one more client may come from there. */
  readonly hasRoom: (address: string) => boolean
  /** Takes a sealed socket, unless there is no room; null = there are none here. */
  readonly takeLane: ((req: IncomingMessage, socket: Duplex, head: Buffer, address: string) => boolean) | null
}

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

/** Makes the http server, which checks every request before anything else sees it. */
export function makeHttpServer(options: HttpServerOptions): HubHttpServer {
  const { limits, page, downloads, rules, hasRoom, takeLane } = options
  const inner = createServer()
  const routes = new WeakMap<IncomingMessage, Route>()
  const server = makeListener(limits)

  const ask = (req: IncomingMessage): Verdict => {
    const route = routeNow(req)
    routes.set(req, route)
    const verdict = checkRequest(headOf(req, route), rules())
    return verdict.ok && beginsSession(req.url ?? '') && !hasRoom(route.remote) ? FULL : verdict
  }
  server.on('request', (req, res) => {
    const verdict = ask(req)
    if (!verdict.ok) refuseRequest(res, verdict.status)
    else if (isSignaling(req.url ?? '')) passOn(inner, req, res, verdict.crossOrigin)
    else if (isDownload(req.url ?? '')) downloads.serve(req, res, routeNow(req).remote)
    else servePage(page, req, res, verdict.host)
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

function passOn(inner: Server, req: IncomingMessage, res: ServerResponse, crossOrigin: string | null): void {
  if (crossOrigin !== null) allowCrossOrigin(res, crossOrigin)
  if (crossOrigin !== null && req.method === 'OPTIONS') answerPreflight(res)
  else inner.emit('request', req, res)
}
