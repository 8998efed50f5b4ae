import type { Examination, SystemPage } from '#electron/window-api.ts'
import { m } from '#messages'
import type { Words } from '#messages/words.ts'
import { HUB_PORT } from '#protocol/limits.ts'

type Evidence = Examination['evidence']
type Verdict = Examination['verdict']
type Cause = NonNullable<Verdict['cause']>
type Undecided = Extract<Verdict, { cause: null }>['why']
type Shut = Extract<Extract<Evidence['firewall'], { is: unknown }>['is'], { program: unknown }>

/** What the window itself does at a click. */
export type Act =
  | { readonly do: 'use-address'; readonly address: string }
  | { readonly do: 'use-port' }
  | { readonly do: 'open'; readonly page: SystemPage }

/** A verdict in words: what is wrong, and the one step that helps. */
export interface Told {
  /** How sure it is. */
  readonly lead: string
  readonly title: string
  readonly step: string
  readonly act: Act | null
  /** A command for the terminal, where only that does the step. */
  readonly command: string | null
}

type Said = Pick<Told, 'title' | 'step'> & Partial<Pick<Told, 'act' | 'command'>>
type Say = (evidence: Evidence, setPort: number) => Said

const said =
  (title: Words, step: Words): Say =>
  () => ({ title: title(), step: step() })

/** Makes the words of a cause that is told with the address in the code. */
const ofAddress =
  (title: (inputs: { address: string }) => string, step: Words, withChoice = false): Say =>
  (evidence) => ({
    title: title({ address: evidence.code.address ?? '' }),
    step: step(),
    act: withChoice ? choice(evidence) : null,
  })

/** The same for one whose cure is another network of this computer. */
const ofAdapter =
  (title: (inputs: { adapter: string }) => string): Say =>
  (evidence) => ({
    title: title({ adapter: adapterOf(evidence) }),
    step: m.doctor_choose_step(),
    act: choice(evidence),
  })

const adapterOf = ({ places, code }: Evidence): string =>
  places.find(({ address }) => address === code.address)?.adapter ?? ''

/** Finds the network that phones are likelier to be on than the one in the code: where others are, else a real one. */
function better({ places, code }: Evidence): Evidence['places'][number] | undefined {
  const others = places.filter(({ address, kind }) => kind === 'real' && address !== code.address)
  return others.find(({ heard, newcomers }) => heard + newcomers > 0) ?? others[0]
}

function choice(evidence: Evidence): Act | null {
  const address = better(evidence)?.address
  return address === undefined || evidence.code.isGiven ? null : { do: 'use-address', address }
}

/** The firewalls whose settings are no window: what lets a port in. */
const COMMANDS = {
  ufw: (port: number) => `sudo ufw allow ${port}/tcp`,
  firewalld: (port: number) => `sudo firewall-cmd --permanent --add-port=${port}/tcp && sudo firewall-cmd --reload`,
}
const FIREWALLS = {
  windows: m.doctor_firewall_windows,
  mac: m.doctor_firewall_mac,
  ufw: () => 'ufw',
  firewalld: () => 'firewalld',
} satisfies Record<Shut['program'], Words>
const STEPS = {
  'block-all': m.doctor_firewall_all_step,
  'block-rule': m.doctor_firewall_rule_step,
  public: m.doctor_firewall_public_step,
  'no-rule': m.doctor_firewall_allow_step,
} satisfies Record<Extract<Shut, { why: unknown }>['why'], Words>

function firewall({ firewall: known, code: { port } }: Evidence): Said {
  if (!('is' in known) || !('program' in known.is)) return { title: '', step: '' }
  const found = known.is
  const { program } = found
  const title = m.doctor_firewall({ firewall: FIREWALLS[program]() })
  if (program === 'ufw' || program === 'firewalld') {
    const step = found.inbound === 'shut' ? m.doctor_firewall_port_step : m.doctor_firewall_unread_step
    return { title, step: step({ port }), command: COMMANDS[program](port) }
  }
  const why = found.inbound === 'shut' ? found.why : 'no-rule'
  return { title, step: STEPS[why](), act: { do: 'open', page: why === 'public' ? 'network' : 'firewall' } }
}

