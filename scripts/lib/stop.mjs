// Being told to stop.
/** @typedef {'SIGINT' | 'SIGTERM' | 'SIGHUP'} Stop */

/** @type {Stop[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const LOOK_MS = 200

/**
 * Calls back for every signal to stop, and once when our parent is gone: npm passes a signal on to the shell between it
 * and us, and that shell just ends.
 * @param {(signal: Stop) => void} stop
 * @returns {() => void} no more of it
 */
export function onStop(stop) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    stop('SIGTERM')
  }, LOOK_MS)
  watch.unref()
  for (const signal of SIGNALS) process.on(signal, stop)
  return () => {
    clearInterval(watch)
    for (const signal of SIGNALS) process.off(signal, stop)
  }
}
