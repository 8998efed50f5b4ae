import { untrack } from 'svelte'
import { SpeedMeter } from '#transfer/speed-meter.ts'

/**
 * Milliseconds between two looks at what moves. Everything that is drawn while files move is drawn on this one beat:
 * each frame of a window takes the processor from the files themselves, a fifth of their speed where there is no
 * graphics card and every little thing has a clock of its own.
 */
export const PULSE_MS = 500

let listeners: readonly (() => void)[] = []
let timer: ReturnType<typeof setInterval> | undefined

/** Calls back on every beat; returns its undo. */
export function onPulse(beat: () => void): () => void {
  listeners = [...listeners, beat]
  timer ??= setInterval(() => {
    for (const listener of listeners) listener()
  }, PULSE_MS)
  return () => {
    listeners = listeners.filter((one) => one !== beat)
    if (listeners.length > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

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
