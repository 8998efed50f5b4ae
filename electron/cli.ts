import { isIPv4 } from 'node:net'
import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { LaneWish } from '#protocol/frames.ts'
import { HUB_PORT } from '#protocol/limits.ts'
import { LegacyPolicy } from '#store/legacy-policy.ts'

/** What was asked for on the command line. Paths are as given. */
export interface Options {
  /** TCP port; 0 = any free one. */
  readonly port: number
  /** The address that goes into the link, instead of one that is looked for. */
  readonly host?: string
  readonly inbox?: string
  readonly data?: string
  /** Files for the first phone that joins. */
  readonly send: readonly string[]
  readonly headless: boolean
  readonly json: boolean
  /** Instead of the remembered setting. */
  readonly legacy?: LegacyPolicy
  /** Instead of the remembered setting. */
  readonly lane?: LaneWish
}

export type Command =
  | { readonly run: 'app'; readonly options: Options }
  | { readonly run: 'help' }
  | { readonly run: 'version' }
  | { readonly run: 'wrong'; readonly problem: string }

export const HELP = `Usage: lanyard [options]

  --port N        TCP port, 0 = any free one (${HUB_PORT})
  --host ADDRESS  IPv4 address that goes into the link (the network's own)
  --inbox DIR     where received files land (Lanyard in your downloads folder)
  --data DIR      settings and state
  --send PATH     send this file to the first phone that joins; may be repeated
  --legacy WHAT   older apps that prove nothing: ask (each time), never or always
                  let them in; without a window, always also takes their files
  --lane WHAT     the way that files take: auto (the faster one), webrtc (always
                  the direct connection) or socket (always through this computer)
  --headless      no window: show the code in the terminal
  --json          print one JSON object per event instead
  --version       print the version
  --help          print this
`

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
    port: toPort(values.port),
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

function toPort(text: string | undefined): number {
  if (text === undefined) return HUB_PORT
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new Error(`--port takes a number from 0 to 65535, not '${text}'`)
  return port
}
