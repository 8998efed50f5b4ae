import { isIP } from 'node:net'
import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { LaneWish } from '#protocol/frames.ts'
import { urlHost } from '#protocol/networks.ts'
import { LegacyPolicy, SETTINGS, type SettingOption } from '#store/setting-rows.ts'

/** What was asked for on the command line. Paths are as given. */
export interface Options {
  /** TCP port; 0 = any free one. Instead of the remembered setting, as the others below. */
  readonly port?: number
  /** The address that goes into the link, instead of one that is looked for. */
  readonly host?: string
  readonly inbox?: string
  readonly data?: string
  /** Files and folders for a phone: the one that is here, or the first that comes. */
  readonly send: readonly string[]
  /** The list in which an earlier start of the program left such paths (shell/handover.ts). */
  readonly handed?: string
  readonly headless: boolean
  /** No window at first; the tray, a dock or another start brings it. */
  readonly hidden: boolean
  readonly json: boolean
  readonly legacy?: LegacyPolicy
  readonly lane?: LaneWish
}

export type Command =
  | { readonly run: 'app'; readonly options: Options }
  | { readonly run: 'help' }
  | { readonly run: 'version' }
  | { readonly run: 'wrong'; readonly problem: string }

/** Columns of a line of the help, and of what stands before the words. */
const HELP_COLUMNS = 80
const HELP_INDENT = 18

/** Explains the options in the order of the README. Those that are settings too are explained by their rows. */
export const HELP = `Usage: lanyard [options] [--] [PATH ...]

Files and folders that are named go to the phone that is here, or to the first
that comes. A Lanyard that runs already takes them.

${[
  helpOn(SETTINGS.port.option),
  explain('--host ADDRESS', "address that goes into the link (the network's own)"),
  helpOn(SETTINGS.inbox.option),
  explain('--data DIR', 'settings and state'),
  explain('--send PATH', 'send this file or folder, as without the option; may be repeated'),
  helpOn(SETTINGS.legacy.option),
  helpOn(SETTINGS.lane.option),
  explain('--headless', 'no window: show the code in the terminal'),
  explain('--hidden', 'start in the tray, with no window on the screen; minimised where there is no tray'),
  explain('--json', 'print one JSON object per event instead'),
  explain('--version', 'print the version'),
  explain('--help', 'print this'),
].join('')}`

function helpOn({ name, value, help }: SettingOption): string {
  return explain(`--${name} ${value}`, help)
}

/** Returns the lines on one option, its words broken where a terminal ends. */
function explain(option: string, words: string): string {
  const lines = ['']
  for (const word of words.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && HELP_INDENT + line.length + 1 + word.length > HELP_COLUMNS) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line, i) => `${(i === 0 ? `  ${option}` : '').padEnd(HELP_INDENT)}${line}\n`).join('')
}

// Chromium reads the command line too; these are its own, which tests and start scripts use.
const CHROMIUM =
  /^--(?:no-sandbox|ozone-platform|user-data-dir|remote-debugging-(?:port|pipe|address)|inspect(?:-brk)?|(?:enable|disable|force|allow|gtk|use)-[a-z0-9-]+|lang|js-flags|log-level|v|password-store|in-process-gpu)(?:=|$)/

/**
 * The app's own part of `argv`: what follows the program (and, when not packaged, the app's folder) without Chromium's
 * switches. A lone `--` behind such switches, or behind the folder, says that all after it is the app's own; any other is
 * the person's, who means that only paths follow.
 */
export function ownArguments(argv: readonly string[], packaged: boolean): string[] {
  const rest = argv.slice(1)
  const folder = packaged ? -1 : rest.findIndex((arg) => !arg.startsWith('-'))
  const own = rest.slice(folder + 1)
  const switches = own.findIndex((arg) => !CHROMIUM.test(arg))
  if (own[switches] === '--' && (!packaged || switches > 0)) return own.slice(switches + 1)
  const paths = own.indexOf('--')
  const options = paths < 0 ? own : own.slice(0, paths)
  return [...options.filter((arg) => !CHROMIUM.test(arg)), ...own.slice(options.length)]
}

/** Returns what of `argv` is Chromium's. */
export function chromiumSwitches(argv: readonly string[]): string[] {
  const divider = argv.indexOf('--')
  return (divider < 0 ? argv : argv.slice(0, divider)).filter((arg) => CHROMIUM.test(arg))
}

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  inbox: { type: 'string' },
  data: { type: 'string' },
  send: { type: 'string', multiple: true },
  handed: { type: 'string' },
  legacy: { type: 'string' },
  lane: { type: 'string' },
  headless: { type: 'boolean' },
  hidden: { type: 'boolean' },
  json: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

export function parseCommand(args: readonly string[]): Command {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: true,
      options: OPTIONS,
    })
    if (values.help) return { run: 'help' }
    if (values.version) return { run: 'version' }
    return { run: 'app', options: toOptions({ ...values, send: [...(values.send ?? []), ...positionals] }) }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return { run: 'wrong', problem: (text.split('\n')[0] ?? text).replace(/ To specify a positional.*$/, '') }
  }
}

/** Returns the arguments without the paths that are to be sent. */
export function withoutPaths(args: readonly string[]): string[] {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, tokens: true })
  return tokens.flatMap((token) => {
    if (token.kind !== 'option' || token.name === 'send') return []
    return token.value === undefined ? [token.rawName] : [`${token.rawName}=${token.value}`]
  })
}

interface Values {
  port?: string | undefined
  host?: string | undefined
  inbox?: string | undefined
  data?: string | undefined
  send?: string[] | undefined
  handed?: string | undefined
  legacy?: string | undefined
  lane?: string | undefined
  headless?: boolean | undefined
  hidden?: boolean | undefined
  json?: boolean | undefined
}

function toOptions(values: Values): Options {
  const { host, inbox, data } = values
  for (const name of ['inbox', 'data'] as const) if (values[name] === '') throw new Error(`--${name} takes a folder`)
  if (values.send?.includes('')) throw new Error('--send takes a file or a folder')
  return {
    ...(values.port !== undefined && { port: toPort(values.port) }),
    ...(host !== undefined && { host: toHost(host) }),
    ...(inbox !== undefined && { inbox }),
    ...(data !== undefined && { data }),
    send: values.send ?? [],
    ...(values.handed !== undefined && { handed: values.handed }),
    ...(values.legacy !== undefined && { legacy: toLegacy(values.legacy) }),
    ...(values.lane !== undefined && { lane: toLane(values.lane) }),
    headless: values.headless === true,
    hidden: values.hidden === true,
    json: values.json === true,
  }
}

function toLegacy(text: string): LegacyPolicy {
  if (!v.is(LegacyPolicy, text)) throw new Error(`--legacy takes ask, never or always, not '${text}'`)
  return text
}

function toLane(text: string): LaneWish {
  if (!v.is(LaneWish, text)) throw new Error(`--lane takes auto, webrtc or socket, not '${text}'`)
  return text
}

/** Returns an address in the one spelling in which browsers tell it to the hub. One with a zone they can't open. */
function toHost(text: string): string {
  if (isIP(text) === 0 || text.includes('%')) throw new Error(`--host takes an IPv4 or IPv6 address, not '${text}'`)
  return new URL(`http://${urlHost(text)}`).hostname.replace(/[[\]]/g, '')
}

function toPort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new Error(`--port takes a number from 0 to 65535, not '${text}'`)
  return port
}
