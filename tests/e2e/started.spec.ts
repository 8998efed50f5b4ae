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

test('beside one that runs: the next free port for another, no second with its data, and a clean end by two signals', async () => {
  const desktop = await startHeadless(process.execPath, START)
  const port = parseLink(desktop.link)?.port ?? 0
  const other = await startHeadless(process.execPath, START, ['--port', String(port)])
  expect(parseLink(other.link)?.port).toBeGreaterThan(port)
  await other.close()
  const again = await runToEnd(['--json', '--port', '0', '--data', desktop.data])
  expect(again.code).toBe(1)
  expect(JSON.parse(again.stdout)).toMatchObject({ event: 'error', code: 'already-running' })
  // As cleanly as by one.
  const ended = desktop.app.stop('SIGINT')
  await desktop.app.stop('SIGINT')
  expect(await ended).toBe(0)
  // What is left of it is its folder.
  await desktop.close()
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

// Which options are wrong is asked of the command line itself, in electron/cli.test.ts.
for (const wrong of [
  ['--prot', '1'],
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
