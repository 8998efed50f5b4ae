import { fromBase64Url } from '#protocol/base64url.ts'
import type { Keep } from '#protocol/frames.ts'
import { parseFragment } from '#protocol/pairing.ts'
import { linkSecret, type Secret } from '#peer/proving.ts'

/**
 * Either the link's fragment, or, once the computer has given this phone a key of its own, `#<uid>.<id>.<key>`. Of this
 * tab: a reload and a locked screen find it, another tab does not. A person may have it kept for the whole browser.
 */
const KEPT = 'lanyard-link'

/** What this page registers with: the link it was opened with, then the key that the computer gave it. */
export class KeptLink {
  readonly uid: string
  /** It outlives the tab. */
  remembered: boolean
  #secret: Secret

  constructor(uid: string, secret: Secret, remembered: boolean) {
    this.uid = uid
    this.#secret = secret
    this.remembered = remembered
  }

  /** Another tab may have got a newer one: an older one must not be used again. */
  secret(): Secret {
    const newest = this.remembered ? read(localStorage) : null
    return newest?.uid === this.uid ? newest.#secret : this.#secret
  }

  /** From now on this phone is known by a key of its own; what it came with is worth nothing any more. */
  keep({ id, key }: Keep): void {
    const secret = secretOf(id, key)
    if (secret === null) return
    this.#secret = secret
    this.#drop()
    const storage = this.remembered ? localStorage : sessionStorage
    storage.setItem(KEPT, `#${this.uid}.${id}.${key}`)
  }

  /** The computer does not know it any more: what the browser was to remember for it (talk/kept.ts) goes too. */
  forget(): void {
    if (this.#drop()) localStorage.clear()
  }

  #drop(): boolean {
    sessionStorage.removeItem(KEPT)
    const ours = read(localStorage)?.uid === this.uid
    if (ours) localStorage.removeItem(KEPT)
    return ours
  }
}

function secretOf(id = '', key = ''): Secret | null {
  const kid = fromBase64Url(id)
  const bytes = fromBase64Url(key)
  return kid === null || bytes === null ? null : { kid, key: bytes }
}

function read(storage: Storage): KeptLink | null {
  const kept = storage.getItem(KEPT) ?? ''
  const link = parseFragment(kept)
  if (link !== null) return new KeptLink(link.uid, linkSecret(link.key), false)
  const [uid = '', id, key, ...more] = kept.slice(1).split('.')
  const secret = more.length === 0 && key !== undefined ? secretOf(id, key) : null
  return secret === null ? null : new KeptLink(uid, secret, storage === localStorage)
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
    return read(sessionStorage)
  }
  return read(sessionStorage) ?? read(localStorage)
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
