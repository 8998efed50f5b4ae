/** Milliseconds between two looks at the clock, and how late one has to be: the page stood still, mostly as its phone slept. */
const LOOK_EVERY_MS = 2_000
const SLEPT_MS = 10_000

export interface PhoneWatchEvents {
  /**
   * The clock jumped: this page stood still for a while and goes on, as nobody saw it; or (`isSeen`) it was on the screen, so that its
   * clock may have been set as well.
   */
  onJump(isSeen: boolean): void
  /** The browser says that its phone is on a network again, or on none. */
  onNetwork(isThere: boolean): void
}

/** Watches what happens to the phone itself, by which a connection is lost that nobody has ended. Returns the undo. */
export function watchPhone(events: PhoneWatchEvents): () => void {
  let lookedAt = Date.now()
  /** Since the last look. */
  let wasHidden = document.hidden
  const timer = setInterval(() => {
    const now = Date.now()
    const isLate = now - lookedAt >= LOOK_EVERY_MS + SLEPT_MS
    const isSetBack = lookedAt - now >= SLEPT_MS
    if (isLate || isSetBack) events.onJump(isSetBack || !wasHidden)
    lookedAt = now
    wasHidden = document.hidden
  }, LOOK_EVERY_MS)
  const hide = (): void => {
    wasHidden ||= document.hidden
  }
  const there = (): void => {
    events.onNetwork(true)
  }
  const gone = (): void => {
    events.onNetwork(false)
  }
  addEventListener('online', there)
  addEventListener('offline', gone)
  document.addEventListener('visibilitychange', hide)
  return () => {
    clearInterval(timer)
    removeEventListener('online', there)
    removeEventListener('offline', gone)
    document.removeEventListener('visibilitychange', hide)
  }
}
