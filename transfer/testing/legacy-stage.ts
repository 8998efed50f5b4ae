import { expect } from 'vitest'
import type { Transfile } from '#protocol/hub-events.ts'
import { LEGACY_PIECE_BYTES } from '#protocol/limits.ts'
import { LegacySession } from '#transfer/legacy/legacy-session.ts'
import type { Sink } from '../sink.ts'
import { Told, freshId } from './ends.ts'
import { hexHash, memoryHash, MemorySink } from './quick.ts'
import { MemoryLane, nextTask, type FrameData, type LaneOptions } from './lanes.ts'

/** Time that passes when a test says so. */
export class Clock {
  #now = 0
  readonly #timers = new Set<{ at: number; then: () => void }>()

  after = (ms: number, then: () => void): (() => void) => {
    const timer = { at: this.#now + ms, then }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  get waiting(): number {
    return this.#timers.size
  }

  pass(ms: number): void {
    this.#now += ms
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#now) continue
      this.#timers.delete(timer)
      timer.then()
    }
  }
}

/** The desktop's side, and the app's hands: its lane and what it hears by way of the hub. */
export class LegacyStage {
  readonly clock = new Clock()
  readonly told = new Told()
  readonly sinks: MemorySink[] = []
  readonly signals: { event: string; payload: unknown }[] = []
  /** What the app got on its lane. */
  readonly pieces: Uint8Array[] = []
  readonly lane: MemoryLane
  readonly session: LegacySession
  beforeWrite: (bytes: number) => Promise<void> = () => Promise.resolve()
  openSink = (file: Transfile): Promise<Sink> => {
    const sink = new MemorySink(file.name, (bytes) => this.beforeWrite(bytes))
    this.sinks.push(sink)
    return Promise.resolve(sink)
  }
  /** The app reports what it gets. */
  answers = true
  /** Bytes that the app counts since the last `transfile`. */
  count = 0

  constructor(options: LaneOptions = {}) {
    const [mine, app] = MemoryLane.pair({ kind: 'legacy', ...options })
    this.lane = mine
    app.listen({
      onFrame: (data: FrameData) => {
        if (typeof data === 'string') return
        this.pieces.push(data)
        this.count += data.byteLength
        if (this.answers) this.session.onReport(this.count)
      },
      onClose: () => undefined,
    })
    this.session = new LegacySession(mine, {
      newId: freshId,
      openSink: (file) => this.openSink(file),
      sha256: memoryHash,
      signal: (event, payload) => {
        if (event === 'transfile') this.count = 0
        this.signals.push({ event, payload })
      },
      onTransfer: (view) => {
        this.told.put(view)
      },
      after: this.clock.after,
    })
  }

  /** The app sends. */
  piece(...pieces: Uint8Array[]): void {
    for (const piece of pieces) this.lane.inject(piece)
  }

  /** The app's `transfile`. */
  announce(name: string, size: number): void {
    this.session.onTransfile({ name, size })
  }

  payloads(event: 'transfile' | 'ctrlSendSpeed' | 'exception'): unknown[] {
    return this.signals.filter((signal) => signal.event === event).map(({ payload }) => payload)
  }
}

export function piecesOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / LEGACY_PIECE_BYTES)
  return Array.from({ length: count }, (_, i) => bytes.slice(i * LEGACY_PIECE_BYTES, (i + 1) * LEGACY_PIECE_BYTES))
}

/** The file ends whole. */
export async function arrives(stage: LegacyStage, name: string, bytes: Uint8Array): Promise<void> {
  expect(await stage.told.endOf(name)).toMatchObject({ state: 'done', bytes: bytes.length, sha256: hexHash(bytes) })
}

/** A few tasks: enough for all that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await nextTask()
}
