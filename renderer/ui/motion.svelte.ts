import { onPulse } from './pace.svelte.ts'

/** Whether a person has asked for less motion; where the browser does not tell, for as little as that. */
export function wantsStill(): boolean {
  try {
    return matchMedia('(prefers-reduced-motion: reduce)').matches
  } catch {
    return true
  }
}

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

/** Pixels between two places of the beads, a quarter of the way from one bead to the next. */
const HOP_PX = 11
const BEAD_PX = 44

/**
 * Where the beads on a cord are while something moves along it. They hop on the pulse: CSS can't do this cheaply, even
 * in steps it makes the browser draw at the screen's full rate.
 */
export class Beads {
  /** Pixels, from 0 up to the next bead. */
  shift = $state.raw(0)

  /** Begins to move them, unless the person wants nothing to move; returns its undo. */
  start(): () => void {
    if (wantsStill()) return () => undefined
    return onPulse(() => (this.shift = (this.shift + HOP_PX) % BEAD_PX))
  }
}
