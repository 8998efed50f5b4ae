import * as v from 'valibot'
import { adapterKind } from '#hub/adapters.ts'
import type { Firewall, Known, Neighbour, SystemFacts } from './evidence.ts'
import { literal, powershell } from './powershell.ts'
import { FAR_AWAY, readOut, runTool, type Asked, type Probe, type Run } from './probe.ts'

const text = v.nullish(v.string(), '')
/** What the script below writes. Values of enumerations are written as words: their numbers differ between versions. */
const Facts = v.object({
  route: text,
  gateway: text,
  neighbours: v.array(v.object({ ip: text, state: text })),
  networks: v.array(v.object({ name: text, adapter: text, category: text })),
  profiles: v.array(v.object({ name: text, enabled: text, inbound: text, allow: text })),
  rules: v.array(v.object({ action: text, profile: text, protocol: text })),
})
type Facts = v.InferOutput<typeof Facts>

/** Returns the script: one start of PowerShell for all, as it takes a second or two. */
export const scriptFor = ({ adapter, program }: Asked): string => `
$ErrorActionPreference = 'SilentlyContinue'
[Console]::OutputEncoding = [Text.Encoding]::UTF8
$adapter = ${literal(adapter ?? '')}
$program = ${literal(program)}
$route = Find-NetRoute -RemoteIPAddress ${FAR_AWAY} | Where-Object { $_.NextHop } | Select-Object -First 1
$gateway = Get-NetRoute -InterfaceAlias $adapter -DestinationPrefix '0.0.0.0/0' | Select-Object -First 1
ConvertTo-Json -Compress -Depth 4 @{
  route = $route.InterfaceAlias
  gateway = $gateway.NextHop
  neighbours = @(Get-NetNeighbor -AddressFamily IPv4 | ForEach-Object { @{ ip = $_.IPAddress; state = "$($_.State)" } })
  networks = @(Get-NetConnectionProfile | ForEach-Object {
    @{ name = $_.Name; adapter = $_.InterfaceAlias; category = "$($_.NetworkCategory)" } })
  profiles = @(Get-NetFirewallProfile -PolicyStore ActiveStore | ForEach-Object {
    @{ name = $_.Name; enabled = "$($_.Enabled)"; inbound = "$($_.DefaultInboundAction)"; allow = "$($_.AllowInboundRules)" } })
  rules = @(Get-NetFirewallApplicationFilter -PolicyStore ActiveStore -Program $program | Get-NetFirewallRule |
    Where-Object { "$($_.Enabled)" -eq 'True' -and "$($_.Direction)" -eq 'Inbound' } | ForEach-Object {
      @{ action = "$($_.Action)"; profile = "$($_.Profile)"; protocol = ($_ | Get-NetFirewallPortFilter).Protocol } })
}`

const STATES: Readonly<Record<string, Neighbour['answers']>> = {
  Reachable: 'yes',
  Stale: 'old',
  Delay: 'old',
  Probe: 'old',
  Unreachable: 'no',
  Incomplete: 'asked',
}

/** Categories of networks, as the firewall calls them. */
const PROFILES: Readonly<Record<string, string>> = {
  Public: 'Public',
  Private: 'Private',
  DomainAuthenticated: 'Domain',
}

function parseFacts(out: string): Facts | null {
  try {
    // Some versions begin with a byte order mark.
    return v.parse(Facts, JSON.parse(out.replace(/^\uFEFF/, '')))
  } catch {
    return null
  }
}

/** Reads what the firewall does with connections to this program over an adapter. */
export function windowsFirewall({ networks, profiles, rules }: Facts, adapter: string | null): Known<Firewall> {
  const category = networks.find((network) => network.adapter === adapter)?.category ?? ''
  const profile = profiles.find(({ name }) => name === PROFILES[category])
  if (profile === undefined) return { unknown: 'no-answer' }
  const program = 'windows' as const
  if (profile.enabled === 'False') return { is: { inbound: 'open' } }
  if (profile.allow === 'False') return { is: { inbound: 'shut', program, why: 'block-all' } }
  const matching = rules.filter(
    (rule) =>
      /^(?:TCP|Any|6)$/i.test(rule.protocol) &&
      (rule.profile === 'Any' || rule.profile.split(', ').includes(profile.name)),
  )
  // A rule that blocks is stronger than any that allows.
  if (matching.some(({ action }) => action === 'Block')) return { is: { inbound: 'shut', program, why: 'block-rule' } }
  if (profile.inbound === 'Allow' || matching.some(({ action }) => action === 'Allow'))
    return { is: { inbound: 'open' } }
  return { is: { inbound: 'shut', program, why: profile.name === 'Public' ? 'public' : 'no-rule' } }
}

/** Turns what the script wrote into facts. Null: it wrote something else. */
export function windowsFacts(out: string, { adapter }: Asked): SystemFacts | null {
  const facts = parseFacts(out)
  if (facts === null) return null
  const { route, gateway, neighbours, networks } = facts
  return {
    route: { is: route === '' ? null : { adapter: route, kind: adapterKind(route) } },
    gateway: { is: gateway === '' || gateway === '0.0.0.0' ? null : gateway },
    neighbours: {
      is: neighbours.flatMap(({ ip, state }) => {
        const answers = STATES[state]
        return answers === undefined ? [] : [{ address: ip, answers }]
      }),
    },
    names: { is: Object.fromEntries(networks.map((network) => [network.adapter, network.name])) },
    firewall: windowsFirewall(facts, adapter),
  }
}

/** Asks Windows, by one script of PowerShell. */
export class WindowsProbe implements Probe {
  readonly #run: Run

  constructor(run = runTool) {
    this.#run = run
  }

  async look(asked: Asked): Promise<SystemFacts> {
    const ran = await this.#run(...powershell(scriptFor(asked)))
    const known = readOut(ran, (out) => windowsFacts(out, asked))
    if ('is' in known) return known.is
    return { route: known, gateway: known, neighbours: known, names: known, firewall: known }
  }
}
