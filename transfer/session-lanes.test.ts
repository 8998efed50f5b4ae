import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFrame } from '#protocol/frames.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { connect, until, type End } from './testing/ends.ts'
import { bytesOf, hexHash, MemorySource } from './testing/quick.ts'
import { MemoryLane, nextTask, type LaneOptions } from './testing/lanes.ts'

/** Lanes that break, at one end before the other, while files go both ways. */

interface Ends {
  readonly phone: End
  readonly desktop: End
}

async function tasks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextTask()
}

/** Another lane; one end may have it before the other. */
async function join({ phone, desktop }: Ends, options: LaneOptions, first: 'phone' | 'desktop' = 'phone', gap = 0) {
  const [a, b] = MemoryLane.pair(options)
  if (first === 'phone') phone.join(a)
  else desktop.join(b)
  await tasks(gap)
  if (first === 'phone') desktop.join(b)
  else phone.join(a)
  return { phone: a, desktop: b }
}

/** Every file is there, whole, and every block of it was written once. */
async function allArrived(ends: Ends, sent: readonly (readonly [from: End, source: MemorySource, id: string])[]) {
  for (const [from, source, id] of sent) {
    const to = from === ends.phone ? ends.desktop : ends.phone
    expect(await to.told.end(id)).toMatchObject({ state: 'done', proof: 'verified' })
    expect(await from.told.end(id)).toMatchObject({ state: 'done', proof: 'verified' })
    const sinks = to.sinks.filter(({ name }) => name === source.name)
    expect(sinks.map(({ state }) => state)).toEqual(['finished'])
    expect(sinks[0]?.sha256).toBe(hexHash(source.bytes))
    expect([...sinks[0]!.order].sort((a, b) => a - b)).toEqual(sinks[0]!.order.map((_, i) => i))
    await until('closed', () => source.opened === source.closed)
  }
  for (const end of [ends.phone, ends.desktop]) {
    expect(end.told.afterEnd).toEqual([])
    expect(end.told.moving).toEqual([])
    expect(end.broken).toEqual([])
  }
}

describe('one lane', () => {
  test.each(['phone', 'desktop'] as const)(
    'G101: it is lost, noticed by the %s first, and comes back: what is there stays, all else follows',
    async (side) => {
      const ends = connect({ lingers: 30 })
      const { phone, desktop } = ends
      const source = new MemorySource('a', bytesOf(12 * BLOCK_BYTES))
      const id = phone.session.send(source)
      await until('some of it', () => (desktop.sinks[0]?.order.length ?? 0) >= 3)
      ends[side].lane.close()
      await until('away', () => [phone, desktop].every((end) => end.told.last(id)?.paused === 'away'))
      await tasks(20)
      const before = desktop.sinks[0]!.order.length
      const lane = await join(ends, {})
      await allArrived(ends, [[phone, source, id]])
      const again = lane.phone.sent.filter((f) => typeof f !== 'string').length
      expect(again).toBeLessThanOrEqual((12 - before) * 5)
    },
  )

  test('cancelled here while it is away: the other side learns it when it is back', async () => {
    for (const side of ['phone', 'desktop'] as const) {
      const ends = connect({})
      const { phone, desktop } = ends
      const id = phone.session.send(new MemorySource('a', bytesOf(12 * BLOCK_BYTES)))
      await until('some of it', () => (desktop.sinks[0]?.order.length ?? 0) >= 3)
      phone.lane.close()
      await until('closed', () => desktop.lane.closed)
      ends[side].session.cancel(id)
      await join(ends, {})
      for (const end of [phone, desktop]) expect((await end.told.end(id)).state).toBe('cancelled')
      await until('discarded', () => desktop.sinks[0]?.state === 'discarded')
      expect([phone.told.afterEnd, desktop.told.afterEnd]).toEqual([[], []])
    }
  })

  test('256 are cancelled while it is away, and as many others offered', async () => {
    const ends = connect({}, {}, { openSink: () => new Promise(() => undefined) })
    const { phone, desktop } = ends
    const send = () => Array.from({ length: 256 }, (_, i) => phone.session.send(new MemorySource(`${i}`, bytesOf(1))))
    const ids = send()
    await until('all offered', () => desktop.told.moving.length === 256)
    phone.lane.close()
    await until('closed', () => desktop.lane.closed)
    for (const id of ids) phone.session.cancel(id)
    const more = send()
    await join(ends, {})
    await until('all offered', () => more.every((id) => desktop.told.last(id) !== undefined))
    expect(desktop.broken).toEqual([])
  })
})

