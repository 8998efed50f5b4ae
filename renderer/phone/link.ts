import { fromBase64Url } from '#protocol/base64url.ts'
import type { Credentials } from '#protocol/frames.ts'
import { parseFragment } from '#protocol/pairing.ts'
import { linkSecret, type Secret } from '#peer/signaling.ts'
import type { PageStore, PageStores } from './page-store.ts'

/**
 * Once the computer has given this phone a key of its own: `#<uid>.<id>.<key>`. Of this tab; a person may have it kept for
 * the whole browser.
 */
const KEPT = 'link'
/** Beside it, in the browser: of further computers that answer at this address, each under its uid. */
const KEPT_OF = 'link.'
/** The fragment that the page was opened with, in this tab, until it has led to a key. What was kept before stays beside it. */
const OPENED = 'opened'
/** What a page keeps for one link. */
const OF_A_LINK = ['records', 'texts'] as const
type OfALink = (typeof OF_A_LINK)[number]

/** Returns the name of what a page keeps for the link of this uid: what is for one computer is never another's to see. */
export const nameFor = (what: OfALink, uid: string): string => `${what}.${uid}`

/**
 * What this page registers with: a link it was opened with, then the key that the computer gave it. Whatever a hub says
 * that has not proved itself, nothing is taken away: anybody may answer at the computer's address.
 */
export class KeptLink {
  readonly uid: string
  /** It outlives the tab. */
  remembered: boolean
  #secret: Secret
  /** It is a code's, which is good for one connection. */
  #isOpened: boolean
  #isForgotten = false
  readonly #stores: PageStores

  constructor(stores: PageStores, { uid, secret, from }: Found) {
    this.uid = uid
    this.remembered = from === 'browser'
    this.#secret = secret
    this.#isOpened = from === 'address'
    this.#stores = stores
  }

  /** Another tab may have got a newer one: an older one must not be used again. */
  secret(): Secret {
    const newest = this.remembered ? this.#inBrowser : null
    return newest?.secret ?? this.#secret
  }

  /**
   * From now on this phone is known by a key of its own; what it came with is worth nothing any more. False: the browser
   * does not keep it. One that replaces another is not used then: after a reload the page would come with the one before,
   * as the thief of a copy would.
   */
  keep({ id, key }: Credentials): boolean {
    const secret = secretOf(id, key)
    if (secret === null) return true
    const { tab, browser } = this.#stores
    const text = `#${this.uid}.${id}.${key}`
    const isKept = this.remembered ? browser.write(this.#place, text) : tab.write(KEPT, text)
    if (isKept || this.#isOpened) this.#secret = secret
    this.#isOpened = false
    tab.remove(OPENED)
    if (isKept && this.remembered) tab.remove(KEPT)
    else if (isKept && this.#isInBrowser) browser.remove(this.#place)
    return isKept || (this.remembered && this.#isInBrowser)
  }

  /** The computer has let this phone in with it: of other links only those that are kept count still. */
  proved(): void {
    if (!this.#isOpened) this.#stores.tab.remove(OPENED)
  }

  /** Its person, or the computer itself, wants it gone: what the browser was to remember for it (extras/stored-value.ts) goes too. */
  forget(): void {
    const { tab, browser } = this.#stores
    tab.remove(OPENED)
    if (readKey(tab)?.uid === this.uid) tab.remove(KEPT)
    if (this.#isInBrowser) for (const what of OF_A_LINK) browser.remove(nameFor(what, this.uid))
    if (this.#isInBrowser) browser.remove(this.#place)
    this.remembered = false
    this.#isForgotten = true
  }

  /** It is a key of this phone's own, kept or not, and not a code's, which is good for one connection. */
  get isOwn(): boolean {
    return !this.#isOpened && !this.#isForgotten
  }

  get isForgotten(): boolean {
    return this.#isForgotten
  }

  /** A key of its own is there for a reload to find. */
  get isKept(): boolean {
    return this.#isInBrowser || readKey(this.#stores.tab)?.uid === this.uid
  }

  get #isInBrowser(): boolean {
    return this.#inBrowser !== null
  }

  get #inBrowser(): Pick<Found, 'secret'> | null {
    const found = readKey(this.#stores.browser, this.#place)
    return found?.uid === this.uid ? found : null
  }

  /** Where the browser has it, or would have it: a key never moves, as another tab may be writing a newer one. */
  get #place(): string {
    const { browser } = this.#stores
    const own = KEPT_OF + this.uid
    const [first, other] = [readKey(browser)?.uid, browser.read(own)]
    return first === this.uid || (first === undefined && other === null) ? KEPT : own
  }
}

interface Found {
  readonly uid: string
  readonly secret: Secret
  readonly from: 'address' | 'tab' | 'browser'
}

function secretOf(id = '', key = ''): Secret | null {
  const kid = fromBase64Url(id)
  const bytes = fromBase64Url(key)
  return kid === null || bytes === null ? null : { kid, key: bytes }
}

function readKey(store: PageStore, name = KEPT): Pick<Found, 'uid' | 'secret'> | null {
  const [uid = '', id, key, ...more] = (store.read(name) ?? '').slice(1).split('.')
  const secret = more.length === 0 && key !== undefined ? secretOf(id, key) : null
  return secret === null ? null : { uid, secret }
}

/** All that the browser remembers. */
function readKeys(browser: PageStore): Pick<Found, 'uid' | 'secret'>[] {
  const names = [KEPT, ...browser.names().filter((name) => name.startsWith(KEPT_OF))]
  return names.flatMap((name) => readKey(browser, name) ?? [])
}

/** An earlier version kept notes and texts under one name for all links. They are those of the one that was kept with them. */
function adopt(store: PageStore, uid = ''): void {
  if (uid !== '') for (const what of OF_A_LINK) store.rename(what, nameFor(what, uid))
}

/** The link of a code, be it in the address bar or from before a reload. */
function readOpened(fragment: string): Found | null {
  const link = parseFragment(fragment)
  return link === null ? null : { uid: link.uid, secret: linkSecret(link.key), from: 'address' }
}

/** Takes the code out of the address bar, so that it stays out of histories and screenshots. */
function takeFragment(): string {
  const fragment = location.hash
  try {
    if (fragment !== '') history.replaceState(null, '', location.pathname)
  } catch {
    // A browser that does not let it be changed shows it until the page goes.
  }
  return fragment
}

/**
 * The links that this page can come with, to be tried in turn: the one it was opened with, the one of this tab, the one
 * that the browser remembers, or several of different computers. None: it has to be opened with a code.
 */
export function takeLinks(stores: PageStores): KeptLink[] {
  const opened = takeFragment()
  if (readOpened(opened) !== null) stores.tab.write(OPENED, opened)
  const tab = readKey(stores.tab)
  const code = readOpened(opened) ?? readOpened(stores.tab.read(OPENED) ?? '')
  adopt(stores.tab, tab?.uid)
  adopt(stores.browser, readKey(stores.browser)?.uid)
  const found: (Found | null)[] = [
    code,
    tab && { ...tab, from: 'tab' },
    ...readKeys(stores.browser).map((one): Found => ({ ...one, from: 'browser' })),
  ]
  return found.flatMap((one) => (one === null ? [] : [new KeptLink(stores, one)]))
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
