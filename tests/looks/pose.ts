/** What look.mjs asks of a page that it keeps open. */

export interface Poses {
  /** Takes down what stands there and shows this state. */
  readonly show: (state: string) => Promise<void>
  /** Whether files move in it, so that a speed is told. */
  readonly moves: () => boolean
  /** Stops what moves: all pictures of a state are of one moment. */
  readonly still: () => void
}

declare global {
  /** Shows a state and comes back when it can be drawn. */
  var pose: (state: string) => Promise<void>
}

/** Long enough for a speed to be known. */
const SETTLE_MS = 1300

export function poseFor({ show, moves, still }: Poses): void {
  globalThis.pose = async (state) => {
    await show(state)
    if (moves()) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    still()
    await document.fonts.ready
    // Two frames: what the last change has started is drawn.
    for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve))
  }
}
