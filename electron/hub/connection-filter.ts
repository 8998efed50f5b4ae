import { isIP, type Server, type Socket } from 'node:net'
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import { isIn, isInAny, isIpv6, LOOPBACK_NETWORKS, NEAR_NETWORKS, networkOf, prefixOf } from '#protocol/networks.ts'
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
const PRIVATE_NETWORKS = [...NEAR_NETWORKS, ...LOOPBACK_NETWORKS]

/**
 * Shared by a carrier's customers (RFC 6598), and used by VPNs such as Tailscale, whose addresses stand alone: such an
 * address there makes all of it near. One with a netmask has a network of its own, like any other.
 */
const SHARED_BITS = 10
const SHARED_NETWORK = `100.64.0.0/${SHARED_BITS}`

/** A shorter prefix is no network of neighbours but a mistake, or a tunnel to everywhere. */
const BITS_MIN = 8

/**
 * The part of an IPv6 address that is the network's (RFC 4291, section 2.5.4). One that a router gives out alone (DHCPv6) has no
 * other in its netmask; a shorter one is that of many networks.
 */
const IPV6_BITS = 64

const isPrivate = (address: string): boolean => isInAny(address, PRIVATE_NETWORKS)

function networkAround(address: string, netmask: string): string {
  const bits = prefixOf(netmask)
  if (isIpv6(address)) {
    const isNarrow = bits !== null && bits > IPV6_BITS && bits < 128
    return networkOf(address, isNarrow ? bits : IPV6_BITS)
  }
  if (isIn(address, SHARED_NETWORK) && !(bits !== null && bits > SHARED_BITS && bits < 32)) return SHARED_NETWORK
  return networkOf(address, bits === null || bits < BITS_MIN ? 32 : bits)
}

/**
 * Returns the networks around this computer's own addresses that are not private ones anyway, as `address/bits`: a phone
 * that reads such an address in a code comes from there. `more`: further addresses of this computer, which no adapter has.
 */
export function ownNetworks(interfaces: Interfaces = networkInterfaces(), more: readonly string[] = []): string[] {
  const own = Object.values(interfaces).flatMap((infos = []) => infos.filter(({ internal }) => !internal))
  const all = [...own, ...more.map((address) => ({ address, netmask: '' }))]
  const far = all.filter(({ address }) => isIP(address) !== 0 && !isPrivate(address))
  return [...new Set(far.map(({ address, netmask }) => networkAround(address, netmask)))]
}

/** Tells whether an address lies in a private network or in one of `networks`, each as `address/bits`. */
export const isNeighbour = (address: string, networks: () => readonly string[]): boolean =>
  isPrivate(address) || isInAny(address, networks())
