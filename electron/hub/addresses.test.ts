import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AddressChoice } from '#hub/address-choice.ts'
import { adapterKind, listAddresses, watchAddresses, type Interfaces } from '#hub/addresses.ts'

const v4 = (address: string, internal = false) => ({ address, family: 'IPv4' as const, internal })
const v6 = (address: string) => ({ address, family: 'IPv6' as const, internal: false })
const LO = [v4('127.0.0.1', true)]
const order = (interfaces: Interfaces) =>
  listAddresses(interfaces).map(({ adapter, address }) => `${adapter} ${address}`)

describe('the likeliest address comes first', () => {
  test('Windows with WSL, Hyper-V, VirtualBox, VMware and a VPN', () => {
    expect(
      order({
        'vEthernet (WSL (Hyper-V firewall))': [v6('fe80::1'), v4('172.27.96.1')],
        'vEthernet (Default Switch)': [v4('172.20.16.1')],
        'VirtualBox Host-Only Network': [v4('192.168.56.1')],
        'VMware Network Adapter VMnet8': [v4('192.168.163.1')],
        'OpenVPN TAP-Windows6': [v4('10.8.0.6')],
        'Ethernet 3': [v4('169.254.83.107')],
        'Wi-Fi': [v6('fe80::2'), v4('192.168.1.42')],
        'Loopback Pseudo-Interface 1': LO,
      }),
    ).toEqual([
      'Wi-Fi 192.168.1.42',
      'OpenVPN TAP-Windows6 10.8.0.6',
      'vEthernet (WSL (Hyper-V firewall)) 172.27.96.1',
      'vEthernet (Default Switch) 172.20.16.1',
      'VirtualBox Host-Only Network 192.168.56.1',
      'VMware Network Adapter VMnet8 192.168.163.1',
      'Ethernet 3 169.254.83.107',
    ])
  })

  test('macOS with a VPN, sharing and Parallels', () => {
    expect(
      order({
        lo0: LO,
        utun4: [v4('100.101.102.103')],
        bridge100: [v4('192.168.64.1')],
        vnic0: [v4('10.211.55.2')],
        awdl0: [v6('fe80::3')],
        en0: [v6('fe80::4'), v4('192.168.178.31')],
        en7: [v4('10.0.0.4')],
      }),
    ).toEqual([
      'en0 192.168.178.31',
      'en7 10.0.0.4',
      'utun4 100.101.102.103',
      'bridge100 192.168.64.1',
      'vnic0 10.211.55.2',
    ])
  })

  test('Linux with Docker, libvirt, LXC, Podman, WireGuard and Tailscale', () => {
    expect(
      order({
        lo: LO,
        docker0: [v4('172.17.0.1')],
        'br-3f2a91c07d55': [v4('172.18.0.1')],
        veth1a2b3c4: [v4('169.254.9.9')],
        virbr0: [v4('192.168.122.1')],
        lxcbr0: [v4('10.0.3.1')],
        podman0: [v4('10.88.0.1')],
        'cni-podman0': [v4('10.89.0.1')],
        wg0: [v4('10.66.66.2')],
        tailscale0: [v4('100.70.1.2')],
        wlp3s0: [v4('192.168.0.17')],
        enp0s31f6: [v4('192.168.0.16')],
        vmnet8: [v4('192.168.200.1')],
        zt7nnig26: [v4('10.147.17.5')],
      }),
    ).toEqual([
      'wlp3s0 192.168.0.17',
      'enp0s31f6 192.168.0.16',
      'wg0 10.66.66.2',
      'zt7nnig26 10.147.17.5',
      'tailscale0 100.70.1.2',
      'docker0 172.17.0.1',
      'br-3f2a91c07d55 172.18.0.1',
      'virbr0 192.168.122.1',
      'lxcbr0 10.0.3.1',
      'podman0 10.88.0.1',
      'cni-podman0 10.89.0.1',
      'vmnet8 192.168.200.1',
      'veth1a2b3c4 169.254.9.9',
    ])
  })

  test('private before public on the same adapter', () => {
    expect(order({ eth0: [v4('203.0.113.9'), v4('10.0.0.9')] })).toEqual(['eth0 10.0.0.9', 'eth0 203.0.113.9'])
  })

  test('no network: no address', () => {
    expect([order({ lo: LO }), order({}), order({ gone: undefined })]).toEqual([[], [], []])
  })
})

test.each([
  'eth0',
  'enp3s0',
  'en0',
  'wlan0',
  'Wi-Fi',
  'WLAN',
  'Ethernet 2',
  '以太网',
  'vA',
  'vB',
  'bond0',
  'br0',
  'bridge0',
  'wwan0',
  'usb0',
])('%s is real', (adapter) => {
  expect(adapterKind(adapter)).toBe('real')
})
test.each([
  'tun0',
  'tap1',
  'wg0',
  'wg-home',
  'utun3',
  'ppp0',
  'ipsec0',
  'NordLynx',
  'ProtonVPN TUN',
  'ZeroTier One [abc]',
  'Tailscale',
  'Cisco AnyConnect',
])('%s is a VPN', (adapter) => {
  expect(adapterKind(adapter)).toBe('vpn')
})

describe('watching', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('tells changes only, and ends', () => {
    const choice = (address: string): AddressChoice => ({ address, adapter: 'eth0', kind: 'real' })
    let now = [choice('10.0.0.1')]
    const seen: string[][] = []
    const stop = watchAddresses((list) => seen.push(list.map(({ address }) => address)), { list: () => now })
    vi.advanceTimersByTime(10_000)
    expect(seen).toEqual([])
    now = [choice('10.0.0.2')]
    vi.advanceTimersByTime(3000)
    now = []
    vi.advanceTimersByTime(9000)
    expect(seen).toEqual([['10.0.0.2'], []])
    stop()
    now = [choice('10.0.0.3')]
    vi.advanceTimersByTime(9000)
    expect(seen).toHaveLength(2)
  })
})
