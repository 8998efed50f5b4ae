import {
  net,
  protocol,
  shell,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  type Session,
  type WebContents,
} from 'electron'
import { extname, join, normalize, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { webLink } from '#transfer/web-link.ts'

/** The window's own scheme: no file: page, and an origin that no web site can have. */
export const WINDOW_ORIGIN = 'app://local'

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  // The hub of this process; its port is not known when the page is loaded.
  'connect-src ws://127.0.0.1:*',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

/** Must be called before `ready`. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true }
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges }])
}

/** Serves `folder` as app://local/ and nothing else. */
export function serveWindow(folder: string): void {
  protocol.handle('app', async (request) => {
    const file = request.method === 'GET' ? fileFor(folder, new URL(request.url)) : null
    const found = file === null ? null : await net.fetch(pathToFileURL(file).href).catch(() => null)
    if (file === null || !found?.ok) return new Response('not found', { status: 404 })
    return new Response(found.body, {
      headers: {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': CSP,
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
      },
    })
  })
}

/** A file below `folder`, or null. */
function fileFor(folder: string, url: URL): string | null {
  if (url.host !== 'local') return null
  let path: string
  try {
    path = decodeURIComponent(url.pathname === '/' ? '/index.html' : url.pathname)
  } catch {
    return null
  }
  const file = normalize(join(folder, path))
  return !path.includes('\0') && file.startsWith(folder + sep) ? file : null
}

/** Electron grants every permission unless told otherwise. */
export function refusePermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, done) => {
    done(false)
  })
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
}

/** ms after a click or a key within which a link opens: a script alone opens nothing. */
const CLICK_MS = 1000

/** The window shows our page and no other; links that a person clicks open in the system's browser. */
export function lockContents(contents: WebContents, ours: (url: string) => boolean): void {
  const wasClicked = clicksOf(contents)
  CLICKED.set(contents, wasClicked)
  const refuse = (event: { url: string; preventDefault(): void }): void => {
    if (!ours(event.url)) event.preventDefault()
  }
  contents.on('will-navigate', refuse)
  contents.on('will-redirect', refuse)
  contents.on('will-attach-webview', (event) => {
    event.preventDefault()
  })
  contents.setWindowOpenHandler(({ url }) => {
    openWebLink(contents, url)
    return { action: 'deny' }
  })
}

/** Whether somebody has just clicked, of each page that is locked. */
const CLICKED = new WeakMap<WebContents, () => boolean>()

/** Opens a link in the system's browser if somebody has just clicked in the window and it is one that may be opened. */
export function openWebLink(contents: WebContents | undefined, url: string): boolean {
  const wasClicked = contents !== undefined && (CLICKED.get(contents)?.() ?? false)
  const link = webLink(url)
  if (!wasClicked || link === null) return false
  void shell.openExternal(link.href)
  return true
}

/** Tells whether somebody has clicked or pressed a key just now. */
function clicksOf(contents: WebContents): () => boolean {
  let last = -Infinity
  contents.on('input-event', (_event, { type }) => {
    if (['mouseDown', 'mouseUp', 'keyDown', 'rawKeyDown'].includes(type)) last = performance.now()
  })
  return () => performance.now() - last < CLICK_MS
}

/** What may leave for the system's browser: no `file:`, no `javascript:`, no other program's scheme. */
/** First line of everything that listens to IPC: only our page's main frame may speak. */
export function assertOurs(event: IpcMainInvokeEvent | IpcMainEvent, ours: (url: string) => boolean): void {
  const frame = event.senderFrame
  if (frame === null || frame !== event.sender.mainFrame || !ours(frame.url)) throw new Error('refused')
}
