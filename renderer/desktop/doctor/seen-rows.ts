import type { Examination } from '#electron/window-api.ts'
import { m } from '#messages'
import { getLocale } from '#messages/runtime'
import { HUB_PORT } from '#protocol/limits.ts'
import { isIpv6 } from '#protocol/networks.ts'

type Evidence = Examination['evidence']

const PLACES = {
  real: m.scan_network_real,
  vpn: m.scan_network_vpn,
  virtual: m.scan_network_virtual,
} satisfies Record<Evidence['places'][number]['kind'], unknown>

/** One thing that was looked at. */
export interface SeenRow {
  readonly key: string
  /** `unknown`: neither good nor bad, or it could not be measured. */
  readonly is: 'good' | 'bad' | 'unknown'
  readonly text: string
  /** It is the address in the code. */
  readonly inCode?: boolean
}

/** Networks that are listed: a computer with containers has dozens. */
const PLACES_MAX = 5
/** ms after which others would have been heard. */
const LISTENING_MS = 8_000

const MINUTE = 60
const HOUR = 3_600

/** Says how long ago something was, roughly, in the language that is spoken. */
function ago(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  const format = new Intl.RelativeTimeFormat(getLocale(), { numeric: 'auto' })
  if (seconds < MINUTE) return format.format(-seconds, 'second')
  return seconds < HOUR
    ? format.format(-Math.round(seconds / MINUTE), 'minute')
    : format.format(-Math.round(seconds / HOUR), 'hour')
}

function placeRows({ places, names, code }: Evidence): SeenRow[] {
  const isInCode = ({ address }: Evidence['places'][number]): boolean => address === code.address
  const shown = [...places.filter(isInCode), ...places.filter((place) => !isInCode(place))].slice(0, PLACES_MAX)
  return shown.map((place) => {
    const name = 'is' in names ? names.is[place.adapter] : undefined
    const adapter = name === undefined || name === place.adapter ? place.adapter : `${name}, ${place.adapter}`
    return {
      key: place.address,
      is: place.kind === 'real' ? 'good' : 'unknown',
      text: PLACES[place.kind]({ address: place.address, adapter }),
      inCode: isInCode(place),
    }
  })
}

function visitRow({ visits: { knocks, knockAgo, pageAgo } }: Evidence): SeenRow {
  if (pageAgo !== null) return { key: 'visits', is: 'good', text: m.doctor_row_page({ when: ago(pageAgo) }) }
  if (knocks === 0 || knockAgo === null) return { key: 'visits', is: 'unknown', text: m.doctor_row_knock_none() }
  return { key: 'visits', is: 'good', text: m.doctor_row_knock({ when: ago(knockAgo) }) }
}

function heardRows({ places, code, listened }: Evidence): SeenRow[] {
  // Others are listened to by IPv4 alone.
  if (isIpv6(code.address ?? '')) return []
  const place = places.find(({ address }) => address === code.address)
  // The same device is often heard and answers too.
  const count = Math.max(place?.heard ?? 0, place?.answering ?? 0)
  if (count > 0) return [{ key: 'heard', is: 'good', text: m.doctor_row_heard({ count }) }]
  const text = listened < LISTENING_MS ? m.doctor_row_listening() : m.doctor_row_heard_none()
  return [{ key: 'heard', is: 'unknown', text }]
}

function routerRow({ gateway }: Evidence): SeenRow {
  if (!('is' in gateway)) return { key: 'router', is: 'unknown', text: m.doctor_row_router_unknown() }
  if (gateway.is === 'none') return { key: 'router', is: 'unknown', text: m.doctor_row_router_none() }
  return gateway.is === 'answers'
    ? { key: 'router', is: 'good', text: m.doctor_row_router() }
    : { key: 'router', is: 'bad', text: m.doctor_row_router_silent() }
}

/** ms for which a clock that was set may be what somebody wonders about. */
const CLOCK_SET_MS = 3_600_000

function clockRows({ clockSet }: Evidence): SeenRow[] {
  if (clockSet === null || clockSet.ago > CLOCK_SET_MS) return []
  const when = ago(clockSet.ago)
  const text = clockSet.byMs > 0 ? m.doctor_row_clock_ahead({ when }) : m.doctor_row_clock_back({ when })
  return [{ key: 'clock', is: 'unknown', text }]
}

function firewallRow({ firewall }: Evidence): SeenRow {
  const inbound = 'is' in firewall ? firewall.is.inbound : 'unread'
  const rows = {
    open: { is: 'good', text: m.doctor_row_firewall_open() },
    'none-found': { is: 'good', text: m.doctor_row_firewall_none() },
    shut: { is: 'bad', text: m.doctor_row_firewall_shut() },
    'by-default': { is: 'unknown', text: m.doctor_row_firewall_default() },
    unread: { is: 'unknown', text: m.doctor_row_firewall_unknown() },
  } satisfies Record<typeof inbound, Omit<SeenRow, 'key'>>
  return { key: 'firewall', ...rows[inbound] }
}

/** Lists what this computer sees, in words. */
export function seenRows(evidence: Evidence): SeenRow[] {
  const { route, code, places } = evidence
  // Without a network there is nothing around it.
  if (places.length === 0) return [firewallRow(evidence)]
  const vpn = 'is' in route && route.is?.kind === 'vpn' ? route.is.adapter : null
  return [
    ...placeRows(evidence),
    visitRow(evidence),
    ...heardRows(evidence),
    routerRow(evidence),
    firewallRow(evidence),
    ...(vpn === null ? [] : [{ key: 'vpn', is: 'unknown', text: m.doctor_row_vpn({ adapter: vpn }) } as const]),
    ...clockRows(evidence),
    ...(code.port === HUB_PORT
      ? []
      : [{ key: 'port', is: 'unknown', text: m.doctor_row_port({ port: code.port, usual: HUB_PORT }) } as const]),
  ]
}
