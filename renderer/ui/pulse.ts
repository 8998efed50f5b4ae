/**
 * Milliseconds between two looks at what moves. Everything that is drawn while files move is drawn on this one beat:
 * each frame of a window takes the processor from the files themselves, a fifth of their speed where there is no
 * graphics card and every little thing has a clock of its own.
 */
export const PULSE_MS = 500

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** Calls back on every beat; returns its undo. */
export function onPulse(beat: () => void): () => void {
  listeners.add(beat)
  timer ??= setInterval(() => {
    for (const listener of listeners) listener()
  }, PULSE_MS)
  return () => {
    listeners.delete(beat)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
