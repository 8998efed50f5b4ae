import { uptime } from 'node:os'

/** ms since some moment. */
export type Now = () => number

/**
 * Makes a clock that nobody sets and that goes on while the computer sleeps, for what must end in time. On Linux and macOS
 * `performance.now` stands still in sleep; the time since the computer was started does not, but is coarse. The larger
 * of the two counts.
 */
export function unsetClock(sinceBoot: Now = () => uptime() * 1000, awake: Now = () => performance.now()): Now {
  const begun = { sinceBoot: sinceBoot(), awake: awake() }
  return () => Math.max(awake() - begun.awake, sinceBoot() - begun.sinceBoot)
}
