import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Firewall, Known } from './evidence.ts'
import { firewalldZone, linuxFirewall, readText, ufwRule } from './linux-firewall.ts'
import { connectionNames, routesOf, LinuxProbe, neighboursOf } from './linux-probe.ts'
import { macFirewall, macNeighbours, MacProbe, routeField } from './mac-probe.ts'
import { runTool, type Asked, type Ran, type Run } from './probe.ts'
import { scriptFor, windowsFacts, WindowsProbe } from './windows-probe.ts'

const ASKED: Asked = { adapter: 'wlan0', port: 3186, program: '/opt/Lanyard/lanyard' }

/** A system on which these tools write these texts; there are no others. */
const tools =
  (outputs: Readonly<Record<string, Ran | string>>): Run =>
  (program, args) => {
    const found = Object.entries(outputs).find(([line]) => [program, ...args].join(' ').includes(line))?.[1]
    return Promise.resolve(typeof found === 'string' ? { out: found, code: 0 } : (found ?? { unknown: 'no-tool' }))
  }
/** A system with these files. */
const files =
  (texts: Readonly<Record<string, Known<string>>>): typeof readText =>
  (path) =>
    Promise.resolve(texts[path] ?? null)

const OPEN: Known<Firewall> = { is: { inbound: 'open' } }
const NONE_FOUND: Known<Firewall> = { is: { inbound: 'none-found' } }

