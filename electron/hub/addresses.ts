import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { AddressChoice } from '#hub/address-choice.ts'

/** What os.networkInterfaces() returns, as far as it is looked at. */
export type Interfaces = Readonly<
  Record<string, readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[] | undefined>
>

/**
 * Adapters by the names that systems and programs give them. The words are looked for anywhere, as on Windows
 * people read "vEthernet (WSL)" or "VMware Network Adapter VMnet8"; the short Unix names only as a whole.
 */
const VIRTUAL =
  /^(?:docker\d*|br-[0-9a-f]+|veth[0-9a-f]{4,}.*|virbr\d.*|vmnet\d+|vboxnet\d+|lxc.*|lxdbr\d+|incusbr\d+|podman\d*|cni.*|flannel.*|cali.*|cilium.*|bridge1\d\d|vnic\d+|awdl\d+|llw\d+|anpi\d+)$|vethernet|\bwsl\b|virtualbox|vmware|hyper-v|docker|default switch/i
const VPN =
  /^(?:tun\d*|tap\d*|wg[-\w]*|utun\d+|ppp\d+|ipsec\d*|zt\w+|tailscale\d*|nordlynx|proton\d*|gpd\d+|cscotun\d+|wt\d+)$|vpn|wireguard|tailscale|zerotier|tap-windows|wintun|fortinet|forticlient|anyconnect|globalprotect|warp|hamachi|radmin|nordlynx/i

export function adapterKind(adapter: string): AddressChoice['kind'] {
  if (VIRTUAL.test(adapter)) return 'virtual'
  return VPN.test(adapter) ? 'vpn' : 'real'
}

const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/
const isSelfAssigned = (address: string): boolean => address.startsWith('169.254.')
const KINDS: readonly AddressChoice['kind'][] = ['real', 'vpn', 'virtual']

/** Private ones first: a phone in the same house has one too. Self-assigned ones last: there was no router. */
function reach(address: string): number {
  if (isSelfAssigned(address)) return 2
  return PRIVATE.test(address) ? 0 : 1
}

// A self-assigned address is worse than any adapter's proper one, whatever the adapter.
const rank = ({ address, kind }: AddressChoice): number =>
  (reach(address) === 2 ? 100 : 0) + KINDS.indexOf(kind) * 10 + reach(address)

/** All IPv4 addresses at which others may reach this computer, the likeliest first; among equals as the system lists them. */
export function listAddresses(interfaces: Interfaces = networkInterfaces()): AddressChoice[] {
  const choices = Object.entries(interfaces).flatMap(([adapter, infos = []]) =>
    infos
      .filter((info) => info.family === 'IPv4' && !info.internal)
      .map(({ address }) => ({ address, adapter, kind: adapterKind(adapter) })),
  )
  return choices.sort((a, b) => rank(a) - rank(b))
}

export const ownIpv4 = (): string[] => listAddresses().map(({ address }) => address)

export interface Watch {
  readonly everyMs?: number
  readonly list?: () => AddressChoice[]
}

/**
 * Calls back whenever the list is another than before. It asks again and again, as no system tells Node about
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
