import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HUB_PORT } from '#protocol/limits.ts'
import type { Cause, Evidence, Known, Place, Verdict, Visits } from './evidence.ts'
import { judge, LISTEN_MS, PROVE_MS } from './verdict.ts'

const NOBODY: Visits = {
  knocks: 0,
  knockAgo: null,
  pageAgo: null,
  pairedAgo: null,
  refusedAgo: null,
  refused: '',
  fullAgo: null,
}
const WIFI: Place = { address: '192.168.1.7', adapter: 'wlan0', kind: 'real', heard: 0, answering: 0, newcomers: 0 }
const CABLE: Place = { ...WIFI, address: '10.0.0.7', adapter: 'eth0' }
const UNKNOWN = { unknown: 'no-tool' } as const

/** A computer whose code is all right, which hears nobody and can ask nothing. */
const QUIET: Evidence = {
  places: [WIFI],
  names: UNKNOWN,
  hasLinkLocal: false,
  code: { address: WIFI.address, port: HUB_PORT, isGiven: false },
  redrawnAgo: null,
  isStuck: false,
  listened: LISTEN_MS,
  foreign: 0,
  visits: NOBODY,
  clockSet: null,
  phones: { here: 0, connecting: 0, away: 0 },
  route: UNKNOWN,
  gateway: UNKNOWN,
  firewall: UNKNOWN,
}
const code = (address: string | null, isGiven = false): Pick<Evidence, 'code'> => ({
  code: { address, port: HUB_PORT, isGiven },
})
const at = (place: Partial<Place>, ...others: readonly Place[]): Partial<Evidence> => {
  const own = { ...WIFI, ...place }
  return { places: [own, ...others], ...code(own.address) }
}
const came = (visits: Partial<Visits>): Partial<Evidence> => ({ visits: { ...NOBODY, ...visits } })
const open = { firewall: { is: { inbound: 'open' } } } as const
const noneFound = { firewall: { is: { inbound: 'none-found' } } } as const
const shut = (why: 'block-all' | 'block-rule' | 'public' | 'no-rule'): Partial<Evidence> => ({
  firewall: { is: { inbound: 'shut', program: 'windows', why } },
})

