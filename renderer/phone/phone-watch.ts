/** Milliseconds between two looks at the clock, and how late one has to be: the page stood still, mostly as its phone slept. */
const LOOK_EVERY_MS = 2_000
const SLEPT_MS = 10_000

export interface PhoneWatchEvents {
  /** This page stood still for a while, and goes on. */
  onWoke(): void
  /** The browser says that its phone is on a network again, or on none. */
  onNetwork(isThere: boolean): void
}

/** Watches what happens to the phone itself, by which a connection is lost that nobody has ended. Returns the undo. */
export function watchPhone(events: PhoneWatchEvents): () => void {
  let lookedAt = Date.now()
  const timer = setInterval(() => {
    const now = Date.now()
    const isLate = now - lookedAt >= LOOK_EVERY_MS + SLEPT_MS
    lookedAt = now
    if (isLate) events.onWoke()
  }, LOOK_EVERY_MS)
  const there = (): void => {
    events.onNetwork(true)
  }
  const gone = (): void => {
    events.onNetwork(false)
  }
  addEventListener('online', there)
  addEventListener('offline', gone)
  return () => {
    clearInterval(timer)
    removeEventListener('online', there)
    removeEventListener('offline', gone)
  }
}
