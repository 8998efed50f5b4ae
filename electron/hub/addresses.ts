import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { AddressChoice } from './address-choice.ts'
import { adapterKind, systemKind } from './adapters.ts'

type Info = Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'> &
  Partial<Pick<NetworkInterfaceInfo, 'mac' | 'netmask'>>

/** What os.networkInterfaces() returns, as far as it is looked at. */
export type Interfaces = Readonly<Record<string, readonly Info[] | undefined>>

const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/
/** Tells whether an IPv4 address is of a range that houses and offices use (RFC 1918). */
export const isUsualPrivate = (address: string): boolean => PRIVATE.test(address)
const isSelfAssigned = (address: string): boolean => address.startsWith('169.254.')
const KINDS: readonly AddressChoice['kind'][] = ['real', 'vpn', 'virtual']

/** Ranks an address: private ones first, as a phone in the same house has one too; self-assigned last: there was no router. */
function reach(address: string): number {
  if (isSelfAssigned(address)) return 2
  return isUsualPrivate(address) ? 0 : 1
}

// A self-assigned address is worse than any adapter's proper one, whatever the adapter.
const rank = ({ address, kind }: AddressChoice): number =>
  (reach(address) === 2 ? 100 : 0) + KINDS.indexOf(kind) * 10 + reach(address)

/** Lists the IPv4 addresses at which others may reach this computer, the likeliest first; among equals as the system does. */
export function listAddresses(
  interfaces: Interfaces = networkInterfaces(),
  kindOf: (adapter: string) => AddressChoice['kind'] | null = knownKind,
): AddressChoice[] {
  const choices = Object.entries(interfaces).flatMap(([adapter, infos = []]) =>
    infos
      .filter((info) => info.family === 'IPv4' && !info.internal)
      .map(({ address, ...info }) => ({ address, adapter, kind: adapterKind(adapter, info, kindOf(adapter)) })),
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

export const ownIpv4 = (): string[] => listAddresses().map(({ address }) => address)

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
