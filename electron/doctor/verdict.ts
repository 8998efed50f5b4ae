import { isSelfAssigned, isUsualPrivate } from '#hub/addresses.ts'
import { HUB_PORT } from '#protocol/limits.ts'
import { isIpv6 } from '#protocol/networks.ts'
import type { Cause, Evidence, Firewall, Known, Place, Verdict } from './evidence.ts'

/** ms: devices answer a question for neighbours within a second or two; those that say things by themselves take longer. */
export const LISTEN_MS = 8_000
/** ms: a page that works has proved its key by then, on slow phones too. */
export const PROVE_MS = 15_000
/** ms: who waits to be let in is let in or sent away by then. */
const FULL_MS = 15_000
/** ms for which somebody may still hold a phone with the earlier code. */
const REDRAWN_MS = 600_000

const sure = (cause: Cause): Verdict => ({ cause, confidence: 'sure' })
const likely = (cause: Cause): Verdict => ({ cause, confidence: 'likely' })
const undecided = (why: (Verdict & { cause: null })['why']): Verdict => ({ cause: null, why })

/** A look at the evidence: a verdict, or null where it says nothing. */
type Look = (evidence: Evidence) => Verdict | null

/**
 * Decides what keeps phones from this computer: the root cause alone, never what follows from it. What was not measured
 * decides nothing. The order is that of causes: what comes first makes all that comes later appear as well.
 */
export function judge(evidence: Evidence): Verdict {
  for (const look of LOOKS) {
    const verdict = look(evidence)
    if (verdict !== null) return verdict
  }
  return undecided('unmeasured')
}

const valueOf = <T>(known: Known<T>): T | undefined => ('is' in known ? known.is : undefined)
const placeOf = ({ places, code }: Evidence): Place | undefined =>
  places.find(({ address }) => address === code.address)
const heardAt = ({ heard, newcomers }: Place): boolean => heard > 0 || newcomers > 0

const wholeComputer: Look = ({ isStuck, places, hasLinkLocal, code }) => {
  if (isStuck) return sure('stuck')
  if (places.length > 0 || code.address !== null) return null
  return sure(hasLinkLocal ? 'link-local' : 'no-network')
}

/** A client was just sent away for want of room, whoever else came. */
const full: Look = ({ visits: { fullAgo } }) => (fullAgo !== null && fullAgo < FULL_MS ? sure('full') : null)

/** Whoever came this far has found the way: nothing that shuts it can be true. */
const reached: Look = ({ phones, visits }) => {
  const { knocks, knockAgo, pageAgo, pairedAgo, refusedAgo } = visits
  if (phones.here > 0) return sure('reached')
  if (refusedAgo !== null && refusedAgo < (knockAgo ?? Infinity)) return sure('stranger')
  if (knocks === 0) return null
  if (pageAgo === null || phones.connecting > 0 || pageAgo >= (pairedAgo ?? Infinity)) return sure('open')
  return pageAgo >= PROVE_MS ? likely('page-stopped') : undecided('too-early')
}

/** The code names an address where this computer is not. One that was given may be another's that leads here. */
const codeGone: Look = (evidence) => {
  if (evidence.code.address === null || placeOf(evidence) !== undefined) return null
  return evidence.code.isGiven ? likely('code-gone') : sure('code-gone')
}

const noRouter: Look = ({ places }) =>
  places.length > 0 && places.every(({ address }) => isSelfAssigned(address)) ? sure('no-router') : null

const firewallShut: Look = ({ firewall }) => {
  const found = valueOf(firewall)
  if (found?.inbound !== 'shut') return null
  return found.why === 'no-rule' || found.why === 'public' ? likely('firewall') : sure('firewall')
}

const redrawn: Look = ({ redrawnAgo }) => (redrawnAgo !== null && redrawnAgo < REDRAWN_MS ? likely('redrawn') : null)

/** The code names an adapter that phones do not share. */
const codeElsewhere: Look = (evidence) => {
  const kind = placeOf(evidence)?.kind
  if (kind === 'virtual') return likely('virtual-code')
  return kind === 'vpn' ? likely('vpn-code') : null
}

const firewallByDefault: Look = ({ firewall }) =>
  valueOf(firewall)?.inbound === 'by-default' ? likely('firewall') : null

/** What nobody was heard saying proves nothing before there was time for it. */
const tooEarly: Look = ({ listened }) => (listened < LISTEN_MS ? undecided('too-early') : null)

/** All goes through a VPN, and nothing of the network around is heard: many shut that out. */
const vpnRoute: Look = (evidence) => {
  const place = placeOf(evidence)
  // Who is near is heard by IPv4 alone.
  if (place === undefined || isIpv6(place.address)) return null
  return valueOf(evidence.route)?.kind === 'vpn' && !heardAt(place) && place.answering === 0
    ? likely('vpn-route')
    : null
}

/** Others are heard on another network of this computer only. */
const otherAdapter: Look = (evidence) => {
  const place = placeOf(evidence)
  const isElsewhere = evidence.places.some((other) => other !== place && other.kind === 'real' && heardAt(other))
  return place !== undefined && !heardAt(place) && isElsewhere ? likely('other-adapter') : null
}

/** Others are on the same cable or Wi-Fi, with addresses that do not fit this computer's: nothing of theirs finds it. */
const otherSubnet: Look = (evidence) => {
  const place = placeOf(evidence)
  return place !== undefined && !heardAt(place) && evidence.foreign > 0 ? likely('other-subnet') : null
}

/** A phone without IPv6 cannot open the code, and nothing of this network is heard that would say more. */
const onlyIpv6: Look = ({ code: { address } }) => (address !== null && isIpv6(address) ? likely('only-ipv6') : null)

const unusualRange: Look = ({ code: { address } }) => {
  if (address === null) return null
  if (isSelfAssigned(address)) return likely('no-router')
  return isUsualPrivate(address) ? null : likely('unusual-range')
}

const routerSilent: Look = (evidence) => {
  const place = placeOf(evidence)
  const isAlone = place !== undefined && !heardAt(place) && place.answering === 0
  return isAlone && valueOf(evidence.gateway) === 'silent' ? likely('router-silent') : null
}

/** Does the firewall keep phones out, as far as it was read? */
const letsIn = (firewall: Known<Firewall>): boolean => {
  const inbound = valueOf(firewall)?.inbound
  return inbound === 'open' || inbound === 'none-found'
}

/** Somebody of this network has looked for this computer's hardware address, and nothing of it got through. */
const shut: Look = (evidence) =>
  (placeOf(evidence)?.newcomers ?? 0) > 0 && valueOf(evidence.firewall)?.inbound !== 'open' ? likely('shut') : null

/** Phones that know this computer look for it at the port of before. */
const portMoved: Look = ({ code, phones }) => (code.port !== HUB_PORT && phones.away > 0 ? likely('port-moved') : null)

const surroundings: Look = (evidence) => {
  const place = placeOf(evidence)
  if (place === undefined) return null
  if (place.heard > 0) return letsIn(evidence.firewall) ? likely('elsewhere') : undecided('firewall-unread')
  if (place.answering > 0) return undecided('quiet')
  return valueOf(evidence.gateway) === 'answers' ? likely('alone') : null
}

const LOOKS: readonly Look[] = [
  wholeComputer,
  full,
  reached,
  codeGone,
  noRouter,
  firewallShut,
  redrawn,
  codeElsewhere,
  firewallByDefault,
  tooEarly,
  vpnRoute,
  otherAdapter,
  onlyIpv6,
  unusualRange,
  otherSubnet,
  routerSilent,
  shut,
  portMoved,
  surroundings,
]
