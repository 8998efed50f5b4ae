import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { promisify } from 'node:util'
import { cleanDeviceName } from '#protocol/text.ts'

/** What is asked of the system. Each throws, or gives '', where there is no such name. */
export interface NameSources {
  readonly platform: NodeJS.Platform
  /** The text of /etc/machine-info. */
  readonly machineInfo: () => Promise<string>
  /** What macOS calls the computer for people. */
  readonly scutil: () => Promise<string>
  readonly hostname: () => string
}

/** ms that the system's program may take. */
const SCUTIL_MS = 2_000

const SYSTEM: NameSources = {
  platform: process.platform,
  machineInfo: () => readFile('/etc/machine-info', 'utf8'),
  scutil: async () =>
    (await promisify(execFile)('/usr/sbin/scutil', ['--get', 'ComputerName'], { timeout: SCUTIL_MS })).stdout,
  hostname,
}

/** Returns what the system calls this computer for people; its host name where there is nothing better. */
export async function computerName(sources: NameSources = SYSTEM): Promise<string> {
  const name = await forPeople(sources).catch(() => '')
  // A host name may carry the network's domain, which says nothing to people.
  return cleanDeviceName(name) || cleanDeviceName(sources.hostname().replace(/\.(?:local|lan|home|localdomain)$/i, ''))
}

async function forPeople({ platform, machineInfo, scutil }: NameSources): Promise<string> {
  if (platform === 'darwin') return scutil()
  return platform === 'linux' ? prettyHostname(await machineInfo()) : ''
}

/** Returns PRETTY_HOSTNAME of a machine-info file, whose values are quoted as a shell would; '' where there is none. */
function prettyHostname(text: string): string {
  const value = /^\s*PRETTY_HOSTNAME=(.*)$/m.exec(text)?.[1]?.trim() ?? ''
  const single = /^'(.*)'$/.exec(value)?.[1]
  if (single !== undefined) return single
  return (/^"(.*)"$/.exec(value)?.[1] ?? value).replace(/\\(["\\$`])/g, '$1')
}
