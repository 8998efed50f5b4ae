import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LogFile } from './log-file.ts'
import { Redactor } from './redact.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanyard-log-'))
})
afterEach(() => {
  chmodSync(folder, 0o700)
  rmSync(folder, { recursive: true, force: true })
})

const open = (fileBytesMax?: number): LogFile =>
  new LogFile({ folder, redactor: new Redactor(['Mei']), ...(fileBytesMax !== undefined && { fileBytesMax }) })
const content = (): string => readFileSync(join(folder, 'lanyard.log'), 'utf8')

test('lines are blacked out before they are on disk, and begin with a time and what they are', () => {
  const log = open()
  log.write('info', 'Mei sent /home/mei/tax.pdf to 10.0.0.7')
  log.write('error', 'Error: bad\n    at go (/opt/x/main.js:1:2)')
  expect(content().split('\n')).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info \[name\] sent \[path\]$/),
    expect.stringMatching(/Z error Error: bad$/),
    '      at go (main.js:1:2)',
    '',
  ])
})

test('its files replace each other, are no larger than they may be, and are nobody else’s to read', () => {
  const log = open(2_000)
  for (let i = 0; i < 200; i++) log.write('info', `line number ${i}`)
  const names = readdirSync(folder).sort()
  expect(names).toEqual(['lanyard.1.log', 'lanyard.2.log', 'lanyard.log'])
  for (const name of names) {
    const { size, mode } = statSync(join(folder, name))
    expect(size).toBeLessThanOrEqual(2_000)
    expect(mode & 0o077).toBe(process.platform === 'win32' ? 0o066 : 0)
  }
  const numbers = log.tail(1_000).map((line) => Number(/(\d+)$/.exec(line)?.[1]))
  expect(numbers.length).toBeGreaterThan(60)
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => 200 - numbers.length + i))
})

test('the last errors are found among all else, with their traces', () => {
  const log = open()
  for (let i = 0; i < 5; i++) {
    log.write('error', `fault ${i}\nat (main.js:${i}:1)`)
    log.write('info', 'all well')
  }
  expect(log.tail(2, 'error').map((line) => line.replace(/^\S+ /, ''))).toEqual([
    'error fault 3\n  at (main.js:3:1)',
    'error fault 4\n  at (main.js:4:1)',
  ])
  expect(open().tail(1)).toHaveLength(1)
})

test('a disk that refuses costs lines, not the program, and later ones are written again', () => {
  const log = open()
  mkdirSync(join(folder, 'lanyard.log'))
  log.write('error', 'lost')
  expect(log.tail(5)).toEqual([])
  rmSync(join(folder, 'lanyard.log'), { recursive: true })
  log.write('error', 'kept')
  expect(log.tail(5)).toEqual([expect.stringMatching(/ error kept$/)])
})

test('its folder is made, also anew', () => {
  const log = new LogFile({ folder: join(folder, 'deep', 'logs'), redactor: new Redactor() })
  log.write('info', 'one')
  rmSync(join(folder, 'deep'), { recursive: true })
  log.write('info', 'two')
  expect(log.tail(5)).toEqual([expect.stringMatching(/ info two$/)])
})
