import { asAdministrator, literal, powershell } from './powershell.ts'
import type { Run } from './probe.ts'

/** What the rule is called in Windows' own list; the uninstaller knows it by this name. */
export const RULE_NAME = 'Lanyard'

export interface FirewallRuleOptions {
  /** Path of this program: the rule is by program, so that it holds for every port, and for mDNS. */
  readonly program: string
  readonly settings: {
    readonly now: { readonly askedFirewall: boolean }
    set(key: 'askedFirewall', value: boolean): void
  }
  readonly run: Run
  /** The same, for as long as a person may take to answer Windows. */
  readonly runForPerson: Run
  /** Says what Windows is going to ask, and why. Resolves with whether it is to. */
  readonly explain: () => Promise<boolean>
  readonly log: (line: string) => void
}

/** Lists what the rules for this program do with connections to it, one word a rule. */
const lookScript = (program: string): string => `
$ErrorActionPreference = 'SilentlyContinue'
Get-NetFirewallApplicationFilter -Program (${literal(program)}) | Get-NetFirewallRule |
  Where-Object { "$($_.Enabled)" -eq 'True' -and "$($_.Direction)" -eq 'Inbound' } | ForEach-Object { "$($_.Action)" }
exit 0`

/**
 * Lets the program in from the network that this computer is on, whatever Windows takes it for: many homes are "public" to
 * it. Rules that block go, which Windows writes when somebody cancels its own question: one of them is stronger than any that
 * allows.
 */
const ruleScript = (program: string): string => `
$ErrorActionPreference = 'Stop'
$program = ${literal(program)}
Get-NetFirewallApplicationFilter -Program $program -ErrorAction SilentlyContinue | Get-NetFirewallRule |
  Where-Object { "$($_.Direction)" -eq 'Inbound' } | Remove-NetFirewallRule
New-NetFirewallRule -DisplayName '${RULE_NAME}' -Direction Inbound -Action Allow -Program $program -Profile Any -RemoteAddress LocalSubnet | Out-Null`

/**
 * Has Windows' firewall let phones in: asks the person once in a lifetime, before the hub listens, as Windows asks by itself
 * then and explains nothing. A copy that is let in already asks nobody. Never rejects; whoever says no gets Windows' own question,
 * and the checklist beside the code tells what came of that.
 */
export async function letPhonesIn(options: FirewallRuleOptions): Promise<void> {
  const { program, settings, run, runForPerson, explain, log } = options
  if (settings.now.askedFirewall) return
  const looked = await run(...powershell(lookScript(program)))
  // Where Windows does not tell, it is not asked at each start either.
  settings.set('askedFirewall', true)
  if ('unknown' in looked || looked.code !== 0) {
    log(`the rules of the firewall could not be read: ${'unknown' in looked ? looked.unknown : looked.code}`)
    return
  }
  const actions = looked.out.split(/\s+/)
  if (actions.includes('Allow') && !actions.includes('Block')) return
  if (!(await explain())) return
  const done = await runForPerson(...powershell(asAdministrator(ruleScript(program))))
  if ('unknown' in done || done.code !== 0)
    log(`no rule was added to the firewall: ${'unknown' in done ? done.unknown : done.code}`)
}
