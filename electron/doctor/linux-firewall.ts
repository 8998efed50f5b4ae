import { readFile } from 'node:fs/promises'
import { HUB_PORT } from '#protocol/limits.ts'
import type { Firewall, Known, Unknown } from './evidence.ts'
import type { Asked, Run } from './probe.ts'

/** Reads a file of the system, or says why not; null: there is none. */
export async function readText(path: string): Promise<Known<string> | null> {
  try {
    return { is: await readFile(path, 'utf8') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    return { unknown: code === 'EACCES' ? 'no-rights' : 'no-answer' }
  }
}

/** Asks the two firewalls that desktops come with. Rules made by hand may be read by the administrator alone. */
export async function linuxFirewall(asked: Asked, run: Run, read: typeof readText): Promise<Known<Firewall>> {
  const all = await Promise.all([ufw(asked, read), firewalld(asked, run)])
  const found = all.flatMap((one) => ('is' in one && one.is.inbound !== 'none-found' ? [one] : []))
  // Where both are at work, whoever shuts wins.
  const worst = found.find(({ is }) => is.inbound === 'shut') ?? found.find(({ is }) => is.inbound === 'by-default')
  const unread = all.find((one) => 'unknown' in one)
  return worst ?? unread ?? found[0] ?? { is: { inbound: 'none-found' } }
}

const NONE: Known<Firewall> = { is: { inbound: 'none-found' } }
const unknown = (why: Unknown): Known<Firewall> => ({ unknown: why })

const settingOf = (text: string, name: string): string =>
  new RegExp(`^\\s*${name}\\s*=\\s*["']?([^"'\\s#]*)`, 'm').exec(text)?.[1]?.toLowerCase() ?? ''

async function ufw({ port }: Asked, read: typeof readText): Promise<Known<Firewall>> {
  const config = await read('/etc/ufw/ufw.conf')
  if (config === null) return NONE
  if ('unknown' in config) return config
  if (settingOf(config.is, 'ENABLED') !== 'yes') return NONE
  const [defaults, rules] = await Promise.all([read('/etc/default/ufw'), read('/etc/ufw/user.rules')])
  const policy = defaults !== null && 'is' in defaults ? settingOf(defaults.is, 'DEFAULT_INPUT_POLICY') : ''
  if (rules === null || 'unknown' in rules)
    return policy === 'accept' ? unknown('no-rights') : { is: { inbound: 'by-default', program: 'ufw' } }
  const rule = ufwRule(rules.is, port)
  if (rule === 'partly') return unknown('no-answer')
  if (rule === 'allow' || (rule === null && policy === 'accept')) return { is: { inbound: 'open' } }
  return { is: { inbound: 'shut', program: 'ufw', why: rule === null ? 'no-rule' : 'block-rule' } }
}

const ANYWHERE = '0.0.0.0/0'

/**
 * Reads the first rule of ufw that is about a port, as `### tuple ### allow tcp 3186 0.0.0.0/0 any 0.0.0.0/0 in`, where
 * the fields are action, protocol, port and address here, port and address there, direction. `partly`: it holds for some
 * addresses or adapters only.
 */
export function ufwRule(text: string, port: number): 'allow' | 'deny' | 'partly' | null {
  for (const [, fields = ''] of text.matchAll(/^### tuple ### (.*)$/gm)) {
    // A rule for an application names that before the direction.
    const words = fields
      .replace(/ comment=.*$/, '')
      .trim()
      .split(' ')
    const [action = '', protocol = '', ports = '', to, fromPort, from] = words
    const direction = words.at(-1) ?? ''
    const isAboutPort = ['tcp', 'any'].includes(protocol) && /^in(?:_|$)/.test(direction) && isAmong(ports, port)
    if (!isAboutPort) continue
    if (to !== ANYWHERE || from !== ANYWHERE || fromPort !== 'any' || direction !== 'in') return 'partly'
    return /^(?:route:)?(?:allow|limit)/.test(action) ? 'allow' : 'deny'
  }
  return null
}

/** Tells whether a port is among such as `any`, `22`, `80,443` and `1025:65535`. */
const isAmong = (ports: string, port: number): boolean =>
  ports === 'any' ||
  ports.split(',').some((part) => {
    const [first = NaN, last = first] = part.split(/[:-]/).map(Number)
    return port >= first && port <= last
  })

async function firewalld({ adapter, port }: Asked, run: Run): Promise<Known<Firewall>> {
  const state = await run('firewall-cmd', ['--state'])
  if ('unknown' in state) return state.unknown === 'no-tool' ? NONE : state
  if (state.out.trim() !== 'running') return NONE
  const zone = adapter === null ? null : await run('firewall-cmd', [`--get-zone-of-interface=${adapter}`])
  const name = zone !== null && 'out' in zone && zone.code === 0 ? zone.out.trim() : ''
  const listed = await run('firewall-cmd', [...(name === '' ? [] : [`--zone=${name}`]), '--list-all'])
  if ('unknown' in listed) return listed
  return listed.code === 0 ? firewalldZone(listed.out, port) : unknown('no-rights')
}

/** Reads `firewall-cmd --list-all`. The service is what our packages bring. Rich rules could let a port in too, and are too much to be read here. */
export function firewalldZone(text: string, port: number): Known<Firewall> {
  const field = (name: string): string => new RegExp(`^\\s*${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? ''
  const target = field('target')
  if (target === '') return unknown('no-answer')
  const isOpen = field('ports')
    .split(' ')
    .some((one) => one.endsWith('/tcp') && isAmong(one.slice(0, -4), port))
  const isOurService = port === HUB_PORT && field('services').split(' ').includes('lanyard')
  if (target === 'ACCEPT' || isOpen || isOurService) return { is: { inbound: 'open' } }
  if (/^\s*rich rules:[ \t]*\S|^\s+rule /m.test(text)) return unknown('no-answer')
  return { is: { inbound: 'shut', program: 'firewalld', why: 'no-rule' } }
}
