import type { Known } from '#electron/doctor/evidence.ts'
import { isIpv6 } from '#protocol/networks.ts'
import { SETTING_KEYS, SETTINGS, type SettingKey, type SettingValues } from '#store/setting-rows.ts'
import type { AppState } from '#electron/app-state.ts'
import type { Examination, HistoryView } from '#electron/window-api.ts'

/** How a transfer ended. */
export type Ended = Pick<HistoryView, 'what' | 'direction' | 'size' | 'lane' | 'ms' | 'result' | 'reason'>

/** What a report is made of. All but the log is known to be nobody's in particular. */
export interface ReportFacts {
  readonly versions: Readonly<Record<string, string>>
  /** The operating system, its desktop, and the like. */
  readonly system: readonly string[]
  readonly settings: SettingValues
  readonly state: Pick<AppState, 'addresses' | 'devices' | 'fileNotes' | 'storeNote' | 'strangers' | 'isStuck'>
  /** What keeps phones from this computer, and what was seen of it. */
  readonly network: Examination
  /** Transfers that ended last. */
  readonly history: readonly Ended[]
  /** The last errors of the log, blacked out. */
  readonly errors: readonly string[]
}

/** Settings whose values are names, folders or addresses: only that they are set is said. */
const PRIVATE: readonly SettingKey[] = ['name', 'inbox', 'kindFolders', 'phoneFolders', 'address']

/** Writes the report that a person can copy for whoever helps. In English, for whoever works on Lanyard. */
export function reportText({ versions, system, settings, state, network, history, errors }: ReportFacts): string {
  const { addresses, devices, fileNotes, storeNote, strangers, isStuck } = state
  return [
    'Lanyard report',
    '',
    ...Object.entries(versions).map(([name, version]) => `${name}: ${version}`),
    ...system,
    '',
    `Adapters: ${tally(addresses.map(({ kind }) => kind)) || 'none'}`,
    `Refused from other networks: ${strangers.count}`,
    ...(isStuck ? ['The window does not reach the hub.'] : []),
    `Phones: ${tally(devices.map(({ kind, state: is, lane, trouble }) => [kind, is, lane, trouble].filter(Boolean).join(' '))) || 'none'}`,
    `Settings: ${changed(settings) || 'as at the start'}`,
    ...fileNotes.map(({ file, what }) => `Saved file ${file}: ${what}`),
    ...(storeNote === null ? [] : [`Database: ${storeNote.what}`]),
    '',
    'Network:',
    ...indented(networkLines(network)),
    '',
    'Files of late, by lane:',
    ...indented(laneFigures(history)),
    '',
    'Last errors:',
    ...indented(errors),
    '',
  ].join('\n')
}

const indented = (lines: readonly string[]): string[] =>
  lines.length === 0 ? ['  none'] : lines.map((line) => `  ${line}`)

/** Returns how often each is there, as `2 real, 1 vpn`. */
function tally(all: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].map(([one, count]) => `${count} ${one}`).join(', ')
}

function changed(settings: SettingValues): string {
  const others = SETTING_KEYS.filter((key) => JSON.stringify(settings[key]) !== JSON.stringify(SETTINGS[key].initial))
  return others
    .map((key) => (PRIVATE.includes(key) ? `${key} set` : `${key} ${JSON.stringify(settings[key])}`))
    .join(', ')
}

/** Returns for each lane and direction how files went: how many, how fast in the middle, and why not. */
function laneFigures(history: readonly Ended[]): string[] {
  const groups = new Map<string, Ended[]>()
  for (const entry of history) {
    if (entry.what !== 'file') continue
    const key = `${entry.lane ?? 'no lane'} ${entry.direction}`
    groups.set(key, [...(groups.get(key) ?? []), entry])
  }
  return [...groups].map(([key, entries]) => `${key}: ${figures(entries)}`)
}

function figures(entries: readonly Ended[]): string {
  const rates = entries
    .filter(({ result, ms = 0 }) => result === 'done' && ms > 0)
    .map(({ size, ms = 1 }) => size / 1_000 / ms)
    .sort((a, b) => a - b)
  const middle = rates[Math.floor(rates.length / 2)]
  const ends = tally(entries.map(({ result, reason }) => (reason === undefined ? result : `${result} (${reason})`)))
  return middle === undefined ? ends : `${ends}, ${middle.toFixed(1)} MB/s in the middle`
}

/** Writes what the doctor saw, without an address or a name. */
function networkLines({ evidence, verdict }: Examination): string[] {
  const {
    places,
    code,
    visits,
    phones,
    route,
    gateway,
    firewall,
    listened,
    foreign,
    redrawnAgo,
    hasLinkLocal,
    clockSet,
  } = evidence
  const here = places.find(({ address }) => address === code.address)
  const seconds = (ms: number | null): string => (ms === null ? 'never' : `${Math.round(ms / 1_000)} s ago`)
  const known = <T>(what: Known<T>, say: (is: T) => string): string =>
    'is' in what ? say(what.is) : `unknown (${what.unknown})`
  return [
    `Verdict: ${verdict.cause === null ? `can't tell (${verdict.why})` : `${verdict.cause}, ${verdict.confidence}`}`,
    `Code: ${here === undefined ? 'at no adapter of this computer' : `at a ${here.kind} one`}, port ${code.port}, ` +
      `drawn anew ${seconds(redrawnAgo)}`,
    `Around it: ${here?.heard ?? 0} heard, ${here?.answering ?? 0} answering, ${here?.newcomers ?? 0} of them new, ${foreign} of another network, ` +
      `listened for ${Math.round(listened / 1_000)} s`,
    `Knocks: ${visits.knocks}, the last ${seconds(visits.knockAgo)}; page ${seconds(visits.pageAgo)}, ` +
      `phone ${seconds(visits.pairedAgo)}, refused ${seconds(visits.refusedAgo)}, full ${seconds(visits.fullAgo)}`,
    ...(clockSet === null ? [] : [`Clock: set by ${Math.round(clockSet.byMs / 1_000)} s ${seconds(clockSet.ago)}`]),
    `Phones: ${phones.here} here, ${phones.connecting} connecting, ${phones.away} away`,
    `Way to elsewhere: ${known(route, (is) => is?.kind ?? 'none')}; router: ${known(gateway, String)}; ` +
      `link-local IPv6: ${hasLinkLocal ? 'yes' : 'no'}, code ${isIpv6(code.address ?? '') ? 'IPv6' : 'IPv4'}`,
    `Firewall: ${known(firewall, (is) => [is.inbound, 'program' in is && is.program, 'why' in is && is.why].filter(Boolean).join(' '))}`,
  ]
}
