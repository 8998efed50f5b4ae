import { deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MEASURE_FLIGHT_BYTES_MAX } from '#protocol/limits.ts'
import { isFiller, readFiller } from '#protocol/measure.ts'
import { FillerStream } from './filler-stream.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const EVERY_MS = 5

/** A stream over a lane that carries so many bytes a millisecond, and tells of them each few milliseconds. */
function over(bytesPerMs: number, maxMessage = 65_536) {
  const seen = { underWay: 0, most: 0, sent: 0, arrived: 0, last: 0, messages: new Set<number>() }
  const stream = new FillerStream(
    {
      kind: 'webrtc',
      maxMessage,
      send: (data) => {
        if (typeof data === 'string' || !isFiller(data)) throw new Error('not filler')
        if (readFiller(data).isLast) seen.last++
        seen.messages.add(data.length)
        seen.sent += data.length
        seen.underWay += data.length
        seen.most = Math.max(seen.most, seen.underWay)
      },
      ready: () => Promise.resolve(),
      listen: () => undefined,
      close: () => undefined,
    },
    7,
  )
  const wire = setInterval(() => {
    const came = Math.min(seen.underWay, bytesPerMs * EVERY_MS)
    seen.underWay -= came
    seen.arrived += came
    stream.arrived(seen.arrived)
  }, EVERY_MS)
  return { stream, seen, cut: () => { clearInterval(wire) } } // prettier-ignore
}

test.each([
  [100, 270_000],
  [5_000, 1_500_000],
  [100_000, MEASURE_FLIGHT_BYTES_MAX],
])(
  'a lane of %i bytes a millisecond: that is the figure, and no more waits on the way than a moment of it',
  async (pace, most) => {
    const { stream, seen, cut } = over(pace)
    const running = stream.run(3_000)
    await vi.advanceTimersByTimeAsync(6_000)
    await running
    cut()
    expect(stream.rate / 1_000).toBeGreaterThan(pace * 0.9)
    expect(stream.rate / 1_000).toBeLessThan(pace * 1.1)
    expect(seen.most).toBeLessThanOrEqual(most)
    expect(seen.last).toBe(1)
    expect(seen.arrived).toBe(seen.sent)
    expect(Math.max(...seen.messages)).toBeLessThanOrEqual(65_536)
  },
)

test('one that is stopped sends nothing more, and is over at once', async () => {
  const { stream, seen, cut } = over(1_000)
  const running = stream.run(60_000)
  await vi.advanceTimersByTimeAsync(100)
  stream.stop()
  await running
  const { sent } = seen
  await vi.advanceTimersByTimeAsync(1_000)
  cut()
  expect(seen.sent).toBe(sent)
  expect(seen.last).toBe(0)
})

test('nothing arrives: it ends by itself, with little sent, and the figure is none', async () => {
  const { stream, seen, cut } = over(0)
  const running = stream.run(3_000)
  await vi.advanceTimersByTimeAsync(7_000)
  await running
  cut()
  expect(stream.rate).toBe(0)
  expect(seen.sent).toBeLessThanOrEqual(270_000)
})

test('a network that packs what it carries gains nothing', async () => {
  const { stream, cut } = over(1_000)
  const sent: Uint8Array[] = []
  Object.assign(stream.lane, { send: (data: Uint8Array) => sent.push(data.slice()) })
  const running = stream.run(10)
  await vi.advanceTimersByTimeAsync(4_000)
  await running
  cut()
  expect(deflateRawSync(sent[0] ?? '').length).toBeGreaterThan(65_000)
})
