import type { Server, Socket } from 'node:net'
import { plainAddress } from './candidates.ts'
import { isOwnProgram } from './waiting-room.ts'

export interface ConnectionRules {
  readonly isNear: (address: string) => boolean
  readonly perAddress: number
  /** Of this computer's own programs. */
  readonly fromHere: number
  /** Told of each that is refused, and why: nobody else could, as not a byte of it is read. */
  readonly onRefused: (address: string, why: 'far' | 'too many') => void
}

/**
 * Cuts off connections from afar, and those beyond one address's share, before a byte of them is read. Returns a
 * function that cuts off all that are left: a phone that is gone would keep its websocket for half a minute.
 */
export function filterConnections(
  server: Server,
  { isNear, perAddress, fromHere, onRefused }: ConnectionRules,
): () => void {
  const live = new Set<Socket>()
  const share = new Map<string, number>()
  const leave = (address: string): void => {
    const left = (share.get(address) ?? 0) - 1
    if (left > 0) share.set(address, left)
    else share.delete(address)
  }

  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress)
    const isTooMany = (share.get(address) ?? 0) >= (isOwnProgram(address) ? fromHere : perAddress)
    if (!isNear(address) || isTooMany) {
      // One that is gone already has no address.
      if (address !== '') onRefused(address, isNear(address) ? 'too many' : 'far')
      socket.destroy()
      return
    }
    live.add(socket)
    share.set(address, (share.get(address) ?? 0) + 1)
    socket.once('close', () => {
      live.delete(socket)
      leave(address)
    })
  })
  return () => {
    for (const socket of live) socket.destroy()
  }
}
