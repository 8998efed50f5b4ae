import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { keepAlive } from './heartbeat.ts'
import type { Lane, LaneEvents } from './lane.ts'
import { connect } from './testing/ends.ts'
import { bytesOf, hexHash, MemorySource } from './testing/quick.ts'
import { MemoryLane } from './testing/lanes.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A lane whose other end is the test. */
class Wire implements Lane {
  readonly kind = 'webrtc'
  readonly maxMessage = 1_000
  readonly sent: (string | Uint8Array)[] = []
  closed = false
  events: LaneEvents | null = null

  send(data: string | Uint8Array): void {
    this.sent.push(data)
  }

  ready(): Promise<void> {
    return Promise.resolve()
  }

  listen(events: LaneEvents): void {
    this.events = events
  }

  close(): void {
    this.closed = true
    this.events?.onClose()
  }
}

function alive() {
  const wire = new Wire()
  const lane = keepAlive(wire)
  const heard: (string | Uint8Array)[] = []
  let closes = 0
  lane.listen({ onFrame: (data) => heard.push(data), onClose: () => closes++ })
  return { wire, lane, heard, closes: () => closes }
}

describe('a lane', () => {
  test('says ping after two seconds without a word, and not while it has others', () => {
    const { wire, lane } = alive()
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(1_000)
      wire.events?.onFrame('x')
      lane.send('word')
    }
    expect(wire.sent.every((data) => data === 'word')).toBe(true)
    wire.sent.length = 0
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(1_000)
      wire.events?.onFrame('x')
    }
    expect(wire.sent.length).toBeGreaterThanOrEqual(3)
    expect(new Set(wire.sent)).toEqual(new Set(['{"t":"ping"}']))
    expect(wire.closed).toBe(false)
  })

  test('that hears nothing is closed, in time for the other to take over within 8 seconds', () => {
    const { wire, closes } = alive()
    vi.advanceTimersByTime(6_000)
    expect(wire.closed).toBe(false)
    vi.advanceTimersByTime(1_600)
    expect(wire.closed).toBe(true)
    expect(closes()).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('of a program that slept is not silent: what was said meanwhile is read first', () => {
    const { wire } = alive()
    for (let i = 0; i < 3; i++) {
      vi.advanceTimersByTime(1_000)
      wire.events?.onFrame('x')
    }
    // Two hours without a single timer, as behind a closed lid.
    vi.setSystemTime(Date.now() + 7_200_000)
    const now = performance.now()
    const real = vi.spyOn(performance, 'now').mockImplementation(() => now + 7_200_000)
    vi.advanceTimersByTime(1_000)
    expect(wire.closed).toBe(false)
    // Awake, and still nothing: then it is.
    for (let i = 1; i <= 8; i++) {
      real.mockImplementation(() => now + 7_200_000 + i * 1_000)
      vi.advanceTimersByTime(1_000)
    }
    expect(wire.closed).toBe(true)
  })

  test('that was closed has no timer left', () => {
    const one = alive()
    one.lane.close()
    const other = alive()
    other.wire.close()
    expect(vi.getTimerCount()).toBe(0)
    expect([one.closes(), other.closes()]).toEqual([1, 1])
  })
})

describe('a session', () => {
  const size = 10 * BLOCK_BYTES

  async function step(until: () => boolean, limitMs: number): Promise<number> {
    const start = performance.now()
    while (!until() && performance.now() - start < limitMs) await vi.advanceTimersByTimeAsync(1)
    return performance.now() - start
  }

  test.each(['webrtc', 'socket'] as const)(
    'goes on over the other lane within 8 s after %s fell silent',
    async (kind) => {
      const ends = connect({ kind: 'webrtc' })
      const [a, b] = MemoryLane.pair({ kind: 'socket' })
      const lanes = { webrtc: ends.phone.lane, socket: a }
      ends.phone.join(a)
      ends.desktop.join(b)
      const source = new MemorySource('a', bytesOf(size))
      const id = ends.phone.session.send(source)
      await step(() => (ends.desktop.sinks[0]?.order.length ?? 0) >= 2, 5_000)
      const before = ends.desktop.sinks[0]!.order.length
      expect(before).toBeLessThan(8)
      lanes[kind].fallSilent()
      const took = await step(() => ends.desktop.told.ended.length > 0, 20_000)
      expect(took).toBeLessThan(8_000)
      await step(() => ends.phone.told.ended.length > 0, 1_000)
      expect(ends.phone.told.last(id)).toMatchObject({ state: 'done', proof: 'verified' })
      expect(ends.desktop.sinks[0]?.sha256).toBe(hexHash(source.bytes))
      expect(ends.desktop.sinks[0]!.order).toHaveLength(10)
      for (const end of [ends.phone, ends.desktop]) end.session.end('cancelled')
      await vi.advanceTimersByTimeAsync(100)
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  test('G101: the only lane falls silent: both sides say so, and nothing has ended', async () => {
    const { phone, desktop } = connect()
    const id = phone.session.send(new MemorySource('a', bytesOf(size)))
    await step(() => (desktop.sinks[0]?.order.length ?? 0) >= 2, 5_000)
    phone.lane.fallSilent()
    await step(() => [phone, desktop].every((end) => end.told.last(id)?.paused === 'away'), 8_000)
    for (const end of [phone, desktop]) expect(end.told.last(id)).toMatchObject({ state: 'moving', paused: 'away' })
    await vi.advanceTimersByTimeAsync(86_400_000)
    const [a, b] = MemoryLane.pair()
    phone.join(a)
    desktop.join(b)
    await step(() => phone.told.ended.length > 0, 5_000)
    expect(phone.told.last(id)).toMatchObject({ state: 'done' })
    expect(desktop.sinks).toHaveLength(1)
  })

  test('that has nothing to say for an hour keeps its lane', async () => {
    const { phone, desktop } = connect({ bare: true })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect([phone.lane.closed, desktop.lane.closed]).toEqual([false, false])
  })
})
