/** Tells the time, so that a test need not wait. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `then` once after so many milliseconds; the returned function cancels. Keeps no program alive. */
  after(ms: number, then: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms).unref()
    return () => clearTimeout(timer)
  },
}

/** Resolves after so many milliseconds. */
export const wait = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve)
  })
