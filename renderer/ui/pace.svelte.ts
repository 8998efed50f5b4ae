import { untrack } from 'svelte'
import { SpeedMeter } from '#transfer/speed-meter.ts'
import { onPulse } from './pulse.ts'

/** Speed and time left of one moving transfer, for its row. Looks by itself, so that a stall shows as one. */
export class Pace {
  speed = $state.raw<number | null>(null)
  secondsLeft = $state.raw<number | null>(null)
  readonly #read: () => { readonly bytes: number; readonly total: number }

  constructor(read: () => { readonly bytes: number; readonly total: number }) {
    this.#read = read
  }

  /** Begins to look; returns its undo. */
  start(): () => void {
    const meter = new SpeedMeter()
    const look = (): void => {
      // Whoever starts this in an effect must not be started anew by every block.
      const { bytes, total } = untrack(this.#read)
      meter.add(performance.now(), bytes)
      this.speed = meter.bytesPerSecond
      this.secondsLeft = meter.secondsLeft(total)
    }
    look()
    return onPulse(look)
  }
}
