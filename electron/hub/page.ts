import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { acceptedLanguages, firstSpoken } from '#protocol/language.ts'

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.webmanifest', 'application/manifest+json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.webp', 'image/webp'],
  ['.woff2', 'font/woff2'],
  ['.wasm', 'application/wasm'],
  ['.txt', 'text/plain; charset=utf-8'],
])

export interface PageFile {
  readonly body: Buffer
  readonly type: string
  readonly etag: string
  readonly cacheControl: string
}

export interface Page {
  /** The page itself, in each language that it was built in. */
  readonly faces: ReadonlyMap<string, PageFile>
  /** All else by URL path. Only what is in the map is served, so no path can lead anywhere else. */
  readonly files: ReadonlyMap<string, PageFile>
}

/** That of index.html, for whoever speaks none of ours; the others are index.LANGUAGE.html (vite.phone.config.ts). */
const BASE_LANGUAGE = 'en'
const FACE = /^\/index(?:\.([\w-]+))?\.html$/

// Vite puts a hash of the content into the names in assets/. The page itself must name today's assets.
function cacheControl(path: string): string {
  if (path.endsWith('.html')) return 'no-store'
  return path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
}

async function readPageFile(file: string, path: string): Promise<PageFile> {
  const body = await readFile(file)
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  return { body, type: TYPES.get(extname(file)) ?? 'application/octet-stream', etag, cacheControl: cacheControl(path) }
}

/**
 * Lists the paths of all files below the folder; links are left out. It reads plain names, one folder after the other:
 * inside a packaged app's archive the finer ways of `readdir` are not to be relied on.
 */
async function filesBelow(dir: string, path = ''): Promise<string[]> {
  const names = await readdir(join(dir, path))
  const found = await Promise.all(
    names.map(async (name) => {
      const below = `${path}/${name}`
      const info = await lstat(join(dir, below))
      if (info.isDirectory()) return filesBelow(dir, below)
      return info.isFile() ? [below] : []
    }),
  )
  return found.flat()
}

/** Reads the page's folder once. A folder that does not exist is a page without files. */
export async function readPage(dir: string | undefined): Promise<Page> {
  const faces = new Map<string, PageFile>()
  const files = new Map<string, PageFile>()
  if (dir === undefined || !existsSync(dir)) return { faces, files }
  for (const path of await filesBelow(dir)) {
    const file = await readPageFile(join(dir, path), path)
    const face = FACE.exec(path)
    if (face === null) files.set(path, file)
    else faces.set(face[1] ?? BASE_LANGUAGE, file)
  }
  return { faces, files }
}

/**
 * Makes the policy by which the page may run its own scripts and speak to hubs at this one's port, and nothing else: this hub may
 * be at another address tomorrow, and the page finds it there (protocol/README.md, 4.2). Older Safari does not count ws: as 'self'; 'wasm-unsafe-eval' is for hashing in WebAssembly.
 */
function policy(host: string): string {
  const port = /:\d+$/.exec(host)?.[0] ?? ':80'
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "worker-src 'self'",
    `connect-src 'self' ws://*${port}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function setSecurityHeaders(res: ServerResponse, host: string): void {
  res.setHeader('Content-Security-Policy', policy(host))
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.setHeader('X-Frame-Options', 'DENY')
  res.setHeader('Referrer-Policy', 'no-referrer')
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
}

export function sendPlain(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }).end(`${text}\n`)
}

function sendFile(req: IncomingMessage, res: ServerResponse, file: PageFile): void {
  res.setHeader('ETag', file.etag)
  res.setHeader('Cache-Control', file.cacheControl)
  if (req.headers['if-none-match'] === file.etag) {
    res.writeHead(304).end()
    return
  }
  res.writeHead(200, { 'Content-Type': file.type, 'Content-Length': file.body.length })
  res.end(req.method === 'HEAD' ? undefined : file.body)
}

function faceFor({ faces }: Page, acceptLanguage = ''): PageFile | undefined {
  return faces.get(firstSpoken(acceptedLanguages(acceptLanguage), [...faces.keys()]) ?? BASE_LANGUAGE)
}

/** Answers a request whose Host was checked. */
export function servePage(page: Page, req: IncomingMessage, res: ServerResponse, host: string): void {
  setSecurityHeaders(res, host)
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.setHeader('Allow', 'GET, HEAD')
    sendPlain(res, 405, 'Method not allowed')
    return
  }
  const path = (req.url ?? '').split('?')[0] ?? ''
  if (path === '/') res.setHeader('Vary', 'Accept-Language')
  const file = path === '/' ? faceFor(page, req.headers['accept-language']) : page.files.get(path)
  if (file === undefined) sendPlain(res, 404, 'Not found')
  else sendFile(req, res, file)
}
