import { wantsStill } from './motion.ts'

const DURATION_MS = 480

/** Past its end by a tenth and back, like a string that is pulled. */
function overshoot(t: number): number {
  const s = 1.7
  const u = t - 1
  return u * u * ((s + 1) * u + s) + 1
}

/**
 * A number that glides to where it should be; at once where less motion is asked for. svelte/motion does the same and
 * more, and weighs a tenth of the phone page.
 */
export class Glide {
  current = $state.raw(0)

  constructor(start: number) {
    this.current = start
  }

  /** Begins; returns its undo. */
  to(target: number): () => void {
    const from = this.current
    if (from === target) return () => undefined
    if (wantsStill()) {
      this.current = target
      return () => undefined
    }
    const begun = performance.now()
    const step = (now: number): void => {
      const t = Math.min(1, Math.max(0, (now - begun) / DURATION_MS))
      this.current = from + (target - from) * overshoot(t)
      if (t < 1) frame = requestAnimationFrame(step)
    }
    let frame = requestAnimationFrame(step)
    return () => cancelAnimationFrame(frame)
  }
}
