import { describe, expect, test } from 'vitest'
import type { Transfile } from '#protocol/hub-events.ts'
import { CREDIT_BYTES, LEGACY_PIECE_BYTES } from '#protocol/limits.ts'
import { TransferError } from './errors.ts'
import { LegacySession } from './legacy.ts'
import { Told, freshId, until } from './testing/ends.ts'
import { bytesOf, failingSource, hexHash, MemorySink, MemorySource } from './testing/files.ts'
import { MemoryLane, nextTask, type FrameData, type LaneOptions } from './testing/lanes.ts'

const PIECE = LEGACY_PIECE_BYTES

/** Time that passes when a test says so. */
class Clock {
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
class Stage {
  readonly clock = new Clock()
  readonly told = new Told()
  readonly sinks: MemorySink[] = []
  readonly signals: { event: string; payload: unknown }[] = []
  readonly pieces: Uint8Array[] = []
  readonly lane: MemoryLane
  readonly session: LegacySession
  beforeWrite: (bytes: number) => Promise<void> = () => Promise.resolve()
  openSink = (file: Transfile) => {
    const sink = new MemorySink(file.name, (bytes) => this.beforeWrite(bytes))
    this.sinks.push(sink)
    return Promise.resolve(sink)
  }
  /** The app reports what it gets. */
  answers = true

  constructor(options: LaneOptions = {}) {
    const [mine, app] = MemoryLane.pair({ kind: 'legacy', ...options })
    this.lane = mine
    let count = 0
    let total = 0
    app.listen({
      onFrame: (data: FrameData) => {
        if (typeof data === 'string') return
        this.pieces.push(data)
        count += data.byteLength
        total += data.byteLength
        if (this.answers) this.session.onReport(count)
      },
      onClose: () => undefined,
    })
    this.session = new LegacySession(mine, {
      newId: freshId,
      openSink: (file) => this.openSink(file),
      signal: (event, payload) => {
        if (event === 'transfile') count = 0
        this.signals.push({ event, payload })
      },
      onTransfer: (view) => {
        this.told.put(view)
      },
      after: this.clock.after,
    })
    void total
  }

  piece(...pieces: Uint8Array[]): void {
    for (const piece of pieces) this.lane.inject(piece)
  }

  announce(name: string, size: number): void {
    this.session.onTransfile({ name, size })
  }

  get reports(): unknown[] {
    return this.signals.filter(({ event }) => event === 'ctrlSendSpeed').map(({ payload }) => payload)
  }

  get gone(): Uint8Array {
    return Uint8Array.from(this.pieces.flatMap((piece) => [...piece]))
  }
}

function piecesOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / PIECE) }, (_, i) => bytes.slice(i * PIECE, (i + 1) * PIECE))
}

describe('with all faults at once', () => {
  test('every file arrives whole', async () => {
    const stage = new Stage()
    const sizes = [100, 100, PIECE - 1, PIECE, 2 * PIECE, 3 * PIECE + 5, 100, 200_000]
    for (const [i, size] of sizes.entries()) {
      const bytes = bytesOf(size, i)
      const pieces = piecesOf(bytes)
      if (size % PIECE === 0) pieces.push(new Uint8Array(0))
      else pieces.push(pieces.at(-1)!)
      stage.piece(...pieces.splice(0, 2))
      stage.announce(`${i}`, size)
      stage.piece(...pieces)
      const end = await stage.told.endOf(`${i}`)
      expect(end).toMatchObject({ state: 'done', sha256: hexHash(bytes) })
      expect(stage.reports.at(-1)).toBe(size)
    }
  })
})
