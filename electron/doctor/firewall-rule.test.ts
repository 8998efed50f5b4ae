import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { letPhonesIn, RULE_NAME } from './firewall-rule.ts'
import type { Ran } from './probe.ts'

/** Windows' firewall is asked by scripts of PowerShell, which do not run here: what would be run is recorded and looked at. */

const PROGRAM = "C:\\Users\\O'Neil\\AppData\\Local\\Programs\\Lanyard\\Lanyard.exe"
const NO_RULES: Ran = { out: '', code: 0 }

/** The script that a command line of PowerShell runs. */
const scriptOf = (args: readonly string[]): string => Buffer.from(args.at(-1) ?? '', 'base64').toString('utf16le')
/** The script that such a script runs as administrator. */
const innerOf = (script: string): string => scriptOf([/-EncodedCommand (\S+)'/.exec(script)?.[1] ?? ''])
/** A text as it stands in a script. */
const inScript = (text: string): string => Buffer.from(text).toString('base64')

interface How {
  readonly rules?: Ran
  readonly says?: boolean
  readonly asked?: boolean
  readonly ends?: Ran
}

async function start({ rules = NO_RULES, says = true, asked = false, ends = NO_RULES }: How = {}) {
  const ran: { readonly by: 'itself' | 'a person'; readonly program: string; readonly script: string }[] = []
  const log: string[] = []
  let explained = 0
  const now = { askedFirewall: asked }
  const runBy = (by: 'itself' | 'a person', result: Ran) => (program: string, args: readonly string[]) => {
    ran.push({ by, program, script: scriptOf(args) })
    return Promise.resolve(result)
  }
  const options = {
    program: PROGRAM,
    settings: { now, set: (_: 'askedFirewall', value: boolean) => void (now.askedFirewall = value) },
    run: runBy('itself', rules),
    runForPerson: runBy('a person', ends),
    explain: () => Promise.resolve((explained++, says)),
    log: (line: string) => void log.push(line),
  }
  await letPhonesIn(options)
  return { ran, log, explained, now, again: () => letPhonesIn(options) }
}

test('with no rule it explains, then adds one by program, as administrator, and takes away those that block', async () => {
  const { ran, explained, log } = await start()
  expect([explained, log, ran.map(({ by }) => by)]).toEqual([1, [], ['itself', 'a person']])
  expect(ran.every(({ program }) => /System32.WindowsPowerShell.v1\.0.powershell\.exe$/.test(program))).toBe(true)
  expect(ran[1]?.script).toContain('-Verb RunAs')
  const script = innerOf(ran[1]?.script ?? '')
  expect(script).toContain(inScript(PROGRAM))
  expect(script).toMatch(
    /Remove-NetFirewallRule\nNew-NetFirewallRule .*-Direction Inbound -Action Allow -Program \$program/,
  )
  expect(script).toContain(`-DisplayName '${RULE_NAME}'`)
})

test.each<[name: string, how: How, explained: number, runs: number]>([
  ['let in already', { rules: { out: 'Allow\r\n', code: 0 } }, 0, 1],
  ['a rule that blocks is stronger', { rules: { out: 'Allow\r\nBlock\r\n', code: 0 } }, 1, 2],
  ['a person who says no', { says: false }, 1, 1],
  ['asked at an earlier start', { asked: true }, 0, 0],
  ['PowerShell that is locked', { rules: { unknown: 'no-rights' } }, 0, 1],
])('%s', async (_, how, explained, runs) => {
  const done = await start(how)
  expect([done.explained, done.ran.length, done.now.askedFirewall]).toEqual([explained, runs, true])
})

test('it asks once in a lifetime, also where Windows was told no', async () => {
  const done = await start({ ends: { out: '', code: 1 } })
  await done.again()
  expect([done.explained, done.ran.length, done.log]).toEqual([1, 2, ['no rule was added to the firewall: 1']])
})

test('the uninstaller takes the rule away, and an update does not', () => {
  const nsh = readFileSync('resources/windows/installer.nsh', 'utf8')
  const [, inside = ''] = /\$\{ifNot\} \$\{isUpdated\}\n([^]*?)\n {2}\$\{endIf\}\n!macroend/.exec(nsh) ?? []
  expect(inside).toContain(`delete rule name="${RULE_NAME}"`)
})
