/**
 * Milliseconds in which nothing has moved, after which a wait gives up. How fast a machine is must not decide a test: a
 * wait lasts as long as something goes on, and the limit of its test (playwright.config.ts) is only for what hangs.
 */
export const QUIET_MS = 40_000

const LOOK_EVERY_MS = 100

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/**
 * Waits until `isDone` says so of what `look` sees, and returns it. Gives up when that has not changed for `quietMs`.
 */
export async function whileItMoves<T>(
  what: string,
  look: () => T | Promise<T>,
  isDone: (seen: T) => boolean,
  quietMs = QUIET_MS,
): Promise<T> {
  let seen = await look()
  let since = performance.now()
  while (!isDone(seen)) {
    if (performance.now() - since > quietMs)
      throw new Error(`no ${what}: nothing has moved for ${quietMs} ms; the last was ${JSON.stringify(seen)}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    const now = await look()
    if (!isSame(now, seen)) since = performance.now()
    seen = now
  }
  return seen
}
