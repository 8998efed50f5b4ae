import { wantsStill } from './motion.ts'
import { onPulse } from './pulse.ts'

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
