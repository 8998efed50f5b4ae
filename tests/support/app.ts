import { _electron as electron, type ElectronApplication, type Page } from '@playwright/test'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { EventLog } from './events.ts'
import { scratch } from './files.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** Milliseconds after which an app that does not end is ended; the next test must not wait for it. */
const CLOSE_MS = 10_000

/** The real app with its window, and everything a test wants of it. */
export interface RunningApp {
  readonly app: ElectronApplication
  readonly window: Page
  readonly events: EventLog
  readonly inbox: string
  /** Beside the inbox: whatever lands here has left it. */
  readonly folder: string
  /** The link that is on the screen now. */
  readonly link: () => string
  readonly close: () => Promise<void>
}

/** Starts the app in a folder of its own, on any free port, its link at loopback, as `npm start` would. */
export async function startApp(options: readonly string[] = []): Promise<RunningApp> {
  const own = await scratch()
  const folder = own.path
  const inbox = join(folder, 'inbox')
  await mkdir(inbox)
  const app = await electron.launch({
    executablePath: process.env['ELECTRON_EXEC_PATH'] ?? '',
    args: [...switches(), ROOT, '--', ...defaults(folder, inbox), ...options],
    env: environment(),
    timeout: 30_000,
  })
  const events = new EventLog(app.process())
  const window = await app.firstWindow()
  await events.wait('ready', (e) => e.event === 'ready', 30_000)
  return {
    app,
    window,
    events,
    inbox,
    folder,
    link: () => newestLink(events),
    close: async () => {
      await closeOrKill(app)
      await own.remove()
    },
  }
}

async function closeOrKill(app: ElectronApplication): Promise<void> {
  const child = app.process()
  const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS)
  await app.close()
  clearTimeout(timer)
}

/** Chromium's own switches: root can't have its sandbox, and a test machine may have no network but loopback. */
function switches(): string[] {
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const screen = process.env['DISPLAY'] ? [] : ['--ozone-platform=headless', '--disable-gpu']
  return [...root, ...screen, '--allow-loopback-in-peer-connection']
}

function defaults(folder: string, inbox: string): string[] {
  return ['--json', '--port', '0', '--host', '127.0.0.1', '--inbox', inbox, '--data', join(folder, 'data')]
}

/** English, so that tests can look for words. */
function environment(): Record<string, string> {
  return { ...(process.env as Record<string, string>), LANG: 'C.UTF-8', LANGUAGE: 'en', LC_ALL: 'C.UTF-8' }
}

function newestLink(events: EventLog): string {
  const links = events.all.filter((e) => e.event === 'ready' || e.event === 'link')
  return String(links.at(-1)?.['link'])
}
