import { describe, expect, test } from 'vitest'
import { HELP, ownArguments, parseCommand } from './cli.ts'

const DEFAULTS = { port: 3186, send: [], headless: false, json: false }

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
    [['--legacy', 'always'], { legacy: 'always' }],
    [['--legacy=ask'], { legacy: 'ask' }],
    [['--headless'], { headless: true }],
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

  test('every option is explained', () => {
    for (const option of ['port', 'host', 'inbox', 'data', 'send', 'legacy', 'headless', 'json', 'version', 'help']) {
      expect(HELP).toContain(`--${option}`)
    }
  })
})

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
    [['--host', '::1'], "'::1'"],
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
    [['--json', 'file'], 'file'],
    [['--help', '--nonsense'], '--nonsense'],
  ])('%j', (args, names) => {
    const command = parseCommand(args)
    expect(command).toMatchObject({ run: 'wrong', problem: expect.stringContaining(names) as string })
    expect(command.run === 'wrong' && command.problem).not.toContain('\n')
  })
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
  ] as const)('%s', (_, argv, packaged, own) => {
    expect(ownArguments(argv, packaged)).toEqual(own)
  })

  test('an option of ours is never taken for one of Chromium’s', () => {
    for (const option of HELP.match(/--[a-z]+/g) ?? []) {
      expect(ownArguments(['/opt/lanyard', option], true)).toEqual([option])
    }
  })
})
