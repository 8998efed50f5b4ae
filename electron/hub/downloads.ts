import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Download, type DownloadLimits, type Offered } from './download.ts'
import { sendPlain } from './page.ts'
import { unsetClock, type Now } from './unset-clock.ts'
import { Lockout } from './lockout.ts'

export const DOWNLOADS_PATH = '/d/'
export const isDownload = (url: string): boolean => url.startsWith(DOWNLOADS_PATH)

const TOKEN_BYTES = 32
// Nothing behind it, so that what is asked for is either a token, or not there.
const PATH = /^\/d\/([\w-]{43})$/

export interface RegistryLimits extends DownloadLimits {
  /** Requests from one address for what is not there, within so many ms, after which further ones are told so. */
  readonly wrongDownloads: number
  readonly wrongDownloadsMs: number
  readonly refuseDownloadsMs: number
}

export interface Capability {
  /** URL path by which the file may be had: it goes to the asking device over its proved connection, and into no log. */
  readonly path: string
  /** Takes the offer back without `onGone`, and cuts what is running. */
  readonly revoke: () => void
}

/** Hashes a token for looking it up: how long that takes says nothing about the token, and a dump of memory has none. */
const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64')

/** Sets the headers that keep a download from being shown, kept, or read by a page. */
function setHeaders(res: ServerResponse): void {
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Content-Security-Policy', "sandbox; default-src 'none'; frame-ancestors 'none'")
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.setHeader('X-Frame-Options', 'DENY')
  res.setHeader('Referrer-Policy', 'no-referrer')
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
}

/** Serves the files that may be fetched by plain http, each under an address of its own that can't be guessed. */
export class Downloads {
  readonly #limits: RegistryLimits
  readonly #lockout: Lockout
  readonly #downloads = new Map<string, Download>()
  readonly #now: Now

  constructor(limits: RegistryLimits, now: Now = unsetClock()) {
    this.#limits = limits
    this.#now = now
    this.#lockout = new Lockout({
      wrongProofs: limits.wrongDownloads,
      wrongProofsMs: limits.wrongDownloadsMs,
      refuseProofsMs: limits.refuseDownloadsMs,
    })
  }

  offer(file: Offered): Capability {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const key = keyOf(token)
    const download = new Download(file, this.#limits, () => this.#downloads.delete(key), this.#now)
    this.#downloads.set(key, download)
    const revoke = (): void => {
      download.end(null)
    }
    return { path: `${DOWNLOADS_PATH}${token}`, revoke }
  }

  /** Ends all offers to a device, at once. */
  revokeDevice(deviceId: string): void {
    for (const download of this.#downloads.values()) if (download.deviceId === deviceId) download.end('revoked')
  }

  /** Counts the files on offer. */
  get size(): number {
    return this.#downloads.size
  }

  #find(token: string): Download | undefined {
    const download = this.#downloads.get(keyOf(token))
    if (download?.isOld !== true) return download
    download.end('timeout')
    return undefined
  }

  /** Answers a request that has passed the check. `remote`: address of the TCP peer. */
  serve(req: IncomingMessage, res: ServerResponse, remote: string): void {
    setHeaders(res)
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.setHeader('Allow', 'GET, HEAD')
      sendPlain(res, 405, 'Method not allowed')
      return
    }
    const token = PATH.exec(req.url ?? '')?.[1]
    const download = token === undefined ? undefined : this.#find(token)
    if (download !== undefined) {
      download.serve(req, res)
      return
    }
    if (this.#lockout.count(remote)) {
      res.setHeader('Retry-After', String(Math.ceil(this.#limits.refuseDownloadsMs / 1000)))
      sendPlain(res, 429, 'Too many')
    } else sendPlain(res, 404, 'Not found')
  }
}
