const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/
const IPV6_GROUPS = 8
const IPV6_GROUP = /^[\da-f]{1,4}$/i

/** Returns numbers as the bits that they have, so many for each. */
const inBits = (numbers: readonly number[], width: number): string =>
  numbers.map((number) => number.toString(2).padStart(width, '0')).join('')

function ipv4Bits(address: string): string | null {
  const parts = address.split('.').map(Number)
  return IPV4.test(address) && parts.every((part) => part <= 255) ? inBits(parts, 8) : null
}

function ipv6Bits(address: string): string | null {
  const [head = [], tail, ...more] = address.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const missing = IPV6_GROUPS - head.length - (tail?.length ?? 0)
  // What `::` stands for is one group at least.
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return null
  const groups = [...head, ...Array<string>(missing).fill('0'), ...(tail ?? [])]
  return groups.every((group) => IPV6_GROUP.test(group))
    ? inBits(
        groups.map((group) => parseInt(group, 16)),
        16,
      )
    : null
}

/** Returns the bits of an address or of a netmask as text; null for what is neither IPv4 nor IPv6. A zone is no part of an address here. */
const bitsOf = (address: string): string | null => (address.includes(':') ? ipv6Bits(address) : ipv4Bits(address))

export const isIpv6 = (address: string): boolean => ipv6Bits(address) !== null

/** Tells whether an address lies in a network such as `203.0.113.0/24` or `fd00::/8`. */
export function isIn(address: string, network: string): boolean {
  const [base = '', length] = network.split('/')
  const [own, other] = [bitsOf(address), bitsOf(base)]
  if (own === null || own.length !== other?.length) return false
  const common = length === undefined || length === '' ? own.length : Number(length)
  return own.slice(0, common) === other.slice(0, common)
}

/** Tells whether an address lies in one of these networks. */
export const isInAny = (address: string, networks: readonly string[]): boolean =>
  networks.some((network) => isIn(address, network))

/** Private and link-local networks: whoever has an address there is near. */
export const NEAR_NETWORKS = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'],
  ...['fc00::/7', 'fe80::/10'],
] as const

/** Those in which a computer is alone with itself. */
export const LOOPBACK_NETWORKS = ['127.0.0.0/8', '::1/128'] as const

/** Counts the bits of a netmask such as 255.255.255.0; null for what is none. */
export function prefixOf(netmask: string): number | null {
  const bits = bitsOf(netmask)
  return bits !== null && /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : null
}

/** Returns the network that an address lies in, as its first address and `length`; the same text for all addresses of it. */
export function networkOf(address: string, length: number): string {
  const bits = bitsOf(address) ?? ''
  const first = bits.slice(0, length).padEnd(bits.length, '0')
  const parts = address.includes(':') ? first.match(/.{16}/g) : first.match(/.{8}/g)
  const numbers = (parts ?? []).map((part) => parseInt(part, 2))
  const text = address.includes(':') ? numbers.map((number) => number.toString(16)).join(':') : numbers.join('.')
  return `${text}/${length}`
}

/** Returns an address as it stands in a web address. */
export const urlHost = (address: string): string => (address.includes(':') ? `[${address}]` : address)
