import { nobodyAt } from '#desktop/doctor/testing/evidence.ts'
import type { Examination } from '#electron/window-api.ts'

const WIFI = { address: '192.168.1.20', adapter: 'Wi-Fi', kind: 'real', heard: 0, answering: 0, newcomers: 0 } as const
const TUNNEL = { ...WIFI, address: '10.8.0.2', adapter: 'tun0', kind: 'vpn' } as const

const SIX = { ...WIFI, address: 'fd12:3456:789a:1:a8bb:ccff:fedd:eeff' } as const

const NOBODY = nobodyAt(WIFI, 'Harbour 5G')

/** What the window is told of each look in which it asks. */
const SEEN: Readonly<Record<string, Examination>> = {
  'doctor-firewall': {
    evidence: { ...NOBODY, firewall: { is: { inbound: 'shut', program: 'ufw', why: 'no-rule' } } },
    verdict: { cause: 'firewall', confidence: 'likely' },
  },
  'doctor-public': {
    evidence: {
      ...NOBODY,
      places: [{ ...WIFI, heard: 3 }],
      firewall: { is: { inbound: 'shut', program: 'windows', why: 'public' } },
    },
    verdict: { cause: 'firewall', confidence: 'likely' },
  },
  'doctor-other': {
    evidence: {
      ...NOBODY,
      places: [TUNNEL, { ...WIFI, heard: 3 }],
      code: { ...NOBODY.code, address: TUNNEL.address, port: 3190 },
      route: { is: { adapter: 'tun0', kind: 'vpn' } },
      gateway: { is: 'none' },
    },
    verdict: { cause: 'vpn-code', confidence: 'likely' },
  },
  'doctor-offline': {
    evidence: { ...NOBODY, places: [], code: { ...NOBODY.code, address: null }, gateway: { is: 'none' } },
    verdict: { cause: 'no-network', confidence: 'sure' },
  },
  'doctor-link-local': {
    evidence: {
      ...NOBODY,
      ...{ places: [], code: { ...NOBODY.code, address: null }, gateway: { is: 'none' }, hasLinkLocal: true },
    },
    verdict: { cause: 'link-local', confidence: 'sure' },
  },
  'doctor-ipv6': {
    evidence: { ...nobodyAt(SIX, 'Harbour 5G'), gateway: { unknown: 'not-told' } },
    verdict: { cause: 'only-ipv6', confidence: 'likely' },
  },
  'doctor-subnet': {
    evidence: { ...NOBODY, foreign: 1 },
    verdict: { cause: 'other-subnet', confidence: 'likely' },
  },
  'doctor-full': {
    evidence: {
      ...NOBODY,
      visits: { ...NOBODY.visits, knocks: 90, knockAgo: 1_000, fullAgo: 1_000 },
      clockSet: { byMs: -7_200_000, ago: 240_000 },
    },
    verdict: { cause: 'full', confidence: 'sure' },
  },
  'doctor-open': {
    evidence: { ...NOBODY, visits: { ...NOBODY.visits, knocks: 2, knockAgo: 4_000, pageAgo: 4_000, pairedAgo: 2_000 } },
    verdict: { cause: 'open', confidence: 'sure' },
  },
}
const ALONE: Examination = { evidence: NOBODY, verdict: { cause: 'alone', confidence: 'likely' } }

export const seen = (state: string): Examination => SEEN[state] ?? ALONE
