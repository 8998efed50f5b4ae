import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AddressChoice } from './address-choice.ts'

type Kind = AddressChoice['kind']

/** What is asked of an adapter beside its name, where the system tells it. */
export interface AdapterInfo {
  readonly mac?: string
  readonly netmask?: string
}

/**
 * Names that systems and programs give to adapters. The words are looked for anywhere, as on Windows people read
 * "vEthernet (WSL)" or "VMware Network Adapter VMnet8"; the short Unix names only as a whole, or at the end.
 */
const VIRTUAL =
  /^(?:docker\d*|br-[0-9a-f]+|veth.*|vnet\d+|virbr\d.*|vmnet\d+|vmenet\d+|vboxnet\d+|lxc.*|lxdbr\d+|incusbr\d+|mpqemubr\d+|podman\d*|cni.*|cbr\d+|kube-.*|flannel.*|cali.*|cilium.*|weave|dummy\d*|ifb\d+|waydroid\d*|lima\d*|anbox\d*|bridge1\d\d|vnic\d+|awdl\d+|llw\d+|anpi\d+)$|vethernet|\bwsl\b|virtualbox|vmware|hyper-v|docker|default switch|loopback/i
const VPN =
  /(?:^|[^a-z])(?:wg|zt|ham|ppp|ipsec|xfrm|gre|sit|l2tp|pptp|gpd|cscotun|wt|proton|nebula|edge)\d+$|^(?:a?wg|zt|wg[-_]\w+)[-\w]*$|t(?:un|ap)\d*$|tunnel|vpn|wireguard|tailscale|zerotier|tap-windows|wintun|fortinet|forticlient|anyconnect|globalprotect|warp|hamachi|radmin|nordlynx|mullvad|proton|outline|sing-?box|clash|v2ray|xray|surfshark|windscribe|netbird|twingate|easytier|teredo/i

const NO_MAC = '00:00:00:00:00:00'
const HOST_NETMASK = '255.255.255.255'

export const SYSTEM_ADAPTERS = '/sys/class/net'
/** Adapters below adapters that are followed: a VLAN on a bond in a bridge is three. */
const DEPTH_MAX = 4

/** Types of Linux (if_arp.h) that are tunnels: none at all, PPP, IP in IP, SIT, GRE. */
const TUNNELS: ReadonlySet<string> = new Set(['65534', '512', '768', '776', '778'])
const DEVTYPES: Readonly<Record<string, Kind>> = { wireguard: 'vpn', vxlan: 'virtual', geneve: 'virtual' }

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true

/**
 * Returns what Linux knows of an adapter; null where it knows nothing, as on other systems, and for a pair of a container,
 * which may well be all its network. What lies on real hardware (a bridge, a bond, a VLAN) is as real as that.
 */
export function systemKind(adapter: string, root = SYSTEM_ADAPTERS, depth = 0): Kind | null {
  const path = join(root, adapter)
  if (adapter.includes('/') || !existsSync(path)) return null
  if (isLink(join(path, 'device')) || existsSync(join(path, 'wireless'))) return 'real'
  if (existsSync(join(path, 'tun_flags')) || TUNNELS.has(textOf(join(path, 'type')))) return 'vpn'
  const devtype = /^DEVTYPE=(.*)$/m.exec(textOf(join(path, 'uevent')))?.[1] ?? ''
  const known = DEVTYPES[devtype]
  if (known !== undefined) return known
  const isBridge = existsSync(join(path, 'bridge'))
  const below = isBridge
    ? namesIn(join(path, 'brif'))
    : namesIn(path).flatMap((name) => (name.startsWith('lower_') ? [name.slice(6)] : []))
  if (depth < DEPTH_MAX && below.some((lower) => adapterKind(lower, {}, systemKind(lower, root, depth + 1)) === 'real'))
    return 'real'
  return isBridge ? 'virtual' : null
}

/** Judges an adapter by what the system knows of it, then by what its address looks like, by its name last. */
export function adapterKind(adapter: string, { mac, netmask }: AdapterInfo = {}, system: Kind | null = null): Kind {
  if (system !== null) return system
  if (VIRTUAL.test(adapter)) return 'virtual'
  if (VPN.test(adapter)) return 'vpn'
  return mac === NO_MAC || netmask === HOST_NETMASK ? 'vpn' : 'real'
}
