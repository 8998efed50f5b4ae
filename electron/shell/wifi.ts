import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The Wi-Fi that this computer is on, as far as the system tells. */
export interface Wifi {
  /** Null: it is on none, or the system does not say. */
  readonly name: string | null
  /** What a phone's camera joins it by; null where the system keeps the password to itself. */
  readonly code: string | null
}

/** Milliseconds: the system may ask a person before it gives the password away. */
const ASK_MS = 60_000

const NOTHING: Wifi = { name: null, code: null }

export type RunProgram = (program: string, args: readonly string[]) => Promise<string>

const run: RunProgram = async (program, args) => {
  const env = { ...process.env, LC_ALL: 'C' }
  const { stdout } = await promisify(execFile)(program, args, { timeout: ASK_MS, encoding: 'utf8', env })
  return stdout
}

/** Asks NetworkManager for the Wi-Fi and its password; the system asks the person where it is set to. Never rejects. */
export async function askWifi(ask: RunProgram = run): Promise<Wifi> {
  try {
    const uuid = wifiAmong(await ask('nmcli', ['-t', '-f', 'UUID,TYPE', 'connection', 'show', '--active']))
    if (uuid === null) return NOTHING
    const fields = `${SSID},${HIDDEN},${KIND},${PASSWORD}`
    const show = ['-t', '-e', 'no', '-f', fields, 'connection', 'show', 'uuid', uuid]
    const told = valuesOf(await ask('nmcli', show))
    const name = told.get(SSID) ?? ''
    if (name === '') return NOTHING
    // Only now, as this may bring the system's question: an open network has no password.
    const secret = told.get(KIND) ? valuesOf(await ask('nmcli', ['-s', ...show]).catch(() => '')) : told
    return { name, code: codeOf({ name, isHidden: told.get(HIDDEN) === 'yes', kind: told.get(KIND) ?? '', password: secret.get(PASSWORD) ?? '' }) } // prettier-ignore
  } catch {
    return NOTHING
  }
}

const SSID = '802-11-wireless.ssid'
const HIDDEN = '802-11-wireless.hidden'
const KIND = '802-11-wireless-security.key-mgmt'
const PASSWORD = '802-11-wireless-security.psk'

function wifiAmong(lines: string): string | null {
  const [uuid] = /^[\w-]+(?=:802-11-wireless$)/m.exec(lines) ?? []
  return uuid ?? null
}

/** What NetworkManager writes for a value that is not set. */
const UNSET = '--'

const valuesOf = (lines: string): Map<string, string> =>
  new Map(
    lines.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf(':')
      const value = line.slice(at + 1)
      return at < 0 || value === UNSET ? [] : [[line.slice(0, at), value]]
    }),
  )

interface Network {
  readonly name: string
  readonly isHidden: boolean
  readonly kind: string
  readonly password: string
}

/** Kinds of security whose networks have one password for all. */
const SHARED: ReadonlySet<string> = new Set(['wpa-psk', 'sae'])

const escaped = (text: string): string => text.replace(/[\\;,":]/g, '\\$&')

/** Writes the text of a code by which phones join a network; null for a network that has no password for all. */
export function codeOf({ name, isHidden, kind, password }: Network): string | null {
  const hidden = isHidden ? 'H:true;' : ''
  if (kind === '') return `WIFI:T:nopass;S:${escaped(name)};${hidden};`
  if (!SHARED.has(kind) || password === '') return null
  return `WIFI:T:WPA;S:${escaped(name)};P:${escaped(password)};${hidden};`
}
