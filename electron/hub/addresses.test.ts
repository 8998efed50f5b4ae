import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AddressChoice } from './address-choice.ts'
import { adapterKind, systemKind } from './adapters.ts'
import { listAddresses, ownAddresses, watchAddresses, type Interfaces } from './addresses.ts'
import { isNeighbour, ownNetworks } from './connection-filter.ts'

const v4 = (address: string, internal = false) => ({ address, family: 'IPv4' as const, internal })
const v6 = (address: string) => ({ address, family: 'IPv6' as const, internal: false })
const LO = [v4('127.0.0.1', true)]
const order = (interfaces: Interfaces) =>
  listAddresses(interfaces, () => null).map(({ adapter, address }) => `${adapter} ${address}`)

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

  test('IPv6 only on an adapter to which no router has given an address of IPv4, one for each network, a private one first', () => {
    const both = [v4('192.168.1.2'), v6('fd00::2'), v6('fe80::2')]
    expect(order({ wlan0: both })).toEqual(['wlan0 192.168.1.2'])
    const alone = [v6('2001:db8:0:1::a'), v6('2001:db8:0:1::b'), v6('fd00::2'), v6('fe80::2')]
    expect(order({ lo: [...LO, { ...v6('::1'), internal: true }], wlan0: alone })).toEqual(['wlan0 fd00::2', 'wlan0 2001:db8:0:1::a'])
    // No DHCP: the system has made one up, or speaks IPv4 with itself.
    expect(order({ en0: [v4('169.254.7.7'), v6('fd00::2')] })).toEqual(['en0 fd00::2', 'en0 169.254.7.7'])
    expect(order({ en0: [v4('192.0.0.2'), v6('fd00::2')] })).toEqual(['en0 fd00::2'])
    expect(order({ en0: [v4('192.0.0.2'), v6('fe80::2')] })).toEqual([])
    expect(order({ docker0: [v4('172.17.0.1')], wlan0: alone.slice(2), eth0: [v4('203.0.113.9')] })).toEqual(['eth0 203.0.113.9', 'wlan0 fd00::2', 'docker0 172.17.0.1'])
  }) // prettier-ignore

  test('all of them are this computer’s own, those that are offered first', () => {
    const interfaces = { docker0: [v4('172.17.0.1'), v6('fd17::1')], wlan0: [v6('fe80::2'), v6('fd00::2'), v4('192.168.1.2')], lo: LO }
    expect(ownAddresses(interfaces)).toEqual(['192.168.1.2', '172.17.0.1', 'fd17::1', 'fd00::2'])
  }) // prettier-ignore

  test('whatever is offered, phones of its network are let in', () => {
    const netmask = 'ffff:ffff:ffff:ffff::'
    const interfaces = {
      eth0: [{ ...v6('2001:db8:0:7::1'), netmask }],
      eth1: [{ ...v6('fd77::1'), netmask }],
      // Given out alone (DHCPv6).
      eth2: [{ ...v6('2001:db8:0:9::1'), netmask: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' }],
      eth3: [{ ...v4('203.0.113.9'), netmask: '255.255.255.0' }],
      tun0: [{ ...v4('100.70.1.1'), netmask: '255.255.255.255' }],
    }
    const phones = listAddresses(interfaces, () => null).map(({ address }) => address.replace(/\d$/, '8'))
    expect(phones).toHaveLength(5)
    for (const phone of phones)
      expect(
        isNeighbour(phone, () => ownNetworks(interfaces)),
        phone,
      ).toBe(true)
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
  'singbox_tun',
  'outline-tun0',
  'nordtun',
  'mullvad',
  'wg0-mullvad',
  'Mullvad',
  'ham0',
  'zt7nnig26',
  'tailscale0',
  'nordlynx',
  'ProtonVPN',
  'CloudflareWARP',
  'Cloudflare WARP',
  'Teredo Tunneling Pseudo-Interface',
  'surfshark_wg',
])('%s is a VPN', (adapter) => {
  expect(adapterKind(adapter)).toBe('vpn')
})

test.each([
  'waydroid0', 'lima0', 'kube-bridge', 'docker0', 'br-3f2a91c07d55', 'veth1a2b3c4', 'vethf00@if2', 'virbr0', 'vmnet8', 'vEthernet (WSL)',
  'cni0', 'flannel.1', 'podman0', 'lxcbr0', 'VirtualBox Host-Only Ethernet Adapter', 'dummy0', 'vnet3',
])('%s is virtual', (adapter) => {
  expect(adapterKind(adapter)).toBe('virtual')
}) // prettier-ignore

test('an adapter without a hardware address, or an address without a network, is a tunnel, whatever it is called', () => {
  expect(adapterKind('Meta', { mac: '00:00:00:00:00:00' })).toBe('vpn')
  expect(adapterKind('en5', { mac: '02:00:00:00:00:01', netmask: '255.255.255.255' })).toBe('vpn')
  expect(adapterKind('en5', { mac: '02:00:00:00:00:01', netmask: '255.255.255.0' })).toBe('real')
  // Clouds give such addresses to real hardware.
  expect(adapterKind('ens4', { netmask: '255.255.255.255' }, 'real')).toBe('real')
})

describe('what Linux says of an adapter', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lanyard-net-'))
  })
  afterEach(() => rm(root, { recursive: true }))

  /** `links`: names of symbolic links; the others are files, or folders where they end in `/`. */
  async function make(adapter: string, files: Record<string, string> = {}, links: string[] = []): Promise<void> {
    await mkdir(join(root, adapter), { recursive: true })
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, adapter, name)), { recursive: true })
      if (name.endsWith('/')) await mkdir(join(root, adapter, name), { recursive: true })
      else await writeFile(join(root, adapter, name), text)
    }
    for (const name of links) await symlink('/nowhere', join(root, adapter, name))
  }
  const ask = (adapter: string): unknown => systemKind(adapter, root)

  test('hardware, wireless and modems are real, whatever they are called', async () => {
    await make('tun-like', { type: '1' }, ['device'])
    await make('docker9', { type: '1', 'wireless/': '' })
    await make('wwan0', { type: '65534' }, ['device'])
    expect(['tun-like', 'docker9', 'wwan0'].map(ask)).toEqual(['real', 'real', 'real'])
  })

  test('tunnels are, whatever they are called', async () => {
    await make('eth7', { type: '65534', tun_flags: '0x1001' })
    await make('lan', { type: '1', tun_flags: '0x1002' })
    await make('home', { type: '65534', uevent: 'DEVTYPE=wireguard\nINTERFACE=home' })
    await make('dsl', { type: '512' })
    expect(['eth7', 'lan', 'home', 'dsl'].map(ask)).toEqual(['vpn', 'vpn', 'vpn', 'vpn'])
  })

  test('a bridge, a bond and a VLAN are as real as what is below them', async () => {
    await make('eth0', { type: '1' }, ['device'])
    await make('veth12ab', { type: '1' }, [])
    await make('br0', { type: '1', 'bridge/': '', 'brif/eth0': '', 'brif/veth12ab': '' })
    await make('kube-bridge', { type: '1', 'bridge/': '', 'brif/veth12ab': '' })
    await make('lan-party', { type: '1', 'bridge/': '' })
    await make('bond0', { type: '1' }, ['lower_eth0'])
    await make('bond0.7', { type: '1', uevent: 'DEVTYPE=vlan' }, ['lower_bond0'])
    await make('loop', { type: '1' }, ['lower_loop'])
    expect(['br0', 'kube-bridge', 'lan-party', 'bond0', 'bond0.7'].map(ask)).toEqual(['real', 'virtual', 'virtual', 'real', 'real'])
    expect(['veth12ab', 'loop', 'gone', '../x'].map(ask)).toEqual([null, 'real', null, null])
  }) // prettier-ignore

  test('comes before what it is called', () => {
    const interfaces = { eth9: [v4('192.168.1.2')], wg0: [v4('10.0.0.2')], 'br-lan': [v4('192.168.2.2')] }
    const kinds = { eth9: 'vpn', wg0: 'real', 'br-lan': null } as const
    const list = listAddresses(interfaces, (adapter) => kinds[adapter as keyof typeof kinds])
    expect(list.map(({ adapter, kind }) => `${adapter} ${kind}`)).toEqual(['wg0 real', 'br-lan real', 'eth9 vpn'])
  })
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
