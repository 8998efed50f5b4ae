import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isIn, isIpv6, networkOf, prefixOf, urlHost } from './networks.ts'

test('an address is in a network of its own family whose first bits it has', () => {
  for (const [address, network] of [
    ['10.1.2.3', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', '0.0.0.0/0'],
    ['fd12::1', 'fc00::/7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::ffff', '2001:db8::/112'],
  ] as const)
    expect(isIn(address, network), `${address} ${network}`).toBe(true)
  for (const [address, network] of [
    ['11.0.0.0', '10.0.0.0/8'],
    ['10.1.2.4', '10.1.2.3'],
    ['::', '0.0.0.0/0'],
    ['10.1.2.3', '::/0'],
    ['2001:db8::1:0', '2001:db8::/112'],
    ['fe80::1%eth0', 'fe80::/10'],
    ['10.0.0.256', '10.0.0.0/8'],
    ['', '10.0.0.0/8'],
    ['10.0.0.1', ''],
    ['10.0.0.1', 'x/8'],
  ] as const)
    expect(isIn(address, network), `${address} ${network}`).toBe(false)
})

test('netmasks and networks', () => {
  expect(['255.255.255.0', '0.0.0.0', 'ffff:ffff:ffff:ffff::', '::'].map(prefixOf)).toEqual([24, 0, 64, 0])
  expect(['255.0.255.0', '', 'x', 'ffff:0:ffff::'].map(prefixOf)).toEqual([null, null, null, null])
  expect([networkOf('192.168.77.9', 20), networkOf('fd12::7', 64)]).toEqual([
    '192.168.64.0/20',
    'fd12:0:0:0:0:0:0:0/64',
  ])
  expect(['10.0.0.1', 'fd12::1'].map(urlHost)).toEqual(['10.0.0.1', '[fd12::1]'])
})

test('an address of IPv6 is what Node takes for one, but for zones and for IPv4 at its end', () => {
  const piece = fc.constantFrom('0', '1', 'ffff', 'AB', ':', '::', '12345', 'g', '')
  const nearly = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(':'))
  fc.assert(
    fc.property(fc.oneof(nearly, fc.ipV6(), fc.string()), (text) => {
      const isPlain = !text.includes('%') && !text.includes('.')
      expect(isIpv6(text), text).toBe(isPlain && isIPv6(text))
    }),
    { numRuns: 2_000 },
  )
})
