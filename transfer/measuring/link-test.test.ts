import { describe, expect, test, vi } from 'vitest'
import { encodeFrame, type Frame } from '#protocol/frames.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { FILLER_HEADER_BYTES, markFiller, readFiller } from '#protocol/measure.ts'
import { connect, until, type End } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySource } from '#transfer/testing/quick.ts'
import { MemoryLane } from '#transfer/testing/lanes.ts'
import { LinkTest, type TestStep } from './link-test.ts'
import { MeasureAnswers } from './measure-answers.ts'

const MS = 60

/** The two ends of a session that measure, with a lane between them. */
function ends(): { phone: End; desktop: End; tester: LinkTest; steps: TestStep[] } {
  let tester: LinkTest | undefined
  const { phone, desktop } = connect(
    { bare: true },
    { ports: { newMeasuring: (say) => new MeasureAnswers(say) } },
    { ports: { newMeasuring: (say) => (tester = new LinkTest(say)) } },
  )
  return { phone, desktop, tester: tester!, steps: [] }
}

const filler = (k: number, bytes: number, isLast = false): Uint8Array => {
  const message = new Uint8Array(FILLER_HEADER_BYTES + bytes)
  markFiller(message, { k, isLast })
  return message
}

test('a phone says nothing at all: the test ends, and says that nothing came', async () => {
  vi.useFakeTimers()
  try {
    const tester = new LinkTest(() => undefined)
    const lane = {
      kind: 'socket',
      maxMessage: 65_536,
      send: () => undefined,
      ready: () => Promise.resolve(),
    } as const
    const running = tester.run([{ ...lane, listen: () => undefined, close: () => undefined }], {
      onStep: () => undefined,
    })
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await running).toEqual([{ lane: 'socket', out: 0, in: 0, roundTrip: null, loaded: null }])
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('each lane is measured both ways, one after the other, and no file or text is disturbed', async () => {
  const { phone, desktop, tester, steps } = ends()
  const [a, b] = MemoryLane.pair({ kind: 'socket', bare: true })
  phone.join(a)
  desktop.join(b)
  const figures = await tester.run(desktop.session.lanesToMeasure, { ms: MS, onStep: (step) => steps.push(step) })
  expect(figures?.map(({ lane }) => lane)).toEqual(['webrtc', 'socket'])
  for (const one of figures ?? []) {
    expect(one.out).toBeGreaterThan(1_000_000)
    expect(one.in).toBeGreaterThan(1_000_000)
    expect(one.roundTrip).not.toBeNull()
  }
  expect(steps.map(({ lane, what }) => `${lane} ${what}`)).toEqual(
    ['webrtc', 'socket'].flatMap((lane) => ['round-trip', 'out', 'in'].map((what) => `${lane} ${what}`)),
  )
  expect(tester.isRunning).toBe(false)
  const id = phone.session.send(new MemorySource('after', bytesOf(2 * BLOCK_BYTES)))
  expect(await phone.told.end(id)).toMatchObject({ state: 'done' })
  expect([...phone.broken, ...desktop.broken]).toEqual([])
})

describe('it gives way at once', () => {
  test.each(['phone', 'desktop'] as const)('to a file of the %s', async (side) => {
    const both = ends()
    const running = both.tester.run(both.desktop.session.lanesToMeasure, { ms: 60_000, onStep: (step) => both.steps.push(step) }) // prettier-ignore
    await until('it fills', () => both.steps.some(({ what }) => what === 'out'))
    const id = both[side].session.send(new MemorySource('now', bytesOf(3 * BLOCK_BYTES)))
    expect(await running).toBeNull()
    expect(await both[side].told.end(id)).toMatchObject({ state: 'done' })
    expect(both.tester.isRunning).toBe(false)
    expect([...both.phone.broken, ...both.desktop.broken]).toEqual([])
  })

  test('while the phone fills: it stops, and what still comes is dropped', async () => {
    const both = ends()
    const running = both.tester.run(both.desktop.session.lanesToMeasure, { ms: 5_000, onStep: ({ what }) => {
      if (what === 'in') setTimeout(() => both.desktop.session.send(new MemorySource('now', bytesOf(10))), 20)
    } }) // prettier-ignore
    // Of the way out only what is told counts; make it short.
    expect(await running).toBeNull()
    await both.desktop.told.endOf('now')
    expect(both.desktop.broken).toEqual([])
  }, 20_000)

  test('to the end of a lane, and of the session', async () => {
    const one = ends()
    const first = one.tester.run(one.desktop.session.lanesToMeasure, { ms: 60_000, onStep: (s) => one.steps.push(s) })
    await until('it fills', () => one.steps.some(({ what }) => what === 'out'))
    one.desktop.lane.close()
    expect(await first).toBeNull()
    const two = ends()
    const second = two.tester.run(two.desktop.session.lanesToMeasure, { ms: 60_000, onStep: () => undefined })
    two.desktop.session.end('cancelled')
    expect(await second).toBeNull()
  })
})

test('one test at a time', async () => {
  const { desktop, tester } = ends()
  const first = tester.run(desktop.session.lanesToMeasure, { ms: MS, onStep: () => undefined })
  expect(await tester.run(desktop.session.lanesToMeasure, { ms: MS, onStep: () => undefined })).toBeNull()
  expect(await first).toHaveLength(1)
})

describe('a phone that does not keep to it', () => {
  const inject = ({ desktop }: { desktop: End }, data: Frame | Uint8Array): void => {
    desktop.lane.inject(data instanceof Uint8Array ? data : encodeFrame(data))
  }
  test('can make the computer send nothing', () => {
    for (const frame of [
      { t: 'measure', k: 1, ms: 3_000 },
      { t: 'probe', k: 1 },
    ] as const) {
      const both = ends()
      inject(both, frame)
      expect(both.desktop.broken).toEqual(['malformed'])
    }
  })

  test('tells of more than was sent: it is believed no more than that', async () => {
    const both = ends()
    const running = both.tester.run(both.desktop.session.lanesToMeasure, { ms: MS, onStep: ({ what }) => {
      if (what === 'out') setTimeout(() => {
        for (let k = 0; k < 40; k++) inject(both, { t: 'measured', k, bytes: Number.MAX_SAFE_INTEGER })
      }, 5)
    } }) // prettier-ignore
    const [figures] = (await running) ?? []
    expect(figures?.out).toBeLessThan(1e12)
    expect(both.desktop.broken).toEqual([])
  })

  test('sends filler that nobody asked for, or goes on after its end', async () => {
    const unasked = ends()
    inject(unasked, filler(1, 10))
    expect(unasked.desktop.broken).toEqual(['malformed'])
    const both = ends()
    await both.tester.run(both.desktop.session.lanesToMeasure, { ms: 10, onStep: () => undefined })
    const late = filler(1, 262_000)
    for (let i = 0; i < 60; i++) inject(both, late)
    expect(both.desktop.broken).toEqual([])
    for (let i = 0; i < 10; i++) inject(both, late)
    expect(both.desktop.broken).toEqual(['overrun'])
  })
})

test('an end that does not measure takes filler and its frames for what they are to it: unknown', () => {
  for (const data of [filler(1, 10), encodeFrame({ t: 'probe', k: 1 })]) {
    const { desktop } = connect()
    desktop.lane.inject(data)
    expect(desktop.broken).toEqual(['malformed'])
  }
})

test('the header of filler is read as it was written', () => {
  for (const k of [0, 1, 0xffff_ffff])
    for (const isLast of [true, false]) expect(readFiller(filler(k, 3, isLast))).toEqual({ k, isLast })
})
