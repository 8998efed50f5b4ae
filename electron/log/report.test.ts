import { expect, test } from 'vitest'
import { SETTING_KEYS, SETTINGS, type SettingValues } from '#store/setting-rows.ts'
import type { Examination } from '#electron/window-api.ts'
import { reportText, type Ended, type ReportFacts } from './report.ts'

const INITIAL = Object.fromEntries(SETTING_KEYS.map((key) => [key, SETTINGS[key].initial])) as unknown as SettingValues

const ended = (part: Partial<Ended>): Ended => ({
  direction: 'in',
  what: 'file',
  size: 10_000_000,
  result: 'done',
  ...part,
})

const QUIET: Examination = {
  evidence: {
    places: [{ address: '10.1.1.1', adapter: 'secret0', kind: 'real', heard: 2, answering: 1, newcomers: 0 }],
    names: { is: { secret0: 'Secret Wi-Fi' } },
    hasLinkLocal: false,
    clockSet: null,
    code: { address: '10.1.1.1', port: 3186, isGiven: false },
    redrawnAgo: null,
    isStuck: false,
    listened: 8_200,
    foreign: 1,
    visits: {
      knocks: 0,
      knockAgo: null,
      pageAgo: null,
      pairedAgo: null,
      refusedAgo: 12_000,
      refused: '10.9.9.9',
      fullAgo: null,
    },
    phones: { here: 0, connecting: 0, away: 1 },
    route: { is: { adapter: 'secret1', kind: 'vpn' } },
    gateway: { unknown: 'not-yet' },
    firewall: { is: { inbound: 'shut', program: 'ufw', why: 'no-rule' } },
  },
  verdict: { cause: 'stranger', confidence: 'sure' },
}

const FACTS: ReportFacts = {
  versions: { Lanyard: '0.1.0', Electron: '45' },
  system: ['System: Linux 6.1 x64'],
  settings: INITIAL,
  state: { addresses: [], devices: [], fileNotes: [], storeNote: null, strangers: { count: 0, last: '' }, isStuck: false },
  network: QUIET,
  history: [],
  errors: [],
} // prettier-ignore

test('a report of a quiet start says what there is, and that there is no more', () => {
  expect(reportText(FACTS)).toBe(`Lanyard report

Lanyard: 0.1.0
Electron: 45
System: Linux 6.1 x64

Adapters: none
Refused from other networks: 0
Phones: none
Settings: as at the start

Network:
  Verdict: stranger, sure
  Code: at a real one, port 3186, drawn anew never
  Around it: 2 heard, 1 answering, 0 of them new, 1 of another network, listened for 8 s
  Knocks: 0, the last never; page never, phone never, refused 12 s ago, full never
  Phones: 0 here, 0 connecting, 1 away
  Way to elsewhere: vpn; router: unknown (not-yet); link-local IPv6: no, code IPv4
  Firewall: shut ufw no-rule

Files of late, by lane:
  none

Last errors:
  none
`)
})

test('it has adapters by kind, phones without names, settings without folders, lanes with their speed', () => {
  const text = reportText({
    ...FACTS,
    settings: { ...INITIAL, lane: 'socket', inbox: '/home/secret', name: 'secret desk', kindFolders: { pictures: '/secret' } },
    state: {
      ...FACTS.state,
      addresses: [
        { address: '10.1.1.1', adapter: 'secret0', kind: 'real' },
        { address: '10.1.1.2', adapter: 'secret1', kind: 'real' },
        { address: '10.1.1.3', adapter: 'secret2', kind: 'vpn' },
      ],
      devices: [
        { id: 'secret', name: 'Secret phone', kind: 'page', state: 'here', lane: 'webrtc', autoAccept: true, texts: true, clipboard: false, unheard: 0 },
      ],
      fileNotes: [{ file: 'devices.json', what: 'unread', detail: '/secret' }],
      strangers: { count: 3, last: '10.9.9.9' },
    },
    history: [
      ended({ lane: 'webrtc', ms: 1_000 }),
      ended({ lane: 'webrtc', ms: 500 }),
      ended({ lane: 'webrtc', ms: 250 }),
      ended({ lane: 'socket', direction: 'out', result: 'failed', reason: 'timeout' }),
      ended({ what: 'text', lane: 'secret' }),
    ],
    errors: ['2026-11-30T03:00:00.000Z error no-network: on no network'],
  }) // prettier-ignore
  for (const line of [
    'Adapters: 2 real, 1 vpn',
    'Refused from other networks: 3',
    'Phones: 1 page here webrtc',
    'Settings: inbox set, name set, kindFolders set, lane "socket"',
    'Saved file devices.json: unread',
    '  webrtc in: 3 done, 20.0 MB/s in the middle',
    '  socket out: 1 failed (timeout)',
    '  2026-11-30T03:00:00.000Z error no-network: on no network',
  ])
    expect(text.split('\n').map(sorted)).toContain(sorted(line))
  expect(text).not.toMatch(/secret|10\.\d/i)
})

/** The order of settings is that of their rows, which says nothing. */
const sorted = (line: string): string =>
  line.startsWith('Settings: ') ? line.slice(10).split(', ').sort().join() : line
