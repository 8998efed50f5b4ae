import { BlockList, isIPv4 } from 'node:net'
import type { Server, Socket } from 'node:net'
import { plainAddress } from '#hub/candidates.ts'
import { isOwnProgram } from '#hub/guests.ts'

/** Networks whose computers are near: private, link-local, and this computer itself. */
const NEAR = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '127.0.0.0/8']

/** Shared by a carrier's customers (RFC 6598), and used by VPNs such as Tailscale: near only if somebody says so. */
export const SHARED_NETWORK = '100.64.0.0/10'

/** Whether a peer at this address may connect at all. `more`: further networks as `address/bits`. */
export function neighbours(
  more: readonly string[],
  ownAddresses: () => readonly string[],
): (address: string) => boolean {
  const near = new BlockList()
  for (const network of [...NEAR, ...more]) {
    const [address = '', bits] = network.split('/')
    near.addSubnet(address, Number(bits ?? 32))
  }
  return (address) => isIPv4(address) && (near.check(address) || ownAddresses().includes(address))
}

export interface AcceptRules {
  readonly isNear: (address: string) => boolean
  readonly perAddress: number
  /** Of this computer's own programs. */
  readonly fromHere: number
}

/**
 * Cuts off connections from afar, and those beyond one address's share, before a byte of them is read. Returns a
 * function that cuts off all that are left: a phone that is gone would keep its websocket for half a minute.
 */
export function guardConnections(server: Server, { isNear, perAddress, fromHere }: AcceptRules): () => void {
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
