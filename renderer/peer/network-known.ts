/** Milliseconds after which a browser that still says "offline" is not believed. */
const LIMIT_MS = 3000

/**
 * Waits until the browser knows its network. The camera may have just started it, and in Chromium (seen in 156) a page
 * that makes its first connection before then never finds a candidate, in later attempts neither.
 */
export function networkKnown(limitMs = LIMIT_MS): Promise<void> {
  if (navigator.onLine) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs)
    addEventListener(
      'online',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
