import { isIPv4 } from 'node:net'
import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { LaneWish } from '#protocol/frames.ts'
import { LegacyPolicy } from '#store/legacy-policy.ts'
import { SETTINGS, type SettingOption } from '#store/setting-rows.ts'

/** What was asked for on the command line. Paths are as given. */
export interface Options {
  /** TCP port; 0 = any free one. Instead of the remembered setting, as the others below. */
  readonly port?: number
  /** The address that goes into the link, instead of one that is looked for. */
  readonly host?: string
  readonly inbox?: string
  readonly data?: string
  /** Files for the first phone that joins. */
  readonly send: readonly string[]
  readonly headless: boolean
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
export const HELP = `Usage: lanyard [options]

${[
  helpOn(SETTINGS.port.option),
  explain('--host ADDRESS', "IPv4 address that goes into the link (the network's own)"),
  helpOn(SETTINGS.inbox.option),
  explain('--data DIR', 'settings and state'),
  explain('--send PATH', 'send this file to the first phone that joins; may be repeated'),
  helpOn(SETTINGS.legacy.option),
  helpOn(SETTINGS.lane.option),
  explain('--headless', 'no window: show the code in the terminal'),
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
 * The app's own part of `argv`: all after a lone `--` if there is one, else what follows the program
 * (and, when not packaged, the app's folder) without Chromium's switches.
 */
export function ownArguments(argv: readonly string[], packaged: boolean): string[] {
  const divider = argv.indexOf('--')
  if (divider >= 0) return argv.slice(divider + 1)
  const rest = argv.slice(1)
  const folder = packaged ? -1 : rest.findIndex((arg) => !arg.startsWith('-'))
  return (packaged ? rest : rest.slice(folder + 1)).filter((arg) => !CHROMIUM.test(arg))
}

export function parseCommand(args: readonly string[]): Command {
  try {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        inbox: { type: 'string' },
        data: { type: 'string' },
        send: { type: 'string', multiple: true },
        legacy: { type: 'string' },
        lane: { type: 'string' },
        headless: { type: 'boolean' },
        json: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
    if (values.help) return { run: 'help' }
    if (values.version) return { run: 'version' }
    return { run: 'app', options: toOptions(values) }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return { run: 'wrong', problem: (text.split('\n')[0] ?? text).replace(/ To specify a positional.*$/, '') }
  }
}

interface Values {
  port?: string | undefined
  host?: string | undefined
  inbox?: string | undefined
  data?: string | undefined
  send?: string[] | undefined
  legacy?: string | undefined
  lane?: string | undefined
  headless?: boolean | undefined
  json?: boolean | undefined
}

function toOptions(values: Values): Options {
  const { host, inbox, data } = values
  if (host !== undefined && !isIPv4(host)) throw new Error(`--host takes an IPv4 address, not '${host}'`)
  for (const name of ['inbox', 'data'] as const) if (values[name] === '') throw new Error(`--${name} takes a folder`)
  if (values.send?.includes('')) throw new Error('--send takes a file')
  return {
    ...(values.port !== undefined && { port: toPort(values.port) }),
    ...(host !== undefined && { host }),
    ...(inbox !== undefined && { inbox }),
    ...(data !== undefined && { data }),
    send: values.send ?? [],
    ...(values.legacy !== undefined && { legacy: toLegacy(values.legacy) }),
    ...(values.lane !== undefined && { lane: toLane(values.lane) }),
    headless: values.headless === true,
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

function toPort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new Error(`--port takes a number from 0 to 65535, not '${text}'`)
  return port
}
