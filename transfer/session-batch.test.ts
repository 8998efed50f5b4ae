import { describe, expect, test } from 'vitest'
import { decodePart } from '#protocol/blocks.ts'
import { decodeFrame, type Frame } from '#protocol/frames.ts'
import { BLOCK_BYTES, OFFERS_MAX } from '#protocol/limits.ts'
import type { Sink } from './sink.ts'
import type { Source } from './source.ts'
import { connect, until, type End, type EndOptions } from './testing/ends.ts'
import { bytesOf, hexHash, MemorySource } from './testing/quick.ts'
import { MemoryLane, nextTask } from './testing/lanes.ts'

/** Many files: a folder or a crowd, one after the other and all in hand. */

const BATCH = { id: 'b'.repeat(32), name: 'holiday', files: 5, bytes: 50 }

/** Files that are made when they are asked for; says how many were. */
class Maker implements AsyncIterator<Source> {
  made = 0
  returned = 0
  readonly sources: MemorySource[] = []
  readonly #count: number
  readonly #size: (i: number) => number

  constructor(count: number, size: (i: number) => number = () => 10) {
    this.#count = count
    this.#size = size
  }

  async next(): Promise<IteratorResult<Source>> {
    await Promise.resolve()
    if (this.made === this.#count) return { done: true, value: undefined }
    const i = this.made++
    const source = new MemorySource(`${i}`, bytesOf(this.#size(i), i))
    this.sources.push(source)
    return { done: false, value: source }
  }

  return(): Promise<IteratorResult<Source>> {
    this.returned++
    return Promise.resolve({ done: true, value: undefined })
  }
}

const framesOf = (lane: MemoryLane, t: Frame['t']): Frame[] =>
  lane.sent.flatMap((f) => (typeof f === 'string' ? [decodeFrame(f)] : [])).filter((f) => f.t === t)

/** The files of which parts were sent, in order. */
const partsOf = (lane: MemoryLane): number[] =>
  lane.sent.flatMap((f) => (typeof f === 'string' ? [] : [decodePart(f).n]))

/** A sink that takes all and keeps nothing. */
const hole = (name: string): Sink => ({
  name,
  have: [],
  write: () => Promise.resolve(),
  keep: () => undefined,
  finish: () => Promise.resolve({ name }),
  suspend: () => Promise.resolve(),
  discard: () => Promise.resolve(),
})

describe('a batch', () => {
  test('is told once, before its files, which carry its name', async () => {
    const { phone, desktop } = connect({})
    const files = new Maker(5)
    phone.session.sendBatch(BATCH, files)
    await until('all there', () => desktop.told.ended.length === 5 && phone.told.ended.length === 5)
    expect(desktop.batches).toEqual([{ t: 'batch', ...BATCH }])
    for (const view of [...phone.told.ended, ...desktop.told.ended])
      expect(view).toMatchObject({ state: 'done', batch: BATCH.id })
    expect(desktop.sinks.map((sink) => sink.sha256)).toEqual(files.sources.map(({ bytes }) => hexHash(bytes)))
    expect(framesOf(phone.lane, 'batch')).toHaveLength(1)
    // It is over: a lane that breaks now has nothing to say of it.
    phone.lane.close()
    await until('closed', () => desktop.lane.closed)
    const [a, b] = MemoryLane.pair()
    phone.join(a)
    desktop.join(b)
    await until('hello', () => phone.peers.length === 2)
    expect(framesOf(a, 'batch')).toEqual([])
  })

  const soak = process.env['LANYARD_SOAK'] !== undefined
  const [count, timeout] = soak ? [100_000, 300_000] : [2_000, 30_000]
  test(`E84: of ${count} files: never more than 256 in hand, and all arrive`, { timeout }, async () => {
    const files = new Maker(count)
    let ahead = 0
    const immediately = () => new Promise<void>((resolve) => void setImmediate(resolve))
    const { phone, desktop } = connect(
      { bare: true, pace: immediately },
      {},
      { openSink: (offer) => Promise.resolve(hole(offer.name)) },
    )
    let done = 0
    for (const end of [phone, desktop])
      end.told.put = (view) => {
        if (view.state === 'done') done++
        ahead = Math.max(ahead, files.made - Math.floor(done / 2))
      }
    phone.session.sendBatch({ ...BATCH, files: count }, files)
    await until('all there', () => done === 2 * count, timeout)
    expect(ahead).toBeLessThanOrEqual(2 * OFFERS_MAX)
    expect(files.sources.every(({ opened, closed }) => opened === 1 && closed === 1)).toBe(true)
  })

  test('two go one after the other, and files that are sent alone are not kept waiting for ever', async () => {
    const { phone, desktop } = connect({})
    const [one, two] = [new Maker(300), new Maker(20)]
    phone.session.sendBatch({ ...BATCH, id: '1'.repeat(32) }, one)
    phone.session.sendBatch({ ...BATCH, id: '2'.repeat(32) }, two)
    const alone = phone.session.send(new MemorySource('alone', bytesOf(3)))
    expect((await desktop.told.end(alone)).state).toBe('done')
    await until('all', () => desktop.told.ended.length === 321)
    expect(desktop.batches.map(({ id }) => id[0])).toEqual(['1', '2'])
  })

  test('whose list breaks off ends there, with what it had', async () => {
    const { phone, desktop } = connect({})
    const files = new Maker(5)
    const next = files.next.bind(files)
    files.next = () => (files.made === 3 ? Promise.reject(new Error('gone')) : next())
    phone.session.sendBatch(BATCH, files)
    await until('three', () => desktop.told.ended.length === 3 && phone.told.ended.length === 3)
    expect((await desktop.told.end(phone.session.send(new MemorySource('after', bytesOf(1))))).state).toBe('done')
  })

  test.each(['before there is a lane', 'in the middle'] as const)(
    'cancelled %s: the rest is never made',
    async (when) => {
      const { phone, desktop } = connect({})
      if (when === 'before there is a lane') {
        phone.lane.close()
        await until('closed', () => desktop.lane.closed)
      }
      const files = new Maker(10_000, () => 100_000)
      phone.session.sendBatch({ ...BATCH, files: 10_000 }, files)
      if (when === 'in the middle') await until('some', () => desktop.told.ended.length >= 20)
      phone.session.cancelBatch(BATCH.id)
      expect(files.returned).toBe(1)
      const made = files.made
      if (when === 'before there is a lane') {
        const [a, b] = MemoryLane.pair()
        phone.join(a)
        desktop.join(b)
        await until('hello', () => phone.peers.length > 0)
        expect(framesOf(a, 'batch')).toEqual([])
      }
      await until('quiet', () => phone.told.moving.length + desktop.told.moving.length === 0)
      await until('closed', () => files.sources.every(({ opened, closed }) => opened === closed))
      expect(files.made).toBeLessThanOrEqual(made + 1)
      expect(desktop.sinks.every(({ state }) => state === 'finished' || state === 'discarded')).toBe(true)
      const next = phone.session.send(new MemorySource('after', bytesOf(1)))
      expect((await desktop.told.end(next)).state).toBe('done')
      expect([phone.told.afterEnd, desktop.told.afterEnd]).toEqual([[], []])
    },
  )

  test('cancelled by the receiver: what it has been offered ends', async () => {
    const { phone, desktop } = connect({})
    phone.session.sendBatch({ ...BATCH, files: 100 }, new Maker(100, () => 200_000))
    await until('some', () => desktop.told.ended.length >= 5)
    desktop.session.cancelBatch(BATCH.id)
    await until('quiet', () => phone.told.moving.length + desktop.told.moving.length === 0)
    expect(phone.told.ended.filter(({ state }) => state === 'cancelled').length).toBeGreaterThan(0)
    expect([phone.told.afterEnd, desktop.told.afterEnd]).toEqual([[], []])
  })

  test('whose lane breaks in the middle is told once more and goes on, each file once', async () => {
    const { phone, desktop } = connect({})
    const files = new Maker(200, (i) => i * 100)
    phone.session.sendBatch({ ...BATCH, files: 200 }, files)
    await until('some', () => desktop.told.ended.length >= 30)
    desktop.lane.close()
    await until('closed', () => phone.lane.closed)
    const [a, b] = MemoryLane.pair()
    phone.join(a)
    desktop.join(b)
    await until('all', () => desktop.told.ended.length === 200 && phone.told.ended.length === 200)
    expect(desktop.batches).toHaveLength(2)
    expect(desktop.sinks).toHaveLength(200)
    expect(desktop.sinks.every(({ state }) => state === 'finished')).toBe(true)
    expect(new Set(desktop.sinks.map(({ name }) => name)).size).toBe(200)
  })

  test('after the end of the session is not even asked for', () => {
    const { phone } = connect({})
    phone.session.end('cancelled')
    const files = new Maker(5)
    phone.session.sendBatch(BATCH, files)
    expect([files.made, files.returned]).toEqual([0, 1])
  })
})

describe('in hand', () => {
  test('first: a waiting file goes before all others that have not begun', async () => {
    // Each file is held up by its disk for a while, so that most of them wait.
    let go = (): void => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    const { phone, desktop } = connect({}, {}, { beforeWrite: () => gate })
    const size = 9 * BLOCK_BYTES
    const ids = Array.from({ length: 12 }, (_, i) => phone.session.send(new MemorySource(`${i}`, bytesOf(size, i))))
    const begun = () => [...new Set(partsOf(phone.lane))]
    await until('three have begun', () => begun().length === 3)
    for (let i = 0; i < 20; i++) await nextTask()
    phone.session.first(ids[9]!)
    phone.session.first('unknown')
    go()
    await until('the next', () => begun().length > 3)
    expect(begun().slice(0, 4)).toEqual([1, 3, 5, 19])
    phone.session.end('cancelled')
    desktop.session.end('cancelled')
  })

  test.each(['phone', 'desktop'] as const)(
    'pause: held up by the %s, shown on both sides, until it lets go',
    async (side) => {
      const ends = connect({})
      const { phone, desktop } = ends
      const other = side === 'phone' ? desktop : phone
      const source = new MemorySource('a', bytesOf(14 * BLOCK_BYTES))
      const id = phone.session.send(source)
      await until('some', () => (desktop.sinks[0]?.order.length ?? 0) >= 2)
      ends[side].session.pause(id, true)
      await until('shown', () => ends[side].told.last(id)?.paused === 'here' && other.told.last(id)?.paused === 'there')
      for (let i = 0; i < 100; i++) await nextTask()
      const before = desktop.sinks[0]!.order.length
      for (let i = 0; i < 50; i++) await nextTask()
      expect(desktop.sinks[0]!.order.length).toBe(before)
      expect(before).toBeLessThan(14)
      // Another one goes meanwhile.
      const next = phone.session.send(new MemorySource('next', bytesOf(3)))
      expect((await desktop.told.end(next)).state).toBe('done')
      ends[side].session.pause(id, false)
      for (const end of [phone, desktop]) expect((await end.told.end(id)).state).toBe('done')
      expect(desktop.sinks[0]?.sha256).toBe(hexHash(source.bytes))
    },
  )

  test.each(['phone', 'desktop'] as const)(
    'pause by the %s outlasts the lane, and is let go of while it is away',
    async (side) => {
      for (const letGo of [false, true]) {
        const ends = connect({})
        const { phone, desktop } = ends
        const id = phone.session.send(new MemorySource('a', bytesOf(20 * BLOCK_BYTES)))
        await until('some', () => (desktop.sinks[0]?.order.length ?? 0) >= 2)
        ends[side].session.pause(id, true)
        for (let i = 0; i < 60; i++) await nextTask()
        phone.lane.close()
        await until('closed', () => desktop.lane.closed)
        if (letGo) ends[side].session.pause(id, false)
        const [a, b] = MemoryLane.pair()
        phone.join(a)
        desktop.join(b)
        if (!letGo) {
          for (let i = 0; i < 60; i++) await nextTask()
          const other = side === 'phone' ? desktop : phone
          expect([ends[side].told.last(id)?.paused, other.told.last(id)?.paused]).toEqual(['here', 'there'])
          ends[side].session.pause(id, false)
        }
        for (const end of [phone, desktop]) expect((await end.told.end(id)).state).toBe('done')
      }
    },
  )

  test.each(['queued', 'waiting'] as const)(
    'pause of one that is %s holds it back, and cancel ends it',
    async (phase) => {
      let answer = (_yes: boolean): void => undefined
      const mayTake = () => new Promise<boolean>((resolve) => (answer = resolve))
      const { phone, desktop } = connect({}, {}, phase === 'waiting' ? { mayTake } : {})
      if (phase === 'queued') {
        phone.lane.close()
        await until('closed', () => desktop.lane.closed)
      }
      const ids = [1, 2].map((i) => phone.session.send(new MemorySource(`${i}`, bytesOf(10, i))))
      if (phase === 'waiting') await until('asked', () => desktop.told.all.length >= 2)
      for (const id of ids) phone.session.pause(id, true)
      if (phase === 'queued') {
        const [a, b] = MemoryLane.pair()
        phone.join(a)
        desktop.join(b)
      } else answer(true)
      await until('shown', () => ids.some((id) => desktop.told.last(id)?.paused === 'there'))
      for (let i = 0; i < 20; i++) await nextTask()
      expect(desktop.sinks.flatMap(({ order }) => order)).toEqual([])
      phone.session.cancel(ids[0]!)
      expect((await desktop.told.end(ids[0]!)).state).toBe('cancelled')
      phone.session.pause(ids[1]!, false)
      if (phase === 'waiting') answer(true)
      expect((await desktop.told.end(ids[1]!)).state).toBe('done')
    },
  )
})

describe('H111: 8 phones with 4 transfers each', () => {
  test('all arrive, none of them waits for another phone, and little is held', async () => {
    const held = { now: 0, worst: 0 }
    /** A disk that takes a while. */
    const beforeWrite: EndOptions['beforeWrite'] = async (bytes) => {
      held.worst = Math.max(held.worst, (held.now += bytes))
      for (let i = 0; i < 3; i++) await nextTask()
      held.now -= bytes
    }
    const size = 3 * BLOCK_BYTES + 5
    const pairs = Array.from({ length: 8 }, () => connect({ bare: true }, {}, { beforeWrite }))
    const done: number[] = []
    const all: (readonly [from: End, to: End, id: string])[] = []
    for (const [i, { phone, desktop }] of pairs.entries()) {
      desktop.told.onPut = ({ state }) => {
        if (state === 'done') done.push(i)
      }
      for (let k = 0; k < 4; k++) {
        const [from, to] = k === 3 ? [desktop, phone] : [phone, desktop]
        all.push([from, to, from.session.send(new MemorySource(`${i}-${k}`, bytesOf(size, i * 4 + k)))])
      }
    }
    for (const [from, to, id] of all) {
      expect((await to.told.end(id)).state).toBe('done')
      expect((await from.told.end(id)).state).toBe('done')
    }
    // Each phone has something before any has all.
    expect(new Set(done.slice(0, 24)).size).toBe(8)
    // One write at a time of each file that has the lane.
    expect(held.worst).toBeLessThanOrEqual(8 * 4 * BLOCK_BYTES)
    for (const { phone, desktop } of pairs)
      for (const sink of [...phone.sinks, ...desktop.sinks]) expect(sink.state).toBe('finished')
  })
})
