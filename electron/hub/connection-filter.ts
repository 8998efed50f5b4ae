import { BlockList, isIPv4, type Server, type Socket } from 'node:net'
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import { plainAddress } from './candidates.ts'
import { isOwnProgram } from './waiting-room.ts'

export interface ConnectionRules {
  /** Whether an address is one from which connections are accepted. */
  readonly isNear: (address: string) => boolean
  /** Connections of one address at a time; `fromHere`: of this computer's own programs. */
  readonly perAddress: number
  readonly fromHere: number
  /** Called for each refused connection: nothing else could tell, as not a byte of it is read. */
  readonly onRefused: (address: string, why: 'far' | 'too many') => void
  /** Called for each connection that is let in. */
  readonly onLetIn?: (address: string) => void
}

/**
 * Closes connections from networks that are not near, and those beyond one address's share, before a byte of them is
 * read. Returns a function that closes all that are left: a phone that is gone would keep its websocket for half a minute.
 */
export function filterConnections(
  server: Server,
  { isNear, perAddress, fromHere, onRefused, onLetIn }: ConnectionRules,
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
      // A socket that is closed already has no address.
      if (address !== '') onRefused(address, isNear(address) ? 'too many' : 'far')
      socket.destroy()
      return
    }
    onLetIn?.(address)
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

/** The part of what os.networkInterfaces() returns that is read here. */
type Interfaces = Readonly<
  Record<string, readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal' | 'netmask'>[] | undefined>
>

/** Networks whose computers are near: private, link-local, and this computer itself. */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '127.0.0.0/8']

/**
 * Shared by a carrier's customers (RFC 6598), and used by VPNs such as Tailscale, whose addresses stand alone: such an
 * address there makes all of it near. One with a netmask has a network of its own, like any other.
 */
const SHARED_BITS = 10
const SHARED_NETWORK = `100.64.0.0/${SHARED_BITS}`

/** A shorter prefix is no network of neighbours but a mistake, or a tunnel to everywhere. */
const BITS_MIN = 8

const listOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    if (isIPv4(address)) list.addSubnet(address, Number(bits ?? 32))
  }
  return list
}

const privates = listOf(PRIVATE_NETWORKS)
const shared = listOf([SHARED_NETWORK])

/** Counts the bits of a netmask such as 255.255.255.0; 32 for what is none. */
function bitsOf(netmask: string): number {
  const bits = netmask.split('.').reduce((all, part) => all + Number(part).toString(2).padStart(8, '0'), '')
  return /^1*0*$/.test(bits) && bits.length === 32 ? bits.replaceAll('0', '').length : 32
}

/** Returns the first address of the network that an address lies in. */
const baseOf = (address: string, bits: number): string =>
  address
    .split('.')
    .map((part, at) => Number(part) & (256 - 2 ** Math.max(0, 8 - Math.min(8, Math.max(0, bits - at * 8)))))
    .join('.')

function networkAround(address: string, netmask: string): string {
  const bits = bitsOf(netmask)
  if (shared.check(address) && !(bits > SHARED_BITS && bits < 32)) return SHARED_NETWORK
  return bits < BITS_MIN ? `${address}/32` : `${baseOf(address, bits)}/${bits}`
}

/**
 * Returns the networks around this computer's own addresses that are not private ones anyway, as `address/bits`: a phone
 * that reads such an address in a code comes from there. `more`: further addresses of this computer, which no adapter has.
 */
export function ownNetworks(interfaces: Interfaces = networkInterfaces(), more: readonly string[] = []): string[] {
  const own = Object.values(interfaces).flatMap((infos = []) =>
    infos.filter(({ family, internal }) => family === 'IPv4' && !internal),
  )
  const all = [...own, ...more.map((address) => ({ address, netmask: '255.255.255.255' }))]
  const far = all.filter(({ address }) => isIPv4(address) && !privates.check(address))
  return [...new Set(far.map(({ address, netmask }) => networkAround(address, netmask)))]
}

/** Tells whether an IPv4 address lies in a private network or in one of `networks`, each as `address/bits`. */
export function isNeighbour(address: string, networks: () => readonly string[]): boolean {
  return isIPv4(address) && (privates.check(address) || listOf(networks()).check(address))
}
