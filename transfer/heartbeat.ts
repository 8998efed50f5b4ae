import { encodeFrame } from '#protocol/frames.ts'
import { PING_AFTER_MS, SILENT_AFTER_MS } from '#protocol/limits.ts'
import type { Lane, LaneEvents } from './lane.ts'

/** Milliseconds between two looks. */
const LOOK_EVERY_MS = 1_000
/** Looks that came so much later than meant: this program slept, and what was said to it meanwhile waits to be read. */
const SLEPT_MS = 3_000

/** Wraps a lane so that it sends `ping` when it has nothing else to send, and is closed when the other side falls silent. */
export function keepAlive(lane: Lane): Lane {
  const pulse = new Pulse(lane)
  return {
    kind: lane.kind,
    maxMessage: lane.maxMessage,
    send: (data) => {
      pulse.said()
      lane.send(data)
    },
    ready: () => lane.ready(),
    listen: (events) => {
      lane.listen(pulse.hear(events))
    },
    close: () => {
      pulse.stop()
      lane.close()
    },
  }
}

class Pulse {
  readonly #lane: Lane
  #timer: ReturnType<typeof setTimeout> | undefined
  #lookedAt = performance.now()
  #heardAt = performance.now()
  #saidAt = performance.now()

  constructor(lane: Lane) {
    this.#lane = lane
    this.#lookLater()
  }

  said(): void {
    this.#saidAt = performance.now()
  }

  hear(events: LaneEvents): LaneEvents {
    return {
      onFrame: (data) => {
        this.#heardAt = performance.now()
        events.onFrame(data)
      },
      onClose: () => {
        this.stop()
        events.onClose()
      },
    }
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => {
      this.#look()
    }, LOOK_EVERY_MS)
  }

  #look(): void {
    const now = performance.now()
    if (now - this.#lookedAt > LOOK_EVERY_MS + SLEPT_MS) this.#heardAt = now
    this.#lookedAt = now
    if (now - this.#heardAt >= SILENT_AFTER_MS) {
      this.#lane.close()
      return
    }
    this.#lookLater()
    if (now - this.#saidAt < PING_AFTER_MS) return
    this.said()
    this.#lane.send(encodeFrame({ t: 'ping' }))
  }
}
