import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SETTING_KEYS, SETTINGS, type SettingOption } from '#store/setting-rows.ts'
import { chromiumSwitches, HELP, ownArguments, parseCommand, withoutPaths } from './cli.ts'

const DEFAULTS = { send: [], headless: false, hidden: false, json: false }

describe('options', () => {
  test('none at all', () => {
    expect(parseCommand([])).toEqual({ run: 'app', options: DEFAULTS })
  })

  test.each([
    [['--port', '0'], { port: 0 }],
    [['--port=65535'], { port: 65_535 }],
    [['--port', '1', '--port', '2'], { port: 2 }],
    [['--host', '127.0.0.1'], { host: '127.0.0.1' }],
    [['--inbox', 'a b/ö'], { inbox: 'a b/ö' }],
    [['--data', '/tmp/x'], { data: '/tmp/x' }],
    [['--send', 'one', '--send=two'], { send: ['one', 'two'] }],
    [['one', '--json', 'two'], { json: true, send: ['one', 'two'] }],
    [['two', '--send', 'one'], { send: ['one', 'two'] }],
    [['--', '--json', '-x'], { send: ['--json', '-x'] }],
    [['--handed=a.json'], { handed: 'a.json' }],
    [['--legacy', 'always'], { legacy: 'always' }],
    [['--legacy=ask'], { legacy: 'ask' }],
    [['--headless'], { headless: true }],
    [['--hidden'], { hidden: true }],
    [['--json'], { json: true }],
    [['--json', '--headless', '--port', '7'], { json: true, headless: true, port: 7 }],
  ])('%j', (args, options) => {
    expect(parseCommand(args)).toEqual({ run: 'app', options: { ...DEFAULTS, ...options } })
  })

  test('--help and --version come before all else that is right', () => {
    expect(parseCommand(['--port', '1', '--help'])).toEqual({ run: 'help' })
    expect(parseCommand(['--version'])).toEqual({ run: 'version' })
    expect(parseCommand(['--version', '--help'])).toEqual({ run: 'help' })
  })

  test('the help and the README have the same options, in the same order', () => {
    const inHelp = [...HELP.matchAll(/^ {2}(--[a-z]+(?: [A-Z]+)?) /gm)].map(([, option]) => option)
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const table = readme.slice(readme.indexOf('## Options'), readme.indexOf('### For scripts'))
    const inReadme = [...table.matchAll(/^\| `(--[^`]+)`/gm)].map(([, option]) => option)
    expect(inReadme).toEqual(inHelp)
    expect(inHelp.length).toBeGreaterThan(5)
  })

  test('those that are settings are explained by the words and with the value of their row', () => {
    for (const key of SETTING_KEYS) {
      const { option }: { readonly option?: SettingOption } = SETTINGS[key]
      if (option === undefined) continue
      expect(HELP.replace(/\n +(?=[^- ])/g, ' ')).toMatch(
        new RegExp(`--${option.name} ${option.value} +${escape(option.help)}`),
      )
      expect(JSON.stringify(parseCommand([`--${option.name}=%`]))).not.toContain('Unknown')
    }
  })

  test('fits a terminal', () => {
    expect(Math.max(...HELP.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
  })
})

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

describe('wrong options are told in one line', () => {
  test.each([
    [['--port'], '--port'],
    [['--port', 'x'], "'x'"],
    [['--port', '-1'], '--port'],
    [['--port=-1'], "'-1'"],
    [['--port', '65536'], "'65536'"],
    [['--port', '1.5'], "'1.5'"],
    [['--port', '1e3'], "'1e3'"],
    [['--port='], "''"],
    [['--host', 'localhost'], "'localhost'"],
    [['--host', '::g'], "'::g'"],
    [['--host', 'fe80::1%eth0'], "'fe80::1%eth0'"],
    [['--host', '1.2.3'], "'1.2.3'"],
    [['--inbox='], '--inbox'],
    [['--data='], '--data'],
    [['--send='], '--send'],
    [['--send'], '--send'],
    [['--legacy'], '--legacy'],
    [['--legacy', 'maybe'], "'maybe'"],
    [['--legacy='], "''"],
    [['--colour'], '--colour'],
    [['-x'], '-x'],
    [['--headless=yes'], '--headless'],
    [['--json', ''], '--send'],
    [['--help', '--nonsense'], '--nonsense'],
  ])('%j', (args, names) => {
    const command = parseCommand(args)
    expect(command).toMatchObject({ run: 'wrong', problem: expect.stringContaining(names) as string })
    expect(command.run === 'wrong' && command.problem).not.toContain('\n')
  })
})

test.each([
  ['192.168.1.7', '192.168.1.7'],
  ['fd00::7', 'fd00::7'],
  ['FD00:0:0:0::7', 'fd00::7'],
])('--host %s is %s to a browser', (given, host) => {
  expect(parseCommand(['--host', given])).toMatchObject({ run: 'app', options: { host } })
})

describe('the app’s own arguments', () => {
  const ELECTRON = '/opt/electron'

  test.each([
    ['started in a folder', [ELECTRON, '.', '--json'], false, ['--json']],
    ['with a path', [ELECTRON, '/opt/app', '--port', '0'], false, ['--port', '0']],
    ['packaged', ['/opt/lanyard', '--port', '0'], true, ['--port', '0']],
    ['without any', ['/opt/lanyard'], true, []],
    [
      'after Chromium’s switches',
      [
        ELECTRON,
        '--no-sandbox',
        '--ozone-platform=headless',
        '--inspect=0',
        '--remote-debugging-port=0',
        '/app',
        '--json',
      ],
      false,
      ['--json'],
    ],
    [
      'among Chromium’s switches',
      ['/opt/lanyard', '--json', '--disable-gpu', '--lang=de', '--headless', '--enable-logging=stderr', '--port=0'],
      true,
      ['--json', '--headless', '--port=0'],
    ],
    [
      'all that follows --',
      [ELECTRON, '--no-sandbox', '/app', '--', '--json', '--disable-gpu'],
      false,
      ['--json', '--disable-gpu'],
    ],
    ['that a person typed, before paths', ['/opt/lanyard', '--', '-dash', '--json'], true, ['--', '-dash', '--json']],
    ['with options before them', ['/opt/lanyard', '--json', '--', '--lang=de'], true, ['--json', '--', '--lang=de']],
    ['both', [ELECTRON, '/app', '--', '--json', '--', '-dash'], false, ['--json', '--', '-dash']],
    ['started by itself again', ['/opt/lanyard', '--disable-gpu', '--', '--', '-dash'], true, ['--', '-dash']],
  ] as const)('%s', (_, argv, packaged, own) => {
    expect(ownArguments(argv, packaged)).toEqual(own)
  })

  test('another start gets all but the paths, and Chromium’s switches apart', () => {
    const args = ['--port', '0', 'a', '--send', 'b', '--headless', '--inbox=c d', '--', '--json', '-e']
    expect(withoutPaths(args)).toEqual(['--port=0', '--headless', '--inbox=c d'])
    expect(parseCommand(withoutPaths(args))).toMatchObject({ options: { port: 0, inbox: 'c d', send: [] } })
    expect(chromiumSwitches(['/opt/lanyard', '--no-sandbox', '--json', '--', '--lang=de'])).toEqual(['--no-sandbox'])
  })

  test('an option of ours is never taken for one of Chromium’s', () => {
    for (const option of HELP.match(/--[a-z]+/g) ?? []) {
      expect(ownArguments(['/opt/lanyard', option], true)).toEqual([option])
    }
  })
})