describe('two lanes', () => {
  async function twoLanes(options: LaneOptions = {}) {
    const ends = connect({ ...options, kind: 'webrtc' })
    const first = { phone: ends.phone.lane, desktop: ends.desktop.lane }
    const second = await join(ends, { ...options, kind: 'socket' })
    return { ends, first, second }
  }

  test.each([
    ['first', 'phone'],
    ['first', 'desktop'],
    ['second', 'phone'],
    ['second', 'desktop'],
  ] as const)('the %s is lost, noticed by the %s first: it goes on over the other at once', async (which, side) => {
    const { ends, ...lanes } = await twoLanes({ lingers: 40 })
    const up = new MemorySource('up', bytesOf(12 * BLOCK_BYTES, 1))
    const down = new MemorySource('down', bytesOf(12 * BLOCK_BYTES, 2))
    const sent = [
      [ends.phone, up, ends.phone.session.send(up)],
      [ends.desktop, down, ends.desktop.session.send(down)],
    ] as const
    const begun = (end: End) => (end.sinks[0]?.order.length ?? 0) >= 2
    await until('both begun', () => begun(ends.phone) && begun(ends.desktop))
    lanes[which][side].close()
    await allArrived(ends, sent)
    expect(ends.phone.session.lanes).toEqual([which === 'first' ? 'socket' : 'webrtc'])
  })

  test.each([
    ['first', 'second'],
    ['second', 'first'],
  ] as const)('the %s dies and then the %s: it waits, and goes on over a third', async (one, other) => {
    const { ends, ...lanes } = await twoLanes({ lingers: 5 })
    const source = new MemorySource('a', bytesOf(12 * BLOCK_BYTES))
    const id = ends.phone.session.send(source)
    await until('begun', () => (ends.desktop.sinks[0]?.order.length ?? 0) >= 2)
    lanes[one].phone.close()
    await tasks(3)
    lanes[other].desktop.close()
    await until('away', () => [ends.phone, ends.desktop].every((end) => end.told.last(id)?.paused === 'away'))
    await join(ends, {})
    await allArrived(ends, [[ends.phone, source, id]])
  })

  test('each end had another one first: the loss of either is survived', async () => {
    for (const which of ['webrtc', 'socket'] as const) {
      const [a1, b1] = MemoryLane.pair({ kind: 'webrtc', lingers: 20 })
      const [a2, b2] = MemoryLane.pair({ kind: 'socket', lingers: 20 })
      const ends = connect({})
      const old = ends.phone.lane
      ends.phone.join(a1)
      ends.desktop.join(b2)
      await tasks(5)
      ends.phone.join(a2)
      ends.desktop.join(b1)
      old.close()
      const up = new MemorySource('up', bytesOf(10 * BLOCK_BYTES, 1))
      const down = new MemorySource('down', bytesOf(10 * BLOCK_BYTES, 2))
      const sent = [
        [ends.phone, up, ends.phone.session.send(up)],
        [ends.desktop, down, ends.desktop.session.send(down)],
      ] as const
      await until('begun', () => (ends.desktop.sinks[0]?.order.length ?? 0) >= 2)
      ;(which === 'webrtc' ? a1 : a2).close()
      await allArrived(ends, sent)
    }
  })
})

