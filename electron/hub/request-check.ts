import { LANE_PATH } from '#protocol/sealed.ts'
import { isLoopback } from './candidates.ts'

/** What a request says about itself before anything of it is believed. */
export interface RequestHead {
  /** Every Host header, in order. */
  readonly hosts: readonly string[]
  readonly origin: string | undefined
  /** Address of the TCP peer. Headers that claim another one are not looked at. */
  readonly remote: string
  readonly url: string
  /** What a browser of today says by itself about who asks, and for what (Fetch Metadata); undefined where it does not. */
  readonly fetch: {
    readonly site: string | undefined
    readonly mode: string | undefined
    readonly dest: string | undefined
  }
}

export interface RequestRules {
  readonly port: number
  readonly ownAddresses: () => readonly string[]
  /** Origins of a developer's own pages. */
  readonly allowOrigins: ReadonlySet<string>
  /** Origin of this computer's own window, if there is one. */
  readonly windowOrigin: string | null
}

export type Verdict =
  | {
      readonly ok: true
      /** The Host header: one of our own names, so it may be put into an answer. */
      readonly host: string
      /** The allowed origin of another page, which needs CORS headers to read the answer. */
      readonly crossOrigin: string | null
    }
  | { readonly ok: false; readonly status: 400 | 403 | 421 | 503 }

export const SIGNALING_PATH = '/socket.io/'
export const isSignaling = (url: string): boolean => url.startsWith(SIGNALING_PATH)
export const isLane = (url: string): boolean => url === LANE_PATH

const refuse = (status: 400 | 403 | 421): Verdict => ({ ok: false, status })

/**
 * Our own names, spelled as a browser spells them. Everything else in a Host header means that a web site made
 * its own name point to this computer (DNS rebinding) to get past its browser's same-origin rule.
 */
function isOurHost(host: string, { port, ownAddresses }: RequestRules): boolean {
  const isHost = (name: string): boolean => host === `${name}:${port}` || (port === 80 && host === name)
  // Looking up the addresses costs more than all else here, so it comes last.
  return isHost('127.0.0.1') || isHost('localhost') || ownAddresses().some(isHost)
}

const queryOf = (url: string): URLSearchParams => new URLSearchParams(url.split('?')[1] ?? '')

/** Whether it is the first request of a Socket.IO session. */
export const beginsSession = (url: string): boolean => isSignaling(url) && (queryOf(url).get('sid') ?? '') === ''

/**
 * Script tags of any page can read what JSONP answers, so it has no place here. Engine.IO itself takes any version
 * that it does not know for the third, and the last of a parameter that comes twice.
 */
function asksWrongly(url: string): boolean {
  const query = queryOf(url)
  const isTwice = ['EIO', 'sid', 'transport'].some((name) => query.getAll(name).length > 1)
  return query.has('j') || isTwice || !['3', '4'].includes(query.get('EIO') ?? '')
}

/** Which pages may speak to the hub. Socket.IO's own `cors` would only set headers, and no websocket heeds them. */
function checkOrigin(
  host: string,
  { origin, remote }: RequestHead,
  { allowOrigins, windowOrigin }: RequestRules,
): Verdict {
  if (origin === undefined || origin === `http://${host}`) return { ok: true, host, crossOrigin: null }
  const isWindow = origin === windowOrigin && isLoopback(remote)
  return isWindow || allowOrigins.has(origin) ? { ok: true, host, crossOrigin: origin } : refuse(403)
}

/**
 * Whether another site's page made its browser ask: by an image or script tag, a form or a frame, which name no Origin.
 * A link to the page itself is followed from anywhere, as a scanner of codes does. Who says nothing of the kind is no
 * browser, or an old one, or one that is on plain http: browsers tell it to 127.0.0.1 and over https only.
 */
function isAskedByOthers({ fetch: { site, mode, dest }, url }: RequestHead): boolean {
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  const isLink = mode === 'navigate' && (dest === undefined || dest === 'document')
  return !(isLink && url.split('?')[0] === '/')
}

/** Asked for every request and every upgrade, before Socket.IO or the page see it. */
export function checkRequest(head: RequestHead, rules: RequestRules): Verdict {
  const [host, ...more] = head.hosts
  if (host === undefined || more.length > 0 || !isOurHost(host, rules)) return refuse(421)
  const verdict = checkOrigin(host, head, rules)
  // An origin that is let in by name is another site by nature.
  if (verdict.ok && verdict.crossOrigin === null && isAskedByOthers(head)) return refuse(403)
  return verdict.ok && isSignaling(head.url) && asksWrongly(head.url) ? refuse(400) : verdict
}
