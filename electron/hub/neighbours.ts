import { BlockList, isIPv4 } from 'node:net'
import type { Server, Socket } from 'node:net'
import { isLoopback, plainAddress } from '#hub/candidates.ts'

/** Networks whose computers are near: private, link-local, and this computer itself. */
const NEAR = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '127.0.0.0/8']

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
}

/** Cuts off connections from afar, and those beyond one address's share, before a byte of them is read. */
export function guardConnections(server: Server, { isNear, perAddress }: AcceptRules): void {
  const counts = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress)
    const count = counts.get(address) ?? 0
    if (!isNear(address) || (count >= perAddress && !isLoopback(address))) {
      socket.destroy()
      return
    }
    counts.set(address, count + 1)
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1
      if (left > 0) counts.set(address, left)
      else counts.delete(address)
    })
  })
}