const rows: readonly (readonly [name: string, seen: Partial<Evidence>, verdict: string])[] = [
  ['no network', { places: [], ...code(null) }, 'no-network sure'],
  ['a cable or Wi-Fi without an address', { places: [], ...code(null), hasLinkLocal: true }, 'link-local sure'],
  ['a window that does not reach the hub', { isStuck: true, ...shut('block-all') }, 'stuck sure'],
  ['a phone that is here', { phones: { here: 1, connecting: 0, away: 0 }, ...shut('block-all') }, 'reached sure'],
  ['a refused connection', came({ refusedAgo: 10, refused: '198.51.100.7' }), 'stranger sure'],
  ['one refused after a knock', came({ knocks: 1, knockAgo: 99, refusedAgo: 10, refused: '198.51.100.7' }), 'stranger sure'], // prettier-ignore
  ['one refused before a knock', came({ knocks: 1, knockAgo: 10, refusedAgo: 99, refused: '198.51.100.7' }), 'open sure'], // prettier-ignore
  ['a client sent away for want of room', { ...came({ knocks: 9, knockAgo: 1, fullAgo: 1 }), phones: { here: 1, connecting: 0, away: 0 } }, 'full sure'], // prettier-ignore
  ['one that was a while ago', came({ knocks: 9, knockAgo: 1, fullAgo: 20_000 }), 'open sure'],
  ['a page without a proof', came({ knocks: 2, knockAgo: 1, pageAgo: PROVE_MS }), 'page-stopped likely'],
  ['a page of just now', came({ knocks: 2, knockAgo: 1, pageAgo: 10 }), 'too-early'],
  ['a page and then a phone', came({ knocks: 2, knockAgo: 1, pageAgo: PROVE_MS, pairedAgo: 5 }), 'open sure'],
  ['a page whose phone is connecting', { ...came({ knocks: 2, knockAgo: 1, pageAgo: PROVE_MS }), phones: { here: 0, connecting: 1, away: 0 } }, 'open sure'], // prettier-ignore
  ['a knock without a page', came({ knocks: 1, knockAgo: 10 }), 'open sure'],
  ['a code for an address that is gone', code('192.168.1.9'), 'code-gone sure'],
  ['a code for an address that was given', code('192.168.1.9', true), 'code-gone likely'],
  ['an address that the computer gave itself', at({ address: '169.254.7.7' }), 'no-router sure'],
  ['one of those in the code, with another network', at({ address: '169.254.7.7' }, CABLE), 'no-router likely'],
  ['block all', shut('block-all'), 'firewall sure'],
  ['a rule that blocks', { ...shut('block-rule'), listened: 0 }, 'firewall sure'],
  ['a public network', shut('public'), 'firewall likely'],
  ['a firewall without our port', shut('no-rule'), 'firewall likely'],
  ['a firewall whose rules could not be read', { firewall: { is: { inbound: 'by-default', program: 'ufw' } } }, 'firewall likely'], // prettier-ignore
  ['a firewall that is shut and a knock', { ...shut('block-all'), ...came({ knocks: 1, knockAgo: 5 }) }, 'open sure'],
  ['another address than a minute ago', { redrawnAgo: 60_000 }, 'redrawn likely'],
  ['another address than an hour ago', { redrawnAgo: 3_600_000 }, 'unmeasured'],
  ['a code for a VPN', at({ kind: 'vpn', address: '100.64.0.1' }), 'vpn-code likely'],
  ['a code for a virtual adapter', at({ kind: 'virtual' }, CABLE), 'virtual-code likely'],
  ['all through a VPN', { route: { is: { adapter: 'tun0', kind: 'vpn' } } }, 'vpn-route likely'],
  ['all through a VPN, but others are heard', { ...at({ heard: 1 }), route: { is: { adapter: 'tun0', kind: 'vpn' } }, ...open }, 'elsewhere likely'], // prettier-ignore
  ['others on the other network only', at({}, { ...CABLE, heard: 2 }), 'other-adapter likely'],
  ['others on both', { ...at({ heard: 1 }, { ...CABLE, heard: 2 }), ...open }, 'elsewhere likely'],
  ['others on a virtual adapter only', at({}, { ...CABLE, kind: 'virtual', heard: 2 }), 'unmeasured'],
  ['others with addresses that do not fit', { foreign: 1, gateway: { is: 'answers' } }, 'other-subnet likely'],
  ['those, and others that do', { ...at({ heard: 1 }), foreign: 1, ...open }, 'elsewhere likely'],
  ['an address of a carrier', at({ address: '100.70.1.2' }), 'unusual-range likely'],
  ['IPv6 alone', at({ address: 'fd00::7' }), 'only-ipv6 likely'],
  ['IPv6 alone, and a VPN for the rest', { ...at({ address: '2001:db8::7' }), route: { is: { adapter: 'tun0', kind: 'vpn' } } }, 'only-ipv6 likely'], // prettier-ignore
  ['IPv6 alone, and a knock', { ...at({ address: 'fd00::7' }), ...came({ knocks: 1, knockAgo: 5 }) }, 'open sure'],
  ['IPv6 alone, so far', { ...at({ address: 'fd00::7' }), listened: 0 }, 'too-early'],
  ['a public address', at({ address: '198.51.100.4' }), 'unusual-range likely'],
  ['a router that is silent', { gateway: { is: 'silent' } }, 'router-silent likely'],
  ['a silent router among others', { ...at({ heard: 1 }), gateway: { is: 'silent' }, ...open }, 'elsewhere likely'],
  ['somebody who asked for this computer, and rules by hand perhaps', { ...at({ answering: 1, newcomers: 1 }), ...noneFound }, 'shut likely'], // prettier-ignore
  ['the same, and the firewall unread', at({ answering: 1, newcomers: 1 }), 'shut likely'],
  ['the same, and the firewall open', { ...at({ answering: 1, newcomers: 1, heard: 1 }), ...open }, 'elsewhere likely'],
  ['another port, and phones that know the first', { code: { ...QUIET.code, port: 3187 }, phones: { here: 0, connecting: 0, away: 1 } }, 'port-moved likely'], // prettier-ignore
  ['another port, and no such phone', { code: { ...QUIET.code, port: 3187 } }, 'unmeasured'],
  ['others are heard, none came, the way is open', { ...at({ heard: 3 }), ...noneFound }, 'elsewhere likely'],
  ['others are heard, none came, nothing else is known', at({ heard: 3 }), 'firewall-unread'],
  ['others answer, but say nothing', { ...at({ answering: 1 }), ...open, gateway: { is: 'answers' } }, 'quiet'],
  ['nobody but the router', { gateway: { is: 'answers' } }, 'alone likely'],
  ['nobody but the router, so far', { gateway: { is: 'answers' }, listened: 0 }, 'too-early'],
  ['nothing at all is known', {}, 'unmeasured'],
]

