import { expect, test } from 'vitest'
import { isNeighbour, ownNetworks } from './connection-filter.ts'

const v4 = (address: string, netmask: string, internal = false) => ({
  address,
  netmask,
  internal,
  family: 'IPv4' as const,
})
const lan = (address: string, netmask: string) => ({ eth0: [v4(address, netmask)] })
const near = (interfaces: Parameters<typeof ownNetworks>[0], ...addresses: string[]): boolean[] =>
  addresses.map((address) => isNeighbour(address, () => ownNetworks(interfaces)))

test('private networks are near whatever this computer has, and nothing else is by itself', () => {
  expect(near({}, '10.1.2.3', '172.31.0.1', '192.168.9.9', '169.254.1.1', '127.0.0.1')).not.toContain(false)
  expect(near({}, '8.8.8.8', '100.64.0.1', '172.32.0.1', '203.0.113.7', '', 'x')).not.toContain(true)
})

test('an address of Tailscale, which stands alone, makes all of 100.64/10 near', () => {
  const tailscale = { tailscale0: [v4('100.101.102.103', '255.255.255.255')] }
  expect(near(tailscale, '100.64.0.1', '100.127.255.255')).toEqual([true, true])
  expect(near(tailscale, '100.63.255.255', '100.128.0.1', '8.8.8.8')).toEqual([false, false, false])
})

test('one of 100.64/10 with a network around it makes that near, and never more than 100.64/10', () => {
  expect(near(lan('100.92.7.5', '255.255.255.0'), '100.92.7.9', '100.92.8.1', '100.64.0.1')).toEqual([true, false, false]) // prettier-ignore
  expect(near(lan('100.92.7.5', '255.255.0.0'), '100.92.200.9', '100.93.0.1')).toEqual([true, false])
  for (const wide of ['255.192.0.0', '255.0.0.0', '0.0.0.0'])
    expect(near(lan('100.92.7.5', wide), '100.64.0.1', '100.128.0.1', '100.1.2.3')).toEqual([true, false, false])
})

test('a LAN with public addresses is as far as its own netmask', () => {
  expect(near(lan('203.0.113.9', '255.255.255.0'), '203.0.113.1', '203.0.113.254', '203.0.112.255')).toEqual([true, true, false]) // prettier-ignore
  expect(near(lan('129.132.70.9', '255.255.240.0'), '129.132.64.0', '129.132.79.255', '129.132.80.0', '129.132.63.255')).toEqual([true, true, false, false]) // prettier-ignore
})

test.each(['255.255.255.255', '0.0.0.0', '128.0.0.0', '254.0.0.0', '255.0.255.0', '', 'x'])(
  'the netmask %j makes no neighbours',
  (netmask) => {
    expect(near(lan('203.0.113.9', netmask), '203.0.113.9', '203.0.113.10', '8.8.8.8')).toEqual([true, false, false])
  },
)

test('what is private or internal adds nothing; an address that was given counts as one of ours', () => {
  expect(ownNetworks({ a: [v4('192.168.1.2', '255.255.255.0')], lo: [v4('203.0.113.1', '255.0.0.0', true)] })).toEqual([])
  expect(ownNetworks({}, ['100.70.0.1', '203.0.113.1', '192.168.1.1', 'x'])).toEqual(['100.64.0.0/10', '203.0.113.1/32'])
}) // prettier-ignore

test('of IPv6 the private networks are near, and the /64 around an address of this computer', () => {
  const six = (address: string, netmask = 'ffff:ffff:ffff:ffff::') => ({ eth0: [{ address, netmask, internal: false, family: 'IPv6' as const }] }) // prettier-ignore
  expect(near({}, 'fd12::1', 'fc00::1', 'fe80::1', '::1')).not.toContain(false)
  expect(near({}, '2001:db8::1', '::', 'fec0::1', 'ff02::1', '::ffff:192.168.1.1')).not.toContain(true)
  const own = six('2001:db8:1:2::7')
  expect(near(own, '2001:db8:1:2:ffff::1', '2001:db8:1:3::1', '2001:db8:1:1::1')).toEqual([true, false, false])
  // Given out alone, or as part of more than one network.
  for (const netmask of ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff::', '::', '', 'x'])
    expect(near(six('2001:db8:1:2::7', netmask), '2001:db8:1:2::9', '2001:db8:1:3::9'), netmask).toEqual([true, false])
  expect(near(six('2001:db8:1:2::7', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:0'), '2001:db8:1:2::9', '2001:db8:1:2:1::9')).toEqual([true, false]) // prettier-ignore
  expect(ownNetworks(own)).toEqual(ownNetworks(six('2001:db8:1:2:aaaa::1')))
  expect(ownNetworks({ ...six('fd12::1'), ...six('fe80::1') })).toEqual([])
})
