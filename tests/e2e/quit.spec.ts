import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startApp, type RunningApp } from '../support/app.ts'
import { answerDialog, dialogsOf } from '../support/dialogs.ts'
import { makeLongFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { startHeadless } from '../support/headless.ts'
import { LoginStandIn } from '../support/login-stand-in.ts'
import { underWay } from '../support/moving.ts'
import { Phone } from '../support/phone.ts'
import { startSessionBus } from '../support/session-bus.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Bytes of a file that is on its way for as long as a test looks. */
const LONG = 400_000_000

const witnessIn = (folder: string): string => join(folder, 'witness')
const seenIn = (folder: string): Promise<string> => readFile(witnessIn(folder), 'utf8')

/**
 * Starts an app that does on Electron's `quit` what an updater does there: some work, which takes a while and so much memory that
 * garbage is collected meanwhile.
 */
async function startWatched(folder: string, env: Readonly<Record<string, string>> = {}): Promise<RunningApp> {
  const desktop = await startApp([], '127.0.0.1', join(folder, 'kept'), env)
  await desktop.app.evaluate(({ app }, path) => {
    app.once('quit', (_event, code) => {
      const until = performance.now() + 300
      for (let made: object[] = []; performance.now() < until; made.push(new Array(50).fill({ at: until })))
        if (made.length > 20_000) made = []
      process.getBuiltinModule('node:fs').appendFileSync(path, `quit ${code}\n`)
    })
  }, witnessIn(folder))
  return desktop
}

/** Resolves to the exit code, or to the name of the signal that ended it. */
const endOf = ({ child }: RunningApp): Promise<number | string | null> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))

const stateOf = ({ app }: RunningApp) =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isMinimized()))

test('without a tray the window minimises; whoever quits in the middle of a file is asked, and a no changes nothing', async ({
  phones,
  outbox,
}) => {
  const desktop = await startWatched(outbox)
  const phone = await Phone.join(phones, desktop.link())
  const file = await makeLongFile(outbox, 'on its way.bin', LONG)
  await phone.send(file.path)
  const before = await underWay(desktop.events, file.name)
  await desktop.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.close()
  })
  // No window manager, so nothing minimises it but by what it asks for; it is there, and so is the file's way.
  expect(await stateOf(desktop)).toHaveLength(1)
  const quit = () => desktop.app.evaluate(({ app }) => app.quit())
  await quit()
  await answerDialog(Number(desktop.child.pid), 'Return')
  await quit()
  await answerDialog(Number(desktop.child.pid), 'Escape')
  await underWay(desktop.events, file.name, before)
  expect(existsSync(join(outbox, 'witness'))).toBe(false)
  const ended = endOf(desktop)
  await quit()
  await answerDialog(Number(desktop.child.pid), 'Tab', 'Return')
  expect(await ended).toBe(0)
  expect(await seenIn(outbox)).toBe('quit 0\n')
  await phone.close()
})

test('a signal in the middle of a file, with a question on the screen, asks nobody any more', async ({
  phones,
  outbox,
}) => {
  const desktop = await startWatched(outbox)
  const phone = await Phone.join(phones, desktop.link())
  const file = await makeLongFile(outbox, 'on its way.bin', LONG)
  await phone.send(file.path)
  await underWay(desktop.events, file.name)
  await desktop.app.evaluate(({ app }) => app.quit())
  await expect.poll(() => dialogsOf(Number(desktop.child.pid))).toHaveLength(1)
  const ended = endOf(desktop)
  desktop.child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(await seenIn(outbox)).toBe('quit 0\n')
  await phone.close()
})

test('the computer goes down in the middle of a file: nobody is asked', async ({ phones, outbox }) => {
  const system = await startSessionBus()
  const login = await LoginStandIn.start(system)
  const desktop = await startWatched(outbox, { DBUS_SYSTEM_BUS_ADDRESS: system.address })
  const phone = await Phone.join(phones, desktop.link())
  const file = await makeLongFile(outbox, 'on its way.bin', LONG)
  await phone.send(file.path)
  await underWay(desktop.events, file.name)
  const ended = endOf(desktop)
  login.shutDown()
  expect(await ended).toBe(0)
  expect(await seenIn(outbox)).toBe('quit 0\n')
  await phone.close()
  await system.stop()
})

test('without a window the way out is the same', async ({ phones, outbox }) => {
  const env = {
    NODE_OPTIONS: `--require ${join(ROOT, 'tests/support/quit-witness.cjs')}`,
    QUIT_WITNESS: witnessIn(outbox),
  }
  const switches = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--ozone-platform=headless', '--disable-gpu']
  const electron = String(process.env['ELECTRON_EXEC_PATH'])
  const desktop = await startHeadless(electron, [...switches, '--log-level=3', ROOT, '--'], [], env)
  const phone = await Phone.join(phones, desktop.link)
  expect(await desktop.close()).toBe(0)
  expect(await seenIn(outbox)).toBe('quit 0\n')
  await phone.close()
})
