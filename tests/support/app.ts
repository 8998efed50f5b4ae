import type { ChildProcess } from 'node:child_process'
import { _electron as electron, errors, type ElectronApplication, type Page } from '@playwright/test'
import { randomInt } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type {} from '#desktop/window-global.ts'
import { EventLog, type AppEvent } from './events.ts'
import { scratch } from './files.ts'
import { QUIET_MS, whileItMoves } from './patience.ts'

export const ROOT = resolve(import.meta.dirname, '../..')

/** Milliseconds after which an app that does not end is ended, and its test fails; the next one must not wait for it. */
const CLOSE_MS = QUIET_MS
/** Milliseconds for Playwright to attach. It takes a second; now and then it never does (`launch`). */
const LAUNCH_MS = QUIET_MS

/** The real app with its window, and everything a test wants of it. */
export interface RunningApp {
  readonly app: ElectronApplication
  readonly child: ChildProcess
  readonly window: Page
  readonly events: EventLog
  readonly inbox: string
  /** Beside the inbox: whatever lands here has left it. */
  readonly folder: string
  /** The link that is on the screen now. */
  readonly link: () => string
  readonly close: () => Promise<void>
  /** Throws where the app has told of a fault of its own. */
  readonly throwFault: () => void
  /** SIGKILL: it can tidy up nothing. */
  readonly kill: () => Promise<void>
}

/**
 * Starts the app in a folder of its own, on any free port, its link at loopback, as `npm start` would. A host of null
 * lets it look for its networks itself. `kept`: a folder of an earlier run, or for a later one; it stays. `env`: what its
 * environment has beside the test's own. `root`: the app that is started, which is this one.
 */
export async function startApp(
  options: readonly string[] = [],
  host: string | null = '127.0.0.1',
  kept?: string,
  env: Readonly<Record<string, string>> = {},
  root = ROOT,
): Promise<RunningApp> {
  const own = kept === undefined ? await scratch() : { path: kept, remove: () => Promise.resolve() }
  const folder = own.path
  const inbox = join(folder, 'inbox')
  await mkdir(inbox, { recursive: true })
  const app = await launch([...switches(), root, '--', ...defaults(folder, inbox, host), ...options], env)
  // Asked for now: of an app that has ended Playwright knows it no more.
  const child = app.process()
  const events = new EventLog(child)
  const window = await app.firstWindow()
  await ready(events, window)
  const throwFault = (): void => {
    const fault = events.all.find(isOwnFault)
    if (fault !== undefined) throw new Error(String(fault['message']))
  }
  return {
    app,
    child,
    window,
    events,
    inbox,
    folder,
    link: () => newestLink(events),
    close: async () => {
      try {
        await closeOrKill(app, child)
      } finally {
        await own.remove()
      }
      throwFault()
    },
    throwFault,
    kill: async () => {
      const isGone = child.exitCode !== null || child.signalCode !== null
      const gone = isGone ? null : new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    },
  }
}

/**
 * Waits until the app can be joined. On a busy machine the app can be quicker than Playwright, and its first line be
 * said before anybody listens; then its window has the link. That the line is there is headless.ts's matter.
 */
async function ready(events: EventLog, window: Page): Promise<void> {
  const look = async () => {
    if (events.of('ready').length > 0) return true
    // A window that has not begun to load its page has an empty one, without what the preload puts there.
    const state = await window.evaluate(() => (globalThis.window as Partial<Window>).lanyard?.state())
    if (state === undefined) return false
    const { link, address } = state
    return link !== null && address !== null && { link: link.text, port: address.port, address: address.host }
  }
  const found = await whileItMoves('ready', look, (seen) => seen !== false)
  if (found !== true && events.of('ready').length === 0) events.missed({ event: 'ready', ...(found as object) })
}

/**
 * Now and then Playwright does not find its way into an app that has long said `ready`, and ends it after the limit: its
 * own affair, and tried once more.
 */
async function launch(args: readonly string[], env: Readonly<Record<string, string>>): Promise<ElectronApplication> {
  const executablePath = process.env['ELECTRON_EXEC_PATH'] ?? ''
  const once = () =>
    electron.launch({ executablePath, args: [...args], env: { ...environment(), ...env }, timeout: LAUNCH_MS })
  return once().catch((error: unknown) => {
    if (!(error instanceof errors.TimeoutError)) throw error
    process.stderr.write('Playwright could not attach to the app; once more\n')
    return once()
  })
}

/**
 * Not one of Node's own alone, without a line of ours on its way: once in some 200 ends, Node 20 reads eight bytes of a
 * connection that it has closed, and trips over that.
 */
const isOwnFault = ({ event, code, message }: AppEvent): boolean =>
  event === 'error' && code === 'internal' && String(message).includes('main.js')

/** By a signal: Playwright's own `close` is a person's quit, who is asked while files move. */
async function closeOrKill(app: ElectronApplication, child: ChildProcess): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS)
  const closed = app.waitForEvent('close', { timeout: 0 })
  child.kill('SIGTERM')
  await closed
  clearTimeout(timer)
  if (child.signalCode === 'SIGKILL') throw new Error(`the app did not end by itself within ${CLOSE_MS} ms`)
}

/** Chromium's own switches: root can't have its sandbox, and a test machine may have no network but loopback. */
export function switches(): string[] {
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const screen = process.env['DISPLAY'] ? ['--disable-gpu'] : ['--ozone-platform=headless', '--disable-gpu']
  return [...root, ...screen, '--allow-loopback-in-peer-connection']
}

/**
 * A port that this system gives to nobody by itself: a test that starts its app again finds it free then. The app takes the
 * next one where another app has it.
 */
const anyPort = (): number => 20_000 + randomInt(10_000)

function defaults(folder: string, inbox: string, host: string | null): string[] {
  const address = host === null ? [] : ['--host', host]
  return ['--json', '--port', String(anyPort()), ...address, '--inbox', inbox, '--data', join(folder, 'data')]
}

/** English, so that tests can look for words. */
export function environment(): Record<string, string> {
  return { ...(process.env as Record<string, string>), LANG: 'C.UTF-8', LANGUAGE: 'en', LC_ALL: 'C.UTF-8' }
}

function newestLink(events: EventLog): string {
  const links = events.all.filter((e) => e.event === 'ready' || e.event === 'link')
  return String(links.at(-1)?.['link'])
}
