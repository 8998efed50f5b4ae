import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import { isInAny, isIpv6, networkOf } from '#protocol/networks.ts'
import type { AddressChoice } from './address-choice.ts'
import { adapterKind, systemKind } from './adapters.ts'

type Info = Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'> &
  Partial<Pick<NetworkInterfaceInfo, 'mac' | 'netmask'>>

/** What os.networkInterfaces() returns, as far as it is looked at. */
export type Interfaces = Readonly<Record<string, readonly Info[] | undefined>>

const isOfAny =
  (networks: readonly string[]) =>
  (address: string): boolean =>
    isInAny(address, networks)

/** Tells whether an IPv4 address is of a range that houses and offices use (RFC 1918). */
export const isUsualPrivate = isOfAny(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'])
/** Unique local addresses (RFC 4193), which are to IPv6 what those are to IPv4. */
const isUniqueLocal = isOfAny(['fc00::/7'])
export const isSelfAssigned = isOfAny(['169.254.0.0/16'])
/** Without the name of an adapter they lead nowhere, and no browser takes one. */
export const isLinkLocal = isOfAny(['fe80::/10'])
/** What a system gives itself to speak IPv4 where there is only IPv6 (RFC 7335): nobody else can reach it. */
const isTranslated = isOfAny(['192.0.0.0/29'])
const KINDS: readonly AddressChoice['kind'][] = ['real', 'vpn', 'virtual']

/** Ranks an address: private ones first, as a phone in the same house has one too; self-assigned last: there was no router. */
function reach(address: string): number {
  if (isSelfAssigned(address)) return SELF_ASSIGNED
  if (isIpv6(address)) return isUniqueLocal(address) ? 2 : 3
  return isUsualPrivate(address) ? 0 : 1
}
const SELF_ASSIGNED = 4

// A self-assigned address is worse than any adapter's proper one, whatever the adapter.
const rank = ({ address, kind }: AddressChoice): number =>
  (reach(address) === SELF_ASSIGNED ? 100 : 0) + KINDS.indexOf(kind) * 10 + reach(address)

const canBeDialled = ({ address, internal }: Info): boolean =>
  !internal && !isLinkLocal(address) && !isTranslated(address)

/** The part of an IPv6 address that is the network's; a computer has several addresses in one, some for a day only. */
const IPV6_NETWORK_BITS = 64

/** Picks the addresses of an adapter that may go into a link: those of IPv6 only where no router has given one of IPv4. */
function offered(infos: readonly Info[]): readonly Info[] {
  const own = infos.filter(canBeDialled)
  const ipv4 = own.filter(({ family }) => family === 'IPv4')
  if (ipv4.some(({ address }) => !isSelfAssigned(address))) return ipv4
  const networks = new Map<string, Info>()
  for (const info of own.filter(({ family }) => family === 'IPv6')) {
    const network = networkOf(info.address, IPV6_NETWORK_BITS)
    if (!networks.has(network)) networks.set(network, info)
  }
  return [...ipv4, ...networks.values()]
}

/** Lists the addresses at which others may reach this computer, the likeliest first; among equals as the system does. */
export function listAddresses(
  interfaces: Interfaces = networkInterfaces(),
  kindOf: (adapter: string) => AddressChoice['kind'] | null = knownKind,
): AddressChoice[] {
  const choices = Object.entries(interfaces).flatMap(([adapter, infos = []]) =>
    offered(infos).map(({ address, ...info }) => ({
      address,
      adapter,
      kind: adapterKind(adapter, info, kindOf(adapter)),
    })),
  )
  return choices.sort((a, b) => rank(a) - rank(b))
}

/** ms for which the system is believed to say the same of an adapter: the list is asked for at each request. */
const KNOWN_MS = 3000
let known = new Map<string, AddressChoice['kind'] | null>()
let knownSince = -Infinity

function knownKind(adapter: string): AddressChoice['kind'] | null {
  const now = performance.now()
  if (now - knownSince > KNOWN_MS) {
    known = new Map()
    knownSince = now
  }
  const before = known.get(adapter)
  const kind = before === undefined ? systemKind(adapter) : before
  known.set(adapter, kind)
  return kind
}

/** Lists all addresses of this computer that others may dial: those that may go into a link first, in that order. */
export function ownAddresses(interfaces: Interfaces = networkInterfaces()): string[] {
  const all = Object.values(interfaces).flatMap((infos = []) => infos.filter(canBeDialled))
  return [...new Set([...listAddresses(interfaces), ...all].map(({ address }) => address))]
}

export interface Watch {
  readonly everyMs?: number
  readonly list?: () => AddressChoice[]
}

/**
 * Calls back whenever the list of addresses has changed. It is read again and again, as no system tells Node about
 * changes; the timer keeps no process alive. Returns its undo.
 */
export function watchAddresses(onChange: (now: AddressChoice[]) => void, watch: Watch = {}): () => void {
  const { everyMs = 3000, list = listAddresses } = watch
  let before = JSON.stringify(list())
  const timer = setInterval(() => {
    const now = list()
    const text = JSON.stringify(now)
    if (text === before) return
    before = text
    onChange(now)
  }, everyMs).unref()
  return () => {
    clearInterval(timer)
  }
}
