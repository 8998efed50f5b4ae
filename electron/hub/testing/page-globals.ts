import { WebSocket } from 'ws'

/** What a page has and Node 20 lacks, for code of the pages that runs in a test. Returns the window's events. */
export function asPage(): EventTarget {
  const window = new EventTarget()
  const addEventListener = window.addEventListener.bind(window)
  const removeEventListener = window.removeEventListener.bind(window)
  Object.assign(globalThis, { WebSocket, addEventListener, removeEventListener })
  return window
}
