import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Ports after the wanted one that are tried: more programs than that on one computer means something else is wrong. */
const FURTHER_PORTS = 100
const LAST_PORT = 65_535

/** A server that listens. */
export interface Listening {
  readonly port: number
  /** Accepts nobody any more, and resolves when the last connection is gone. */
  readonly close: () => Promise<void>
}

/**
 * Has a server listen on the wanted port or the next free one; 0 = any. Without `host` it listens at every address, those of
 * IPv6 among them where the system has any.
 */
export async function listenNear(server: Server, wanted: number, host?: string): Promise<Listening> {
  const last = Math.min(wanted + FURTHER_PORTS, LAST_PORT)
  for (let port = wanted; ; port++) {
    try {
      // Any port of one family may be taken in the other: then it is any once more.
      return await listenAt(server, wanted === 0 ? 0 : port, host)
    } catch (error) {
      if (!isTaken(error) || port >= last) throw error
    }
  }
}

async function listenAt(server: Server, wanted: number, host?: string): Promise<Listening> {
  const port = await listenOn(server, { port: wanted, host: host ?? '0.0.0.0' })
  try {
    const further = host === undefined ? await listenOnIpv6(server, port) : null
    return { port, close: () => Promise.all([closed(server), further && closed(further)]).then(() => undefined) }
  } catch (error) {
    await closed(server)
    throw error
  }
}

/**
 * Listens on a port of IPv6 for a server that has that of IPv4. One socket for both would do on some systems; on others it
 * takes a port for free that another program has. Returns null where the system has no IPv6.
 */
async function listenOnIpv6(server: Server, port: number): Promise<Server | null> {
  const accept = (socket: Socket): void => void server.emit('connection', socket)
  const further = createServer({ allowHalfOpen: true, noDelay: true }, accept)
  further.maxConnections = server.maxConnections
  try {
    await listenOn(further, { port, host: '::', ipv6Only: true })
  } catch (error) {
    if (isTaken(error)) throw error
    return null
  }
  // Such as no file descriptors left: a later connection may find one.
  further.on('error', () => undefined)
  return further
}

async function listenOn(server: Server, where: { port: number; host: string; ipv6Only?: boolean }): Promise<number> {
  server.listen(where)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
  })

// EACCES: Windows keeps ranges of ports for itself and tells it so.
const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