function portMoved({ code: { port } }: Evidence, setPort: number): Said {
  const title = m.doctor_port_moved({ port, usual: HUB_PORT })
  // It was to have that port, and did not get it.
  if (setPort === HUB_PORT) return { title, step: m.doctor_port_taken_step({ port: HUB_PORT }) }
  return { title, step: m.doctor_port_moved_step({ port: HUB_PORT }), act: { do: 'use-port' } }
}

/** Says each cause. */
export const CAUSES: Record<Cause, Say> = {
  stuck: said(m.doctor_stuck, m.doctor_stuck_step),
  'no-network': said(m.doctor_no_network, m.doctor_no_network_step),
  'link-local': said(m.doctor_link_local, m.doctor_link_local_step),
  full: said(m.doctor_full, m.doctor_full_step),
  reached: said(m.doctor_reached, m.doctor_reached_step),
  stranger: ({ visits }) => ({
    title: m.doctor_stranger({ address: visits.refused }),
    step: m.doctor_stranger_step(),
  }),
  'page-stopped': said(m.doctor_page_stopped, m.doctor_page_stopped_step),
  open: said(m.doctor_open, m.doctor_open_step),
  'code-gone': ofAddress(m.doctor_code_gone, m.doctor_code_gone_step, true),
  'no-router': said(m.doctor_no_router, m.doctor_no_router_step),
  firewall,
  redrawn: said(m.doctor_redrawn, m.doctor_redrawn_step),
  'vpn-code': ofAdapter(m.doctor_vpn_code),
  'virtual-code': ofAdapter(m.doctor_virtual_code),
  'vpn-route': ({ route }) => ({
    title: m.doctor_vpn_route({ adapter: 'is' in route ? (route.is?.adapter ?? '') : '' }),
    step: m.doctor_vpn_route_step(),
  }),
  'other-adapter': (evidence) => ({
    title: m.doctor_other_adapter({ adapter: better(evidence)?.adapter ?? '' }),
    step: m.doctor_choose_step(),
    act: choice(evidence),
  }),
  'other-subnet': said(m.doctor_other_subnet, m.doctor_other_subnet_step),
  'only-ipv6': said(m.doctor_only_ipv6, m.doctor_only_ipv6_step),
  'unusual-range': ofAddress(m.doctor_unusual_range, m.doctor_unusual_range_step),
  'router-silent': said(m.doctor_router_silent, m.doctor_router_silent_step),
  shut: ({ code: { port } }) => ({ title: m.doctor_shut(), step: m.doctor_shut_step({ port }) }),
  'port-moved': portMoved,
  elsewhere: said(m.doctor_elsewhere, m.doctor_elsewhere_step),
  alone: said(m.doctor_alone, m.doctor_alone_step),
}

const UNDECIDED: Record<Undecided, Say> = {
  'too-early': said(m.doctor_too_early, m.doctor_too_early_step),
  'firewall-unread': said(m.doctor_firewall_unread, m.doctor_firewall_unread_step),
  quiet: said(m.doctor_quiet, m.doctor_quiet_step),
  unmeasured: said(m.doctor_unmeasured, m.doctor_unmeasured_step),
}

function leadOf(verdict: Verdict): string {
  if (verdict.cause === null) return verdict.why === 'too-early' ? m.doctor_early() : m.doctor_undecided()
  if (verdict.cause === 'reached' || verdict.cause === 'open') return m.doctor_fine()
  return verdict.confidence === 'sure' ? m.doctor_sure() : m.doctor_likely()
}

/** Puts a verdict into words. `setPort`: the port that the settings want. */
export function tell({ evidence, verdict }: Examination, setPort: number): Told {
  const say = verdict.cause === null ? UNDECIDED[verdict.why] : CAUSES[verdict.cause]
  return { act: null, command: null, lead: leadOf(verdict), ...say(evidence, setPort) }
}
