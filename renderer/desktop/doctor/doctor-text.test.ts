import { beforeEach, expect, test } from 'vitest'
import { HUB_PORT } from '#protocol/limits.ts'
import type { Examination } from '#electron/window-api.ts'
import { speak } from '#messages/locale'
import { nobodyAt, type Evidence, type Place } from './testing/evidence.ts'
import { seenRows } from './seen-rows.ts'
import { CAUSES, tell } from './verdict-text.ts'

const WIFI: Place = { address: '192.168.1.7', adapter: 'wlan0', kind: 'real', heard: 0, answering: 0, newcomers: 0 }
const CABLE: Place = { ...WIFI, address: '10.0.0.7', adapter: 'eth0' }
const SEEN = nobodyAt(WIFI, 'Harbour')
const cause = (of: NonNullable<Examination['verdict']['cause']>, more: Partial<Evidence> = {}): Examination => ({
  evidence: { ...SEEN, ...more },
  verdict: { cause: of, confidence: 'likely' },
})

beforeEach(() => {
  speak(['en'])
})

test('a firewall without a window of its own is told with the command that opens our port', () => {
  const shut = (program: 'ufw' | 'firewalld'): Partial<Evidence> => ({
    firewall: { is: { inbound: 'shut', program, why: 'no-rule' } },
    code: { ...SEEN.code, port: 3190 },
  })
  expect(tell(cause('firewall', shut('ufw')), HUB_PORT)).toMatchObject({
    lead: 'Probably:',
    title: 'ufw keeps phones out.',
    step: 'Let port 3190 in:',
    command: 'sudo ufw allow 3190/tcp',
    act: null,
  })
  expect(tell(cause('firewall', shut('firewalld')), HUB_PORT).command).toContain('--add-port=3190/tcp')
})

test('one with a window is told with the button that opens it', () => {
  const shut = (program: 'windows' | 'mac', why: 'public' | 'block-all'): Partial<Evidence> => ({
    firewall: { is: { inbound: 'shut', program, why } },
  })
  expect(tell(cause('firewall', shut('windows', 'public')), HUB_PORT)).toMatchObject({
    act: { do: 'open', page: 'network' },
    command: null,
  })
  expect(tell(cause('firewall', shut('mac', 'block-all')), HUB_PORT).act).toEqual({ do: 'open', page: 'firewall' })
})

test('another network is offered: the one where others are, else a real one; none where the address was given', () => {
  const busy = { ...CABLE, address: '10.1.0.7', adapter: 'eth1', heard: 2 }
  const virtual: Place = { ...CABLE, kind: 'virtual', heard: 9 }
  const act = (...places: readonly Place[]): unknown => tell(cause('vpn-code', { places }), HUB_PORT).act
  expect(act({ ...WIFI, kind: 'vpn' }, virtual, CABLE, busy)).toEqual({ do: 'use-address', address: '10.1.0.7' })
  expect(act({ ...WIFI, kind: 'vpn' }, CABLE)).toEqual({ do: 'use-address', address: '10.0.0.7' })
  expect(act({ ...WIFI, kind: 'vpn' }, virtual)).toBeNull()
  const given = { ...SEEN.code, isGiven: true }
  expect(tell(cause('code-gone', { places: [CABLE], code: given }), HUB_PORT).act).toBeNull()
})

test('a port that another program has is not to be had by a click', () => {
  const moved = cause('port-moved', { code: { ...SEEN.code, port: 3187 } })
  expect(tell(moved, 3187).act).toEqual({ do: 'use-port' })
  expect(tell(moved, HUB_PORT)).toMatchObject({ act: null, step: expect.stringContaining('Another program') as string })
})

test('what is no cause is not called one', () => {
  const lead = (verdict: Examination['verdict']): string => tell({ evidence: SEEN, verdict }, HUB_PORT).lead
  expect(lead({ cause: 'no-network', confidence: 'sure' })).toBe('The cause:')
  expect(lead({ cause: 'open', confidence: 'sure' })).toBe('Not the network:')
  expect(lead({ cause: null, why: 'quiet' })).toBe("Can't tell:")
  expect(lead({ cause: null, why: 'too-early' })).toBe('One moment:')
})

test.each(['en', 'zh-CN'])('each cause has words of its own, and a step (%s)', (language) => {
  speak([language])
  const causes = Object.keys(CAUSES) as NonNullable<Examination['verdict']['cause']>[]
  const shut = { is: { inbound: 'shut', program: 'ufw', why: 'no-rule' } } as const
  const told = causes.map((one) => tell(cause(one, { firewall: shut }), HUB_PORT))
  expect(new Set(told.map(({ title }) => title)).size).toBe(causes.length)
  for (const { title, step } of told) for (const words of [title, step]) expect(words).toMatch(/\S[.?:。？：]$/u)
})

test('lists what is seen, the network of the code first, with its name where the system tells it', () => {
  const seen = { ...SEEN, places: [CABLE, { ...WIFI, heard: 1 }] }
  expect(seenRows(seen).map(({ is, text, inCode }) => `${is}: ${text}${inCode === true ? ' *' : ''}`)).toEqual([
    'good: 192.168.1.7 · Harbour, wlan0 *',
    'good: 10.0.0.7 · eth0',
    'unknown: No device has reached this computer.',
    'good: 1 other device is heard.',
    'good: The router answers.',
    'good: No firewall was found at work.',
  ])
})

test('what could not be measured is neither good nor bad', () => {
  const unknown = { unknown: 'no-tool' } as const
  const rows = seenRows({ ...SEEN, gateway: unknown, firewall: unknown, names: unknown, route: unknown, listened: 0 })
  expect(rows.slice(1).map(({ is }) => is)).toEqual(['unknown', 'unknown', 'unknown', 'unknown'])
  expect(rows.map(({ text }) => text)).toContain('Listening for other devices…')
})

test('where the code is one of IPv6, nothing is said of whom only IPv4 lets this computer hear', () => {
  const six = { ...WIFI, address: 'fd12::7' }
  const seen = {
    ...SEEN,
    places: [six],
    code: { ...SEEN.code, address: six.address },
    gateway: { unknown: 'not-told' } as const,
  }
  expect(seenRows(seen).map(({ key }) => key)).toEqual(['fd12::7', 'visits', 'router', 'firewall'])
})

test('a clock that was set within the hour is told, and that nothing ends by it', () => {
  const row = (byMs: number, ago: number): string | undefined =>
    seenRows({ ...SEEN, clockSet: { byMs, ago } }).find(({ key }) => key === 'clock')?.text
  expect(row(7_200_000, 60_000)).toBe(
    'The clock of this computer was set ahead 1 minute ago. Connections and codes go on.',
  )
  expect(row(-7_200_000, 60_000)).toContain('set back')
  expect(row(7_200_000, 4_000_000)).toBeUndefined()
})

test('says when somebody came, and what is unusual', () => {
  const visits = { ...SEEN.visits, knocks: 3, knockAgo: 130_000 }
  const route = { is: { adapter: 'tun0', kind: 'vpn' } } as const
  const code = { ...SEEN.code, port: 3190 }
  const texts = seenRows({ ...SEEN, visits, route, code }).map(({ text }) => text)
  expect(texts).toContain('A device reached this computer 2 minutes ago.')
  expect(texts.slice(-2)).toEqual([
    "The VPN tun0 carries this computer's traffic.",
    'Lanyard is at port 3190, not 3186.',
  ])
  expect(seenRows({ ...SEEN, places: [], code: { ...code, address: null } })).toHaveLength(1)
})
