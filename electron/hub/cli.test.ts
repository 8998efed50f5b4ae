import { expect, test } from 'vitest'
import { readCommand } from './cli.ts'

test('open signaling, on the known port unless said otherwise', () => {
  expect(readCommand(['--open'])).toEqual({ run: 'hub', port: 3186, allowOrigins: [] })
  expect(
    readCommand(['--port', '0', '--open', '--allow-origin', 'http://localhost:8080', '--allow-origin=file://']),
  ).toEqual({ run: 'hub', port: 0, allowOrigins: ['http://localhost:8080', 'file://'] })
})

test('help and version', () => {
  expect([readCommand(['--help']), readCommand(['--version', '--port', 'x'])]).toEqual([
    { run: 'help' },
    { run: 'version' },
  ])
})

test.each([
  [[], '--open'],
  [['--port', '1'], '--open'],
  [['--open', '--port', 'x'], '--port x'],
  [['--open', '--port', '65536'], '--port 65536'],
  [['--open', '--port', '-1'], '--port'],
  [['--open', '--port', '1e3'], '--port'],
  [['--open', '--port'], '--port'],
  [['--open', '--prot', '1'], '--prot'],
  [['--open', 'more'], 'more'],
  [['--open=yes'], '--open'],
  [['--open', '--allow-origin', '*'], '--allow-origin'],
  [['--open', '--allow-origin', 'null'], '--allow-origin'],
  [['--open', '--allow-origin', 'localhost:8080'], '--allow-origin'],
  [['--open', '--allow-origin', 'http://localhost:8080/'], '--allow-origin'],
  [['--open', '--allow-origin', 'http://localhost:80'], '--allow-origin'],
  [['--open', '--allow-origin', 'http://LOCALHOST'], '--allow-origin'],
  [['--open', '--allow-origin', 'http://a@b'], '--allow-origin'],
  [['--open', '--allow-origin', 'http://['], '--allow-origin'],
])('%j is wrong, in one clear line', (args, about) => {
  const command = readCommand(args)
  expect(command.run).toBe('wrong')
  const { why } = command as { why: string }
  expect(why).toContain(about)
  expect(why).not.toContain('\n')
})
