import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseLink } from '#protocol/pairing.ts'
import { makeFile, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { startHeadless, withoutDisplay } from '../support/headless.ts'
import { QUIET_MS } from '../support/patience.ts'
import { Phone } from '../support/phone.ts'
import { Started } from '../support/started.ts'

const ROOT = join(import.meta.dirname, '../..')
const NPM_START = ['start', '--silent', '--'] as const
/** What npm runs: the shell between npm and it ends by the signal, so npm's exit code tells nothing. */
const START = [join(ROOT, 'scripts/start.mjs')] as const

/** A start with these options, to its end. */
async function runToEnd(options: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const app = new Started(process.execPath, [...START, ...options], { cwd: ROOT, env: withoutDisplay() })
  let stdout = ''
  app.child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()))
  const code = await app.exited()
  return { code, stdout, stderr: app.stderr }
}

test('as the README starts it, without a display: both ways, and a clean end', async ({ phones, outbox }) => {
  const gift = await makeFile(outbox, 'gift.bin', 700_001)
  const second = await makeFile(outbox, 'second gift.bin', 0)
  const desktop = await startHeadless('npm', NPM_START, ['--send', gift.path, '--send', second.path])
  const { events } = desktop.app
  const phone = await Phone.join(phones, desktop.link)
  for (const file of [gift, second]) {
    expect(await events.ended(file.name)).toMatchObject({ state: 'done', direction: 'out', sha256: file.sha256 })
    expect(await sha256File(await phone.saved(file.name))).toBe(file.sha256)
  }
  const file = await makeFile(outbox, 'back.bin', 2_000_000)
  await phone.send(file.path)
  expect(await events.ended('back.bin')).toMatchObject({
    state: 'done',
    path: join(desktop.inbox, 'back.bin'),
    sha256: file.sha256,
  })
  await phone.close()
  await events.wait('left', (e) => e.event === 'left')
  // A script reads stdout: one event a line in the order of things, and nothing else.
  expect(events.noise).toEqual([])
  const names = events.all.map((e) => e.event)
  expect(names.indexOf('ready')).toBe(0)
  expect(names.indexOf('paired')).toBeLessThan(names.indexOf('transfer'))
  expect(names.at(-1)).toBe('left')
  await desktop.close()
})

test('two signals in a row end it as cleanly as one', async () => {
  const desktop = await startHeadless(process.execPath, START)
  const ended = desktop.app.stop('SIGINT')
  await desktop.app.stop('SIGINT')
  expect(await ended).toBe(0)
})

test('a second start with the same data folder says so and ends', async () => {
  const desktop = await startHeadless(process.execPath, START)
  const again = await runToEnd(['--json', '--port', '0', '--data', desktop.data])
  expect(again.code).toBe(1)
  expect(JSON.parse(again.stdout)).toMatchObject({ event: 'error', code: 'already-running' })
  expect(await desktop.close()).toBe(0)
})

test('a taken port: the link names the next free one', async () => {
  const first = await startHeadless(process.execPath, START)
  const port = parseLink(first.link)?.port ?? 0
  const other = await startHeadless(process.execPath, START, ['--port', String(port)])
  expect(parseLink(other.link)?.port).toBeGreaterThan(port)
  await other.close()
  await first.close()
})

test('for a person at a terminal: a code, the link, and sentences', async ({ phones, outbox }) => {
  const folder = join(outbox, 'made', 'when missing')
  const options = ['--port', '0', '--host', '127.0.0.1', '--inbox', folder, '--data', join(outbox, 'data')]
  const app = new Started(process.execPath, [...START, ...options], {
    cwd: ROOT,
    env: { ...withoutDisplay(), LANG: 'C.UTF-8' },
  })
  let text = ''
  app.child.stdout?.on('data', (data: Buffer) => (text += data.toString()))
  await expect.poll(() => text, { timeout: 3 * QUIET_MS }).toContain('#2.')
  expect(text).toMatch(/[▀▄█]/)
  expect(existsSync(folder)).toBe(true)
  const phone = await Phone.join(phones, /http:\S+/.exec(text)?.[0] ?? '')
  await expect.poll(() => text).toContain('Pixel 7 is here.')
  await phone.close()
  expect(await app.stop()).toBe(0)
})

test('--version and --help answer and end', async () => {
  expect(await runToEnd(['--version'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
  const help = await runToEnd(['--help'])
  expect(help.code).toBe(0)
  for (const option of ['--port', '--host', '--inbox', '--data', '--send', '--headless', '--json']) {
    expect(help.stdout).toContain(option)
  }
})

for (const wrong of [
  ['--prot', '1'],
  ['--port', 'x'],
  ['--port', '70000'],
  ['--host', 'localhost'],
  ['stray'],
  ['--send', '/nowhere/at all'],
]) {
  test(`wrong options end with one clear line: ${wrong.join(' ')}`, async () => {
    const { code, stdout, stderr } = await runToEnd(wrong)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    const lines = stderr.split('\n').filter((line) => line.startsWith('lanyard:') && !line.includes('starting on'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(wrong[0])
  })
}
