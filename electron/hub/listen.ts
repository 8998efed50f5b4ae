import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'

/** Ports after the wanted one that are tried: more programs than that on one computer means something else is wrong. */
const FURTHER_PORTS = 100
const LAST_PORT = 65_535

// EACCES: Windows keeps ranges of ports for itself and tells it so.
const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')

async function listenOn(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Listens on the wanted port or the next free one, and tells which. 0 = any. */
export async function listenNear(server: Server, wanted: number, host: string): Promise<number> {
  const last = wanted === 0 ? 0 : Math.min(wanted + FURTHER_PORTS, LAST_PORT)
  for (let port = wanted; ; port++) {
    try {
      return await listenOn(server, port, host)
    } catch (error) {
      if (!isTaken(error) || port >= last) throw error
    }
  }
}
