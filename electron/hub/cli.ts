import { parseArgs } from 'node:util'
import { HUB_PORT } from '#protocol/limits.ts'

export const HELP = `The hub alone, as an open signaling server for developers of their own peers:
any text is a uid there, for anybody, in either role.

  npm run hub -- --open [options]

  --open                 needed, as this lets everybody in
  --port N               TCP port, the next free one if it is taken; 0 = any (default ${HUB_PORT})
  --allow-origin ORIGIN  lets in a web page of this origin, such as http://localhost:8080; may be repeated
  --version              prints the version
  --help                 prints this`

export type Command =
  | { readonly run: 'help' | 'version' }
  | { readonly run: 'hub'; readonly port: number; readonly allowOrigins: readonly string[] }
  | { readonly run: 'wrong'; readonly why: string }

const OPTIONS = {
  open: { type: 'boolean', default: false },
  port: { type: 'string', default: String(HUB_PORT) },
  'allow-origin': { type: 'string', multiple: true, default: [] as string[] },
  version: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

// App shells have origins of their own: capacitor://localhost, file://.
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]*$/

/** Tells whether a text is an origin exactly as a browser spells it; else a page would be refused and nobody see why. */
function isOrigin(text: string): boolean {
  return ORIGIN.test(text) && (!/^https?:/.test(text) || (URL.canParse(text) && new URL(text).origin === text))
}

const wrong = (why: string): Command => ({ run: 'wrong', why })

function read(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values
}

/** Reads what the command line asks for. */
export function readCommand(args: readonly string[]): Command {
  let values: ReturnType<typeof read>
  try {
    values = read(args)
  } catch (error) {
    return wrong(error instanceof Error ? (error.message.split(/\.\s/)[0] ?? '') : String(error))
  }
  if (values.help) return { run: 'help' }
  if (values.version) return { run: 'version' }
  const allowOrigins = values['allow-origin']
  const strange = allowOrigins.find((text) => !isOrigin(text))
  if (strange !== undefined) return wrong(`--allow-origin ${strange} is not an origin such as http://localhost:8080`)
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
    return wrong(`--port ${values.port} is not a number from 0 to 65535`)
  if (!values.open) return wrong('the hub alone has no window, so it can only be open signaling: say --open')
  return { run: 'hub', port: Number(values.port), allowOrigins }
}
