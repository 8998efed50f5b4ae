import { app, BrowserWindow, Menu, nativeTheme } from 'electron'
import { join } from 'node:path'
import { WINDOW_ORIGIN } from './security.ts'
import { WINDOW_MIN } from './window-place.ts'

/** The renderer crashed more often than that in a row: something is wrong that a reload does not mend. */
const RELOADS_MAX = 3

/** Set by `npm run dev` only. */
export const devUrl = (): string | undefined => (app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL'])

/** Whether a URL is our own page. */
export function isOurs(url: string): boolean {
  const dev = devUrl()
  return (
    url.startsWith(`${WINDOW_ORIGIN}/`) ||
    (dev !== undefined && URL.canParse(url) && new URL(url).origin === new URL(dev).origin)
  )
}

/** Opens the window, shown or not: it is the WebRTC peer either way. `place` puts it where it was. */
export function openWindow(
  show: boolean,
  place: (window: BrowserWindow) => void,
): { readonly window: BrowserWindow; readonly loaded: Promise<void> } {
  if (process.platform !== 'darwin') Menu.setApplicationMenu(null)
  const window = new BrowserWindow({
    title: 'Lanyard',
    width: 900,
    height: 680,
    minWidth: WINDOW_MIN.width,
    minHeight: WINDOW_MIN.height,
    show: false,
    // A framed window crashes where there is no display.
    frame: app.commandLine.getSwitchValue('ozone-platform') !== 'headless',
    // The page's own ground, so that nothing flashes.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#1b1916' : '#f8f6f2',
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      // Transfers go on behind other windows.
      backgroundThrottling: false,
    },
  })
  place(window)
  if (show) window.once('ready-to-show', () => window.show())
  reloadAfterCrash(window)
  return { window, loaded: window.loadURL(devUrl() ?? `${WINDOW_ORIGIN}/index.html`) }
}

function reloadAfterCrash(window: BrowserWindow): void {
  let reloads = 0
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    // Closed because nobody needs it, it has not crashed.
    if (reason !== 'clean-exit' && !window.isDestroyed() && reloads++ < RELOADS_MAX) window.reload()
  })
}
