import { app, autoUpdater, BrowserWindow, dialog, powerMonitor } from 'electron'
import { m } from '#messages'
import type { Lifecycle } from './lifecycle.ts'

/** The signals by which a terminal, a service manager or a session ends a program. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** Milliseconds after which the end waits for no page any more. It takes a few. */
const PAGES_GONE_MS = 2000

/**
 * Leads every way out that Electron and the system know to the lifecycle, with its reason. To be called once Electron is
 * ready: by then it has put handlers of signals of its own in place, which end at the second one.
 */
export function watchWaysOut(lifecycle: Lifecycle): void {
  app.on('before-quit', (event) => {
    lifecycle.beforeQuit(event)
  })
  // The page may go while the program stays.
  app.on('window-all-closed', () => undefined)
  for (const signal of SIGNALS)
    process.on(signal, () => {
      lifecycle.quit('signal')
    })
  // Under Linux the monitor starts with the first listener of all and does not count it: a `shutdown` there goes unheard.
  powerMonitor.on('suspend', () => undefined)
  powerMonitor.on('shutdown', (...given: unknown[]) => {
    lifecycle.quit('session-end')
    // The system waits a little for a program that asks for it. The types of Electron 33 forget the event.
    if (process.platform === 'linux') (given[0] as { preventDefault?: () => void } | undefined)?.preventDefault?.()
  })
  // Of Electron's own updater, which quits the program itself.
  if (process.platform === 'darwin')
    autoUpdater.on('before-quit-for-update', () => {
      lifecycle.quit('update')
    })
}

/** Leads what becomes of the program's window to the lifecycle. */
export function watchWindow(window: BrowserWindow, lifecycle: Lifecycle): void {
  window.on('close', (event) => {
    lifecycle.windowCloses(event)
  })
  if (process.platform === 'win32')
    window.on('session-end', () => {
      lifecycle.quit('session-end')
    })
}

/** Where the answers stand in the question: going on is what Enter and Escape mean. */
const STAY = 0
const QUIT = 1

/** Asks the person whether to quit although files move, and says what then becomes of them. */
export async function confirmQuit(window: BrowserWindow | null, gone: AbortSignal): Promise<boolean> {
  const question = {
    type: 'question' as const,
    title: m.app_name(),
    message: m.quit_title(),
    detail: m.quit_detail(),
    buttons: [m.quit_stay(), m.quit_go()],
    defaultId: STAY,
    cancelId: STAY,
    noLink: true,
    signal: gone,
  }
  // A sheet of a window that nobody sees would be seen by nobody.
  const parent = window?.isVisible() === true ? window : null
  const { response } = await (parent === null
    ? dialog.showMessageBox(question)
    : dialog.showMessageBox(parent, question))
  return response === QUIT
}

/**
 * Ends the process in Electron's own order, so that `quit` fires and whoever waits for it, such as an updater, acts.
 *
 * On Linux the last of its listeners then ends the process by Node's own exit instead of going back into Electron, which
 * is not to be relied on from there (decision 29). Nothing is left to save by then.
 */
export function leave(lastWords: () => void): void {
  app.once('quit', (_event, code) => {
    lastWords()
    if (process.platform === 'linux') (process as unknown as { reallyExit: (code: number) => never }).reallyExit(code)
  })
  endWindows(() => {
    app.quit()
  })
}

/**
 * Ends all windows and calls back once their pages are deleted, which Electron does in a turn of its own. A page that is left
 * when `quit` is told becomes the garbage collector's, which crashes over it if it runs in a listener of `quit`.
 */
function endWindows(then: () => void): void {
  const windows = BrowserWindow.getAllWindows()
  const pages = windows.map((window) => window.webContents)
  for (const window of windows) window.destroy()
  const since = performance.now()
  const look = (): void => {
    if (pages.every((page) => page.isDestroyed()) || performance.now() - since > PAGES_GONE_MS) then()
    else setTimeout(look, 5)
  }
  look()
}

/**
 * Leaves by an updater, which starts the newer version. On macOS it ends the program itself once it has read what it needs;
 * elsewhere it has done all when `handOff` returns.
 */
export function leaveByUpdater(handOff: () => void, lastWords: () => void): void {
  handOff()
  if (process.platform !== 'darwin') leave(lastWords)
}
