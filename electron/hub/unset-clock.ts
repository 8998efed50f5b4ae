import { uptime } from 'node:os'

/** ms since some moment. */
export type Now = () => number

/** ms for which the time since the computer was started is not read anew: reading it takes 0.1 ms, many times for each file. */
const READ_EVERY_MS = 100

/**
 * Makes a clock that nobody sets and that goes on while the computer sleeps, for what must end in time. On Linux and macOS
 * `performance.now` stands still in sleep; the time since the computer was started does not, but is coarse. What the second
 * is ahead of the first is the time slept, which is known at most 100 ms after the computer woke up.
 */
export function unsetClock(sinceBoot: Now = () => uptime() * 1000, awake: Now = () => performance.now()): Now {
  const begun = { sinceBoot: sinceBoot(), awake: awake() }
  let [slept, readAt] = [0, 0]
  return () => {
    const since = awake() - begun.awake
    if (since - readAt >= READ_EVERY_MS) {
      readAt = since
      slept = Math.max(slept, sinceBoot() - begun.sinceBoot - since)
    }
    return since + slept
  }
}