describe('two lanes of which one is slow, or stands still', () => {
  const bytesOver = (lane: MemoryLane): number =>
    lane.sent.reduce((sum, frame) => sum + (typeof frame === 'string' ? 0 : frame.length), 0)
  const pace = (ms: number) => () =>
    new Promise<void>((resolve) => {
      setTimeout(resolve, ms)
    })

  test.each(['phone', 'desktop'] as const)(
    'what the %s sends goes over the faster, and each takes what it can',
    async (side) => {
      const ends = connect({ kind: 'webrtc', pace: pace(25) })
      const slow = ends[side].lane
      const fast = (await join(ends, { kind: 'socket', pace: pace(1) }))[side]
      const source = new MemorySource('a', bytesOf(40 * BLOCK_BYTES))
      const id = ends[side].session.send(source)
      await allArrived(ends, [[ends[side], source, id]])
      expect(bytesOver(slow)).toBeLessThan(8 * BLOCK_BYTES)
      expect(bytesOver(fast)).toBeGreaterThan(32 * BLOCK_BYTES)
    },
  )

  test.each(['first', 'second'] as const)(
    'the %s stands still with blocks on their way: they go over the other, before anybody has given it up',
    async (which) => {
      const ends = connect({ kind: 'webrtc', pace: pace(2) })
      const first = ends.phone.lane
      const second = (await join(ends, { kind: 'socket', pace: pace(2) })).phone
      const source = new MemorySource('a', bytesOf(24 * BLOCK_BYTES))
      const id = ends.phone.session.send(source)
      await until('some of it', () => (ends.desktop.sinks[0]?.order.length ?? 0) >= 6)
      const stops = which === 'first' ? first : second
      stops.holdBytes()
      await allArrived(ends, [[ends.phone, source, id]])
      expect(stops.closed).toBe(false)
    },
  )
})

describe('lanes that die at random, come back, and die again', () => {
  const cut = fc.record({
    after: fc.nat(60),
    which: fc.nat(1),
    side: fc.constantFrom('phone' as const, 'desktop' as const),
    lingers: fc.nat(40),
    gap: fc.nat(15),
    first: fc.constantFrom('phone' as const, 'desktop' as const),
    between: fc.nat(8),
  })
  const scene = fc.record({
    lanes: fc.integer({ min: 1, max: 2 }),
    maxMessage: fc.constantFrom(65_536, 262_144, BLOCK_BYTES + 16),
    files: fc.array(fc.record({ up: fc.boolean(), size: fc.nat(4 * BLOCK_BYTES) }), { minLength: 1, maxLength: 7 }),
    cuts: fc.array(cut, { minLength: 1, maxLength: 6 }),
    slow: fc.nat(3),
  })

  test('every file arrives, identical, every block of it once, and nothing is left', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ lanes, maxMessage, files, cuts, slow }) => {
        const beforeWrite = () => tasks(slow)
        const ends = connect({ maxMessage, lingers: 10 }, { beforeWrite }, { beforeWrite })
        const open = [{ phone: ends.phone.lane, desktop: ends.desktop.lane }]
        if (lanes === 2) open.push(await join(ends, { maxMessage, kind: 'socket', lingers: 3 }))
        const sent = files.map(({ up, size }, i) => {
          const source = new MemorySource(`${i}`, bytesOf(size, i))
          const from = up ? ends.phone : ends.desktop
          return [from, source, from.session.send(source)] as const
        })
        const isOver = () => sent.every(([from, , id]) => from.told.last(id)?.state !== 'moving')
        for (const one of cuts) {
          const at = one.which % lanes
          const lane = open[at]!
          const from = lane.phone.delivered
          await until('the cut', () => isOver() || lane.phone.delivered >= from + one.after || lane.phone.closed)
          lane[one.side].close()
          await tasks(one.gap)
          const options: LaneOptions = { maxMessage, kind: at === 0 ? 'webrtc' : 'socket', lingers: one.lingers }
          open[at] = await join(ends, options, one.first, one.between)
        }
        await allArrived(ends, sent)
        for (const end of [ends.phone, ends.desktop]) end.session.end('cancelled')
        expect(ends.phone.told.afterEnd).toEqual([])
      }),
      { numRuns: 25 },
    )
  })
})

test('the words that say what is missing are few: no storm of offers', async () => {
  const ends = connect({})
  const ids = Array.from({ length: 40 }, (_, i) => ends.phone.session.send(new MemorySource(`${i}`, bytesOf(10))))
  ends.phone.lane.close()
  await until('closed', () => ends.desktop.lane.closed)
  const { phone } = await join(ends, {})
  for (const id of ids) expect((await ends.phone.told.end(id)).state).toBe('done')
  const offers = phone.sent.filter((f) => typeof f === 'string' && decodeFrame(f).t === 'offer')
  expect(offers.length).toBeLessThanOrEqual(3 * ids.length)
})
