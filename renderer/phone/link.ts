import { parseFragment } from '#protocol/pairing.ts'

const KEPT = 'lanyard-link'

/**
 * The link this page was opened with. It is taken out of the address bar at once, so that it stays out of
 * histories and screenshots, and kept for this tab, so that a reload finds it. Null: none, or not one.
 */
export function takeLink(): { uid: string; key: Uint8Array } | null {
  const opened = location.hash
  if (opened !== '') {
    history.replaceState(null, '', location.pathname)
    sessionStorage.setItem(KEPT, opened)
  }
  return parseFragment(sessionStorage.getItem(KEPT) ?? '')
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