describe('Linux', () => {
  test('neighbours as iproute2 writes them', () => {
    const out =
      '[{"dst":"192.168.1.1","dev":"wlan0","lladdr":"02:fc:00:00:00:05","state":["REACHABLE"]},' +
      '{"dst":"192.168.1.20","dev":"wlan0","lladdr":"02:fc:00:00:00:06","state":["STALE"]},' +
      '{"dst":"192.168.1.30","dev":"wlan0","state":["FAILED"]},{"dst":"192.168.1.31","dev":"wlan0","state":["INCOMPLETE"]}]'
    expect(neighboursOf(out)?.map(({ answers }) => answers)).toEqual(['yes', 'old', 'no', 'asked'])
    expect(neighboursOf('[]')).toEqual([])
    expect(neighboursOf('')).toEqual([])
    expect(neighboursOf('192.168.1.1 dev wlan0 lladdr 02:fc:00:00:00:05 REACHABLE')).toBeNull()
  })

  test('the way to elsewhere', async () => {
    const out =
      '[{"dst":"198.51.100.1","gateway":"192.168.1.1","dev":"wlan0","prefsrc":"192.168.1.7","flags":[],"uid":0}]'
    const run = tools({
      'route get': out,
      // As iproute2 writes it where the adapter was asked for.
      'route show default dev wlan0': '[{"dst":"default","gateway":"192.168.1.1","flags":[]}]',
    })
    expect(await new LinuxProbe(run, files({})).look(ASKED)).toMatchObject({
      route: { is: { adapter: 'wlan0', kind: 'real' } },
      gateway: { is: '192.168.1.1' },
    })
    expect(routesOf('[{"dst":"198.51.100.1","dev":"tun0","flags":[]}]')).toEqual([{ dev: 'tun0' }])
    expect(routesOf('[]')).toEqual([])
    expect(routesOf('default via 192.168.1.1 dev wlan0')).toBeNull()
  })

  test('names of networks, with whatever people call them', () => {
    expect(connectionNames('wlan0:Caf\\: 5\\\\6 \nlo:\neth0:Wired connection 1\n')).toEqual({
      wlan0: 'Caf: 5\\6 ',
      eth0: 'Wired connection 1',
    })
  })

  const tuple = (line: string): string => `### RULES ###\n\n### tuple ### ${line}\n-A ufw-user-input -j ACCEPT\n`
  test.each([
    ['allow tcp 3186 0.0.0.0/0 any 0.0.0.0/0 in', 'allow'],
    ['allow tcp 3186 0.0.0.0/0 any 0.0.0.0/0 in comment=4c616e', 'allow'],
    ['allow tcp 3186 0.0.0.0/0 any 0.0.0.0/0 Lanyard - in', 'allow'],
    ['limit any 3000:3200,22 0.0.0.0/0 any 0.0.0.0/0 in', 'allow'],
    ['deny tcp 3186 0.0.0.0/0 any 0.0.0.0/0 in', 'deny'],
    ['reject any any 0.0.0.0/0 any 0.0.0.0/0 in', 'deny'],
    ['allow tcp 3186 0.0.0.0/0 any 192.168.1.0/24 in', 'partly'],
    ['allow tcp 3186 0.0.0.0/0 any 0.0.0.0/0 in_eth0', 'partly'],
    ['allow udp 3186 0.0.0.0/0 any 0.0.0.0/0 in', null],
    ['allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in', null],
    ['deny tcp 3186 0.0.0.0/0 any 0.0.0.0/0 out', null],
  ])('ufw: %s', (line, rule) => {
    expect(ufwRule(tuple(line), 3186)).toBe(rule)
  })

  const CONF = { '/etc/ufw/ufw.conf': { is: '# comment\nENABLED=yes\nLOGLEVEL=low\n' } } as const
  const DROP = { '/etc/default/ufw': { is: 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\n' } } as const
  const ACCEPT = { '/etc/default/ufw': { is: 'DEFAULT_INPUT_POLICY="ACCEPT"\n' } } as const
  const rules = (line: string) => ({ '/etc/ufw/user.rules': { is: tuple(line) } })
  const LOCKED = { '/etc/ufw/user.rules': { unknown: 'no-rights' } } as const
  test.each([
    ['none at all', {}, NONE_FOUND],
    ['off', { '/etc/ufw/ufw.conf': { is: 'ENABLED=no\n' } }, NONE_FOUND],
    ['on, its rules locked', { ...CONF, ...DROP, ...LOCKED }, { is: { inbound: 'by-default', program: 'ufw' } }],
    ['on, its rules locked, all let in by default', { ...CONF, ...ACCEPT, ...LOCKED }, { unknown: 'no-rights' }],
    ['on with our port', { ...CONF, ...DROP, ...rules('allow tcp 3186 0.0.0.0/0 any 0.0.0.0/0 in') }, OPEN],
    ['on without our port', { ...CONF, ...DROP, ...rules('allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in') }, { is: { inbound: 'shut', program: 'ufw', why: 'no-rule' } }], // prettier-ignore
    ['on against our port', { ...CONF, ...ACCEPT, ...rules('deny tcp 3186 0.0.0.0/0 any 0.0.0.0/0 in') }, { is: { inbound: 'shut', program: 'ufw', why: 'block-rule' } }], // prettier-ignore
    ['on for some', { ...CONF, ...DROP, ...rules('allow tcp 3186 0.0.0.0/0 any 10.0.0.0/8 in') }, { unknown: 'no-answer' }], // prettier-ignore
  ] as const)('ufw %s', async (_name, texts, firewall) => {
    expect(await linuxFirewall(ASKED, tools({}), files(texts))).toEqual(firewall)
  })

  const ZONE = (ports: string, more = '', target = 'default'): string =>
    `FedoraWorkstation (default, active)\n  target: ${target}\n  ingress-priority: 0\n  interfaces: wlan0\n  sources: \n` +
    `  services: dhcpv6-client mdns ssh\n  ports: ${ports}\n  protocols: \n  forward: yes\n  rich rules: ${more}\n`
  const SHUT_ZONE: Known<Firewall> = { is: { inbound: 'shut', program: 'firewalld', why: 'no-rule' } }
  test.each([
    ['a range', ZONE('1025-65535/udp 1025-65535/tcp'), OPEN],
    ['our port', ZONE('3186/tcp'), OPEN],
    ['our port for UDP', ZONE('3186/udp'), SHUT_ZONE],
    ['none', ZONE(''), SHUT_ZONE],
    ['all', ZONE('', '', 'ACCEPT'), OPEN],
    ['the service of our package', ZONE('').replace(' ssh', ' ssh lanyard'), OPEN],
    ['rich rules', ZONE('', '\n\trule family="ipv4" accept'), { unknown: 'no-answer' }],
    ['something else', 'Error: INVALID_ZONE', { unknown: 'no-answer' }],
  ] as const)('a zone of firewalld with %s', (_name, text, firewall) => {
    expect(firewalldZone(text, 3186)).toEqual(firewall)
  })

  test.each([
    ['running, and its zone read', { '--state': 'running\n', '--get-zone': 'home\n', '--zone=home --list-all': ZONE('') }, SHUT_ZONE], // prettier-ignore
    ['running, no zone of its own', { '--state': 'running\n', '--get-zone': { out: 'no zone\n', code: 2 }, 'cmd --list-all': ZONE('3186/tcp') }, OPEN], // prettier-ignore
    ['running, and not for this user', { '--state': 'running\n', '--list-all': { out: '', code: 253 } }, { unknown: 'no-rights' }], // prettier-ignore
    ['not running', { '--state': { out: 'not running\n', code: 252 } }, NONE_FOUND],
    ['silent', { '--state': { unknown: 'no-answer' } }, { unknown: 'no-answer' }],
  ] as const)('firewalld %s', async (_name, outputs, firewall) => {
    expect(await linuxFirewall(ASKED, tools(outputs), files({}))).toEqual(firewall)
  })

  test('where there are no tools, nothing is known, and all else is', async () => {
    const facts = await new LinuxProbe(tools({}), files({})).look(ASKED)
    expect(facts).toEqual({
      route: { unknown: 'no-tool' },
      gateway: { unknown: 'no-tool' },
      neighbours: { unknown: 'no-tool' },
      names: { unknown: 'no-tool' },
      firewall: NONE_FOUND,
    })
  })

  test('no way to elsewhere is an answer', async () => {
    const run = tools({ 'route get': { out: '', code: 2 }, 'route show': '[]', neigh: '[]' })
    const facts = await new LinuxProbe(run, files({})).look(ASKED)
    expect(facts).toMatchObject({ route: { is: null }, gateway: { is: null }, neighbours: { is: [] } })
  })
})

describe('macOS', () => {
  const ROUTE =
    '   route to: 198.51.100.1\ndestination: default\n       mask: default\n    gateway: 192.168.1.1\n  interface: en0\n      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>\n'
  const ARP =
    '? (192.168.1.1) at a4:91:b1:0:11:22 on en0 ifscope [ethernet]\n? (192.168.1.20) at (incomplete) on en0 ifscope [ethernet]\n' +
    '? (192.168.1.255) at ff:ff:ff:ff:ff:ff on en0 ifscope [ethernet]\n? (224.0.0.251) at 1:0:5e:0:0:fb on en0 ifscope permanent [ethernet]\n'
  const ON = 'Firewall is enabled. (State = 1)\n'
  const ALL_OFF = 'Firewall has block all state set to disabled.\n'
  const shut = (why: 'block-all' | 'block-rule'): Known<Firewall> => ({ is: { inbound: 'shut', program: 'mac', why } })

  test.each([
    ['off', 'Firewall is disabled. (State = 0)\n', ALL_OFF, '', OPEN],
    ['block all', 'Firewall is enabled. (State = 2)\n', 'Firewall has block all state set to enabled.\n', '', shut('block-all')], // prettier-ignore
    ['block all, in older words', ON, 'Block all ENABLED! \n', '', shut('block-all')],
    ['off, in older words', ON, 'Block all DISABLED! \n', '', { unknown: 'not-told' }],
    ['blocked', ON, ALL_OFF, 'Incoming connection to the application is blocked\n', shut('block-rule')],
    ['permitted, which it says of any program', ON, ALL_OFF, 'Incoming connection to the application is permitted\n', { unknown: 'not-told' }], // prettier-ignore
    ['other words', 'Die Firewall ist an\n', '', '', { unknown: 'no-answer' }],
  ] as const)('the firewall: %s', (_name, state, all, app, firewall) => {
    expect(macFirewall(state, all, app)).toEqual(firewall)
  })

  test('neighbours and routes as its tools write them', () => {
    expect(macNeighbours(ARP)).toEqual([
      { address: '192.168.1.1', answers: 'old' },
      { address: '192.168.1.20', answers: 'no' },
    ])
    expect(routeField(ROUTE, 'interface')).toBe('en0')
    expect(routeField(ROUTE, 'gateway')).toBe('192.168.1.1')
  })

  test('the router answers to an echo', async () => {
    const outputs = { 'route -n get': ROUTE, 'arp -an': ARP, ping: '1 packets received', getglobal: ON }
    const facts = await new MacProbe(tools(outputs)).look(ASKED)
    expect(facts).toMatchObject({ route: { is: { adapter: 'en0', kind: 'real' } }, gateway: { is: '192.168.1.1' } })
    expect(facts.neighbours).toEqual({
      is: [
        { address: '192.168.1.20', answers: 'no' },
        { address: '192.168.1.1', answers: 'yes' },
      ],
    })
    const vpn = await new MacProbe(tools({ 'route -n get': ROUTE.replace('en0', 'utun4') })).look(ASKED)
    expect(vpn.route).toEqual({ is: { adapter: 'utun4', kind: 'vpn' } })
  })
})

describe('Windows', () => {
  const asked: Asked = { ...ASKED, adapter: 'Wi-Fi' }
  const profile = (name: string, enabled = 'True', inbound = 'NotConfigured', allow = 'NotConfigured') => ({
    ...{ name, enabled, inbound, allow },
  })
  const SEEN = {
    route: 'Wi-Fi',
    gateway: '192.168.1.1',
    neighbours: [
      { ip: '192.168.1.1', state: 'Reachable' },
      { ip: '192.168.1.20', state: 'Stale' },
      { ip: '192.168.1.30', state: 'Unreachable' },
      { ip: '224.0.0.22', state: 'Permanent' },
    ],
    networks: [{ name: 'Zuhause 2', adapter: 'Wi-Fi', category: 'Public' }],
    profiles: [profile('Domain'), profile('Private'), profile('Public')],
    rules: [] as { action: string; profile: string; protocol: string }[],
  }
  const said = (more: Partial<typeof SEEN>) => windowsFacts(JSON.stringify({ ...SEEN, ...more }), asked)?.firewall
  const at = (category: string) => ({ networks: [{ name: 'x', adapter: 'Wi-Fi', category }] })
  const rule = (action: string, on: string, protocol = 'TCP') => ({ action, profile: on, protocol })
  const shut = (why: 'block-all' | 'block-rule' | 'public' | 'no-rule') => ({ is: { inbound: 'shut', program: 'windows', why } }) // prettier-ignore

  test.each([
    ['public, without a rule', {}, shut('public')],
    ['private, without a rule', at('Private'), shut('no-rule')],
    ['of a domain, with a rule', { ...at('DomainAuthenticated'), rules: [rule('Allow', 'Domain')] }, OPEN],
    ['public, with a rule for private ones', { rules: [rule('Allow', 'Private')] }, shut('public')],
    ['public, with a rule for both', { rules: [rule('Allow', 'Private, Public')] }, OPEN],
    ['public, with a rule for UDP alone', { rules: [rule('Allow', 'Any', 'UDP')] }, shut('public')],
    ['private, allowed and blocked', { ...at('Private'), rules: [rule('Allow', 'Any'), rule('Block', 'Private')] }, shut('block-rule')], // prettier-ignore
    ['block all', { profiles: [profile('Public', 'True', 'Block', 'False')] }, shut('block-all')],
    ['off', { profiles: [profile('Public', 'False')] }, OPEN],
    ['letting all in', { profiles: [profile('Public', 'True', 'Allow')] }, OPEN],
    ['of another adapter', { networks: [] }, { unknown: 'no-answer' }],
  ] as const)('a network %s', (_name, more, firewall) => {
    expect(said(more as Partial<typeof SEEN>)).toEqual(firewall)
  })

  test('routes, neighbours and names', () => {
    const facts = windowsFacts(`\uFEFF${JSON.stringify(SEEN)}`, asked)
    expect(facts).toMatchObject({
      route: { is: { adapter: 'Wi-Fi', kind: 'real' } },
      gateway: { is: '192.168.1.1' },
      names: { is: { 'Wi-Fi': 'Zuhause 2' } },
    })
    expect(facts?.neighbours).toEqual({
      is: [
        { address: '192.168.1.1', answers: 'yes' },
        { address: '192.168.1.20', answers: 'old' },
        { address: '192.168.1.30', answers: 'no' },
      ],
    })
    const none = windowsFacts(JSON.stringify({ ...SEEN, route: null, gateway: null }), asked)
    expect(none).toMatchObject({ route: { is: null }, gateway: { is: null } })
    expect(windowsFacts('Get-NetRoute : Access is denied', asked)).toBeNull()
  })

  test('no name of an adapter or a program is read as a part of the script', async () => {
    const evil = { ...asked, adapter: `'; Remove-Item C:\\ #`, program: '$(calc)‘' }
    expect(scriptFor(evil)).not.toContain('Remove-Item')
    expect(scriptFor(evil)).not.toContain('calc')
    let args: readonly string[] = []
    const run: Run = (_program, given) => {
      args = given
      return Promise.resolve({ unknown: 'no-answer' })
    }
    expect((await new WindowsProbe(run).look(evil)).firewall).toEqual({ unknown: 'no-answer' })
    expect(Buffer.from(args.at(-1) ?? '', 'base64').toString('utf16le')).toBe(scriptFor(evil))
  })
})

describe('a tool of the system', () => {
  test('tells what it wrote and how it ended', async () => {
    expect(await runTool(process.execPath, ['-e', 'console.log("é"); process.exit(3)'])).toEqual({
      out: 'é\n',
      code: 3,
    })
    expect(await runTool(process.execPath, ['-e', 'console.log(process.env.LC_ALL ?? "")'])).toEqual({
      out: process.platform === 'win32' ? '\n' : 'C\n',
      code: 0,
    })
  })

  test('that is not there, or writes too much, is unknown', async () => {
    expect(await runTool('lanyard-no-such-tool', [])).toEqual({ unknown: 'no-tool' })
    const long = 'process.stdout.write("x".repeat(2_000_000))'
    expect(await runTool(process.execPath, ['-e', long])).toEqual({ unknown: 'no-answer' })
  })

  test('its words are data: no shell reads them', async () => {
    const out = await runTool(process.execPath, ['-e', 'console.log(process.argv[1])', '$(echo no); `echo no`'])
    expect(out).toEqual({ out: '$(echo no); `echo no`\n', code: 0 })
  })

  test('files that are not there are none; folders are no files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lanyard-doctor-'))
    onTestFinished(() => {
      rmSync(folder, { recursive: true })
    })
    writeFileSync(join(folder, 'a'), 'text')
    expect(await readText(join(folder, 'a'))).toEqual({ is: 'text' })
    expect(await readText(join(folder, 'b'))).toBeNull()
    expect(await readText(folder)).toEqual({ unknown: 'no-answer' })
  })
})