const said = (verdict: Verdict): string =>
  verdict.cause === null ? verdict.why : `${verdict.cause} ${verdict.confidence}`

test.each(rows)('%s', (_name, seen, verdict) => {
  expect(said(judge({ ...QUIET, ...seen }))).toBe(verdict)
})

/** What must have been measured for a cause to be named: what contradicts it makes this false. */
const MEASURED: Record<Cause, (seen: Evidence) => boolean> = {
  stuck: ({ isStuck }) => isStuck,
  'no-network': ({ places, hasLinkLocal }) => places.length === 0 && !hasLinkLocal,
  'link-local': ({ places, hasLinkLocal }) => places.length === 0 && hasLinkLocal,
  full: ({ visits }) => visits.fullAgo !== null,
  reached: ({ phones }) => phones.here > 0,
  stranger: ({ visits }) => visits.refusedAgo !== null,
  'page-stopped': ({ visits: { pageAgo, pairedAgo }, phones }) =>
    pageAgo !== null && (pairedAgo === null || pairedAgo > pageAgo) && phones.here + phones.connecting === 0,
  open: ({ visits }) => visits.knocks > 0,
  'code-gone': ({ places, code: { address } }) => places.every((place) => place.address !== address),
  'no-router': ({ places }) => places.some(({ address }) => address.startsWith('169.254.')),
  firewall: ({ firewall }) => 'is' in firewall && ['shut', 'by-default'].includes(firewall.is.inbound),
  redrawn: ({ redrawnAgo }) => redrawnAgo !== null,
  'vpn-code': (seen) => own(seen)?.kind === 'vpn',
  'virtual-code': (seen) => own(seen)?.kind === 'virtual',
  'vpn-route': (seen) => 'is' in seen.route && seen.route.is?.kind === 'vpn' && own(seen)?.heard === 0,
  'other-adapter': (seen) =>
    own(seen)?.heard === 0 && seen.places.some(({ heard, newcomers }) => heard + newcomers > 0),
  'other-subnet': (seen) => seen.foreign > 0 && own(seen)?.heard === 0,
  'only-ipv6': ({ code: { address } }) => address?.includes(':') === true,
  'unusual-range': ({ code: { address } }) => !/^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(address ?? ''),
  'router-silent': (seen) => 'is' in seen.gateway && seen.gateway.is === 'silent' && own(seen)?.heard === 0,
  shut: (seen) => (own(seen)?.newcomers ?? 0) > 0 && !('is' in seen.firewall && seen.firewall.is.inbound === 'open'),
  'port-moved': ({ code, phones }) => code.port !== HUB_PORT && phones.away > 0,
  elsewhere: (seen) =>
    (own(seen)?.heard ?? 0) > 0 && 'is' in seen.firewall && ['open', 'none-found'].includes(seen.firewall.is.inbound),
  alone: (seen) =>
    'is' in seen.gateway &&
    seen.gateway.is === 'answers' &&
    (own(seen)?.heard ?? 1) + (own(seen)?.answering ?? 1) === 0,
}

test('every cause has its row', () => {
  const told = new Set(rows.map(([, , verdict]) => verdict.split(' ')[0]))
  expect(Object.keys(MEASURED).filter((cause) => !told.has(cause))).toEqual([])
})

/** Causes with which something of another device arrived at the hub. */
const ARRIVED: readonly (Cause | null)[] = ['stuck', 'no-network', 'link-local', 'full', 'reached', 'stranger', 'page-stopped', 'open', null] // prettier-ignore
/** Those that rest on what was not heard. */
const NOT_HEARD: readonly (Cause | null)[] = [
  'vpn-route',
  'other-adapter',
  'other-subnet',
  'only-ipv6',
  'router-silent',
  'elsewhere',
  'alone',
]

const own = ({ places, code: { address } }: Evidence): Place | undefined =>
  places.find((place) => place.address === address)

const age = fc.option(fc.integer({ min: 0, max: 2 * PROVE_MS }), { nil: null })
const known = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<Known<T>> =>
  fc.oneof(
    arbitrary.map((is) => ({ is })),
    fc.constant({ unknown: 'no-answer' as const }),
  )
