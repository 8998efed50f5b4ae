import { fromBase64Url } from '#protocol/base64url.ts'
import type { Keep } from '#protocol/frames.ts'
import { parseFragment } from '#protocol/pairing.ts'
import { linkSecret, type Secret } from '#peer/proving.ts'

/**
 * Of this tab: a reload and a locked screen find it, another tab does not. Either the link's fragment, or, once the
 * computer has given this phone a key of its own, `#<uid>.<id>.<key>`.
 */
const KEPT = 'lanyard-link'

/** What this page registers with: the link it was opened with, then the key that the computer gave it. */
export class KeptLink {
  readonly uid: string
  #secret: Secret

  constructor(uid: string, secret: Secret) {
    this.uid = uid
    this.#secret = secret
  }

  secret(): Secret {
    return this.#secret
  }

  /** From now on this phone is known by a key of its own; the link's is used up. */
  keep({ id, key }: Keep): void {
    const secret = secretOf(id, key)
    if (secret === null) return
    this.#secret = secret
    sessionStorage.setItem(KEPT, `#${this.uid}.${id}.${key}`)
  }
}

function secretOf(id = '', key = ''): Secret | null {
  const kid = fromBase64Url(id)
  const bytes = fromBase64Url(key)
  return kid === null || bytes === null ? null : { kid, key: bytes }
}

/**
 * The link this page was opened with. It is taken out of the address bar at once, so that it stays out of histories
 * and screenshots, and kept for this tab. Null: none, or not one.
 */
export function takeLink(): KeptLink | null {
  const opened = location.hash
  if (opened !== '') {
    history.replaceState(null, '', location.pathname)
    sessionStorage.setItem(KEPT, opened)
  }
  const kept = sessionStorage.getItem(KEPT) ?? ''
  const link = parseFragment(kept)
  if (link !== null) return new KeptLink(link.uid, linkSecret(link.key))
  const [uid = '', id, key, ...more] = kept.slice(1).split('.')
  const secret = more.length === 0 && key !== undefined ? secretOf(id, key) : null
  return secret === null ? null : new KeptLink(uid, secret)
}

/** What this phone calls itself; '' when the browser does not say. */
export function phoneName(userAgent: string): string {
  if (userAgent.includes('iPhone')) return 'iPhone'
  if (userAgent.includes('iPad')) return 'iPad'
  const model = /Android [^;)]*; ([^;)]+?)(?: Build\/[^)]*)?\)/.exec(userAgent)?.[1] ?? ''
  // Chrome says `K` and Firefox `Mobile` instead of the model.
  if (model.length > 1 && !['Mobile', 'Tablet'].includes(model)) return model
  return userAgent.includes('Android') ? 'Android' : ''
}