const kind = fc.constantFrom('real' as const, 'real' as const, 'vpn' as const, 'virtual' as const)
const address = fc.constantFrom(
  '192.168.1.7',
  '10.0.0.7',
  '172.20.0.7',
  '169.254.1.7',
  '100.64.0.7',
  '198.51.100.7',
  'fd00::7',
)
const few = fc.constantFrom(0, 0, 1, 2)
const place = fc.record({
  address,
  adapter: fc.constantFrom('eth0', 'wlan0', 'tun0'),
  kind,
  heard: few,
  answering: few,
})
const firewall = fc.oneof(
  fc.constantFrom({ inbound: 'open' as const }, { inbound: 'none-found' as const }),
  fc.record({
    inbound: fc.constant('shut' as const),
    program: fc.constantFrom('windows' as const, 'mac' as const, 'ufw' as const),
    why: fc.constantFrom('block-all' as const, 'block-rule' as const, 'public' as const, 'no-rule' as const),
  }),
  fc.constant({ inbound: 'by-default' as const, program: 'ufw' as const }),
)

const evidence: fc.Arbitrary<Evidence> = fc
  .record({
    places: fc.uniqueArray(place, { maxLength: 3, selector: (one) => one.address }),
    newcomers: few,
    names: fc.constant(UNKNOWN),
    hasLinkLocal: fc.boolean(),
    at: fc.option(address, { nil: null, freq: 8 }),
    isFirst: fc.boolean(),
    port: fc.constantFrom(HUB_PORT, 3187),
    isGiven: fc.boolean(),
    redrawnAgo: fc.option(fc.nat(900_000), { nil: null, freq: 2 }),
    isStuck: fc.constantFrom(false, false, false, true),
    foreign: few,
    listened: fc.constantFrom(0, LISTEN_MS, LISTEN_MS * 4),
    knocked: fc.option(fc.nat(2 * PROVE_MS), { nil: null, freq: 1 }),
    pageAgo: age,
    pairedAgo: age,
    refusedAgo: fc.option(fc.nat(2 * PROVE_MS), { nil: null, freq: 1 }),
    fullAgo: fc.option(fc.nat(2 * PROVE_MS), { nil: null, freq: 1 }),
    clockSet: fc.constant(null),
    phones: fc.record({ here: few, connecting: few, away: few }),
    route: known(fc.option(fc.record({ adapter: fc.constant('x'), kind }), { nil: null })),
    gateway: known(fc.constantFrom('answers' as const, 'silent' as const, 'none' as const)),
    firewall: known(firewall),
  })
  .map(({ at: some, isFirst, port, isGiven, knocked, newcomers, pageAgo, pairedAgo, refusedAgo, fullAgo, ...rest }) => {
    const places = rest.places.map((one) => ({ ...one, newcomers: Math.min(newcomers, one.answering) }))
    const drawn = isFirst ? (places[0]?.address ?? some) : some
    const visits = {
      ...{ knocks: knocked === null ? 0 : 1, knockAgo: knocked },
      ...{ pageAgo: knocked === null ? null : pageAgo, pairedAgo: knocked === null ? null : pairedAgo },
      ...{ refusedAgo, refused: '', fullAgo },
    }
    return { ...rest, places, code: { address: drawn, port, isGiven }, visits }
  })

describe('whatever the evidence', () => {
  test('no verdict contradicts what was measured, or rests on what was not', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(evidence, (one) => {
        const verdict = judge(one)
        seen.add(verdict.cause ?? verdict.why)
        if (verdict.cause === null) return
        expect(MEASURED[verdict.cause](one), said(verdict)).toBe(true)
        if (one.visits.knocks > 0) expect(ARRIVED).toContain(verdict.cause)
        if (one.phones.here > 0)
          expect(['reached', 'stuck', 'no-network', 'link-local', 'full']).toContain(verdict.cause)
        if (one.listened < LISTEN_MS) expect(NOT_HEARD).not.toContain(verdict.cause)
      }),
      { numRuns: 5_000 },
    )
    // The property says something of most of them: random evidence reaches them.
    expect(seen.size).toBeGreaterThan(18)
  })

  test('what is not known can only make it less sure: no fact is needed to be left undecided', () => {
    fc.assert(
      fc.property(evidence, (one) => {
        const blind = { ...one, route: UNKNOWN, gateway: UNKNOWN, firewall: UNKNOWN }
        const verdict = judge(blind)
        expect(['firewall', 'vpn-route', 'router-silent', 'elsewhere', 'alone']).not.toContain(verdict.cause)
      }),
    )
  })
})
