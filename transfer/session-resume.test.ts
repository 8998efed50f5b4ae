import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodePart } from '#protocol/blocks.ts'
import { decodeFrame, type Frame } from '#protocol/frames.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { TransferError } from './errors.ts'
import type { Outcome } from './session-options.ts'
import { connect, End, freshId, until, type EndOptions } from './testing/ends.ts'
import { bytesOf, failingSource, hexHash, memoryHash, MemorySink, MemorySource } from './testing/quick.ts'
import { MemoryLane, nextTask, type FrameData } from './testing/lanes.ts'
import { rootOf } from './hashing.ts'

/** A file that goes on: after a restart of one side or of both, with the same file or with another one. */

const ID = 'd'.repeat(32)
const sameId: Partial<EndOptions> = { ports: { newId: () => ID } }

async function tasks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextTask()
}

const frames = (sent: readonly FrameData[]): Frame[] => sent.filter((f) => typeof f === 'string').map(decodeFrame)
const blocksIn = (sent: readonly FrameData[]): number[] => [
  ...new Set(sent.flatMap((f) => (typeof f === 'string' ? [] : [decodePart(f).block]))),
]

/** A sink in which these blocks of `bytes` are kept from an earlier try. */
async function earlierSink(name: string, bytes: Uint8Array<ArrayBuffer>, kept: readonly number[]) {
  const sink = new MemorySink(name)
  for (const i of kept) {
    const block = bytes.slice(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)
    await sink.write(i, block)
    sink.keep(i, hexHash(block))
  }
  await sink.suspend()
  return sink
}

/** Both sides begin anew; the desktop has these sinks of before. */
function restarted(earlier: readonly MemorySink[], desktop: Partial<EndOptions> = {}) {
  return connect({}, sameId, { earlier, ...desktop })
}

describe('the sender begins anew', () => {
  test('G103: a page that was loaded again offers the same file: it goes on from what is here', async () => {
    const ends = connect({}, sameId)
    const { desktop } = ends
    const source = new MemorySource('a', bytesOf(12 * BLOCK_BYTES))
    ends.phone.session.send(source)
    await until('some of it', () => desktop.sinks[0]?.kept.filter((hash) => hash !== undefined).length === 4)
    const [a, b] = MemoryLane.pair()
    const phone = new End(a, { ...sameId, parity: 1 })
    desktop.join(b)
    phone.session.send(source)
    expect(await desktop.told.end(ID)).toMatchObject({ state: 'done', proof: 'verified' })
    expect(await phone.told.end(ID)).toMatchObject({ state: 'done', proof: 'verified' })
    expect(desktop.sinks.map((sink) => sink.state)).toEqual(['suspended', 'finished'])
    expect(desktop.sinks[1]?.sha256).toBe(hexHash(source.bytes))
    expect(blocksIn(a.sent)).not.toContain(0)
    // What came over the lane of before is of no use any more, and the lane is closed.
    await until('closed', () => ends.phone.lane.closed)
  })

  test('G110: a page that was loaded again and offers nothing: it waits for a person there, and can be cancelled', async () => {
    const { phone: before, desktop } = connect({}, sameId)
    before.session.send(new MemorySource('a', bytesOf(12 * BLOCK_BYTES)))
    await until('some of it', () => (desktop.sinks[0]?.order.length ?? 0) >= 3)
    before.lane.close()
    await until('away', () => desktop.told.last(ID)?.paused === 'away')
    const [a, b] = MemoryLane.pair()
    const phone = new End(a, { ...sameId, parity: 1 })
    desktop.join(b)
    await until('waits for another', () => desktop.told.last(ID)?.paused === 'anew')
    expect(desktop.told.last(ID)).toMatchObject({ state: 'moving', phase: 'paused' })
    desktop.session.cancel(ID)
    expect((await desktop.told.end(ID)).state).toBe('cancelled')
    await until('thrown away', () => desktop.sinks.at(-1)?.state === 'discarded')
    expect(phone.broken).toEqual([])
  })

  test('it has two lanes: neither of the new ones is taken for one of before', async () => {
    const { desktop, phone: before } = connect({}, sameId)
    await until('hello', () => desktop.peers.length > 0)
    const [a1, b1] = MemoryLane.pair({ pace: () => tasks(8) })
    const [a2, b2] = MemoryLane.pair({ kind: 'socket' })
    const phone = new End(a1, { ...sameId, parity: 1 })
    phone.join(a2)
    // The greeting on the second is heard first.
    desktop.join(b1)
    desktop.join(b2)
    await tasks(30)
    expect([a1.closed, a2.closed, before.lane.closed]).toEqual([false, false, true])
    const source = new MemorySource('a', bytesOf(3 * BLOCK_BYTES))
    phone.session.send(source)
    expect((await desktop.told.end(ID)).state).toBe('done')
  })

  test('while the file is landing: it is there once, and the new sender is told', async () => {
    const { desktop, phone: before } = connect({}, sameId)
    const source = new MemorySource('a', bytesOf(3 * BLOCK_BYTES))
    before.session.send(source)
    await until('a sink', () => desktop.sinks.length > 0)
    const sink = desktop.sinks[0]!
    const finish = sink.finish.bind(sink)
    let go = (): void => undefined
    let landing = false
    sink.finish = async (root) => {
      landing = true
      await new Promise<void>((resolve) => (go = resolve))
      return finish(root)
    }
    await until('landing', () => landing)
    const [a, b] = MemoryLane.pair()
    const phone = new End(a, { ...sameId, parity: 1 })
    phone.session.send(source)
    desktop.join(b)
    await tasks(10)
    go()
    expect((await phone.told.end(ID)).state).toBe('done')
    expect(desktop.sinks).toHaveLength(1)
    expect(blocksIn(a.sent)).toEqual([])
  })

  test('while the partial of before is being opened: it stays', async () => {
    const bytes = bytesOf(3 * BLOCK_BYTES)
    const earlier = await earlierSink('a', bytes, [0, 1])
    let open = (): void => undefined
    const sinks: MemorySink[] = []
    const openSink = async () => {
      await new Promise<void>((resolve) => (open = resolve))
      sinks.push(new MemorySink('a', undefined, earlier))
      return sinks.at(-1)!
    }
    const { desktop, phone: before } = connect({}, sameId, { openSink })
    before.session.send(new MemorySource('a', bytes))
    await until('offered', () => desktop.told.last(ID) !== undefined)
    const [a, b] = MemoryLane.pair()
    const phone = new End(a, { ...sameId, parity: 1 })
    desktop.join(b)
    await tasks(5)
    open()
    await until('let go of', () => sinks[0]?.state === 'suspended')
    phone.session.send(new MemorySource('a', bytes))
    await tasks(10)
    open()
    expect((await desktop.told.end(ID)).state).toBe('done')
    expect(blocksIn(a.sent)).toEqual([2])
  })

  test('while what is here of it is being closed: the person who has taken it is not asked again', async () => {
    const gate = { open: (): void => undefined }
    const closing = new Promise<void>((resolve) => (gate.open = resolve))
    class Slow extends MemorySink {
      override async suspend(): Promise<void> {
        await closing
        await super.suspend()
      }
    }
    const sinks: Slow[] = []
    // As the desktop: what is kept is taken, once it is known to be kept.
    const asked: number[] = []
    const mayTake = () => {
      if (!sinks.some(({ state }) => state === 'suspended')) asked.push(sinks.length)
      return Promise.resolve(true)
    }
    const openSink = (offer: { readonly name: string }) => {
      const earlier = sinks.find(({ state }) => state === 'suspended') ?? null
      sinks.push(new Slow(offer.name, undefined, earlier))
      return Promise.resolve(sinks.at(-1)!)
    }
    const { phone: before, desktop } = connect({}, sameId, { mayTake, openSink })
    const source = new MemorySource('a', bytesOf(12 * BLOCK_BYTES))
    before.session.send(source)
    await until('some of it', () => (sinks[0]?.order.length ?? 0) >= 3)
    const [a, b] = MemoryLane.pair()
    const phone = new End(a, { ...sameId, parity: 1 })
    desktop.join(b)
    phone.session.send(source)
    await tasks(20)
    expect(asked).toEqual([0])
    gate.open()
    expect(await desktop.told.end(ID)).toMatchObject({ state: 'done', proof: 'verified' })
    expect(asked).toEqual([0])
  })

  test('one that a person was asked about is asked about again', async () => {
    const asked: ((yes: boolean) => void)[] = []
    const { desktop, phone: before } = connect({}, sameId, { mayTake: () => new Promise((yes) => asked.push(yes)) })
    before.session.send(new MemorySource('a', bytesOf(10)))
    await until('asked', () => asked.length === 1)
    const [a, b] = MemoryLane.pair()
    const phone = new End(a, { ...sameId, parity: 1 })
    desktop.join(b)
    expect(await desktop.told.end(ID)).toMatchObject({ state: 'failed', reason: 'peer-left' })
    phone.session.send(new MemorySource('a', bytesOf(10)))
    await until('asked again', () => asked.length === 2)
    asked[1]!(true)
    expect((await phone.told.end(ID)).state).toBe('done')
  })
})

describe('the receiver begins anew', () => {
  test('G102: after a restart of the desktop only what is missing is sent', async () => {
    const ends = connect({}, sameId)
    const source = new MemorySource('a', bytesOf(12 * BLOCK_BYTES))
    ends.phone.session.send(source)
    await until('some of it', () => (ends.desktop.sinks[0]?.kept.length ?? 0) >= 4)
    await ends.desktop.session.rest()
    ends.desktop.lane.close()
    await until('away', () => ends.phone.told.last(ID)?.paused === 'away')
    const kept = ends.desktop.sinks[0]!.kept.flatMap((hash, i) => (hash === undefined ? [] : [i]))
    const [a, b] = MemoryLane.pair()
    const desktop = new End(b, { parity: 0, earlier: ends.desktop.sinks })
    ends.phone.join(a)
    expect(await desktop.told.end(ID)).toMatchObject({ state: 'done', proof: 'verified' })
    expect((await ends.phone.told.end(ID)).state).toBe('done')
    expect(desktop.sinks[0]?.sha256).toBe(hexHash(source.bytes))
    expect(blocksIn(a.sent).filter((i) => kept.includes(i))).toEqual([])
  })

  test('it had held the file up for its disk: that is forgotten', async () => {
    const full = () => Promise.reject(new TransferError('disk-full'))
    const ends = connect({}, sameId, { openSink: full })
    ends.phone.session.send(new MemorySource('a', bytesOf(3 * BLOCK_BYTES)))
    await until('paused', () => ends.phone.told.last(ID)?.paused === 'disk-full')
    ends.desktop.lane.close()
    await until('closed', () => ends.phone.lane.closed)
    const [a, b] = MemoryLane.pair()
    const desktop = new End(b, { parity: 0 })
    ends.phone.join(a)
    expect((await desktop.told.end(ID)).state).toBe('done')
    expect((await ends.phone.told.end(ID)).state).toBe('done')
  })
})

describe('both begin anew', () => {
  test('all of it is here already: no byte is sent', async () => {
    const bytes = bytesOf(3 * BLOCK_BYTES + 5)
    const { phone, desktop } = restarted([await earlierSink('a', bytes, [0, 1, 2, 3])])
    phone.session.send(new MemorySource('a', bytes))
    for (const end of [phone, desktop])
      expect(await end.told.end(ID)).toMatchObject({ state: 'done', proof: 'verified' })
    expect(blocksIn(phone.lane.sent)).toEqual([])
    expect(desktop.sinks[0]?.order).toEqual([])
  })

  test('it had landed: the sender hears so, and compares', async () => {
    const bytes = bytesOf(2 * BLOCK_BYTES)
    const hashes = [0, 1].map((i) => hexHash(bytes.slice(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)))
    const root = await rootOf(memoryHash, bytes.length, hashes)
    const landed = (ended: Outcome): Partial<EndOptions> => ({ ports: { landed: (id) => (id === ID ? ended : null) } })
    // A page's first offer is no news to it: only one that is offered again may be done.
    const twice = async (ended: Outcome) => {
      const ends = connect({}, sameId, { openSink: () => new Promise(() => undefined) })
      ends.phone.session.send(new MemorySource('a', bytes))
      await until('offered', () => ends.desktop.told.last(ID) !== undefined)
      ends.desktop.lane.close()
      await until('closed', () => ends.phone.lane.closed)
      const [a, b] = MemoryLane.pair()
      const desktop = new End(b, { parity: 0, ...landed(ended) })
      ends.phone.join(a)
      expect(blocksIn(a.sent)).toEqual([])
      const end = await ends.phone.told.end(ID)
      expect(desktop.sinks).toEqual([])
      return end
    }
    expect(await twice({ t: 'done', root })).toMatchObject({ state: 'done', proof: 'verified', bytes: bytes.length })
    expect(await twice({ t: 'done' })).toMatchObject({ state: 'done', proof: 'complete' })
    expect(await twice({ t: 'done', root: 'a'.repeat(64) })).toMatchObject({ state: 'failed', reason: 'corrupt' })
    expect(await twice({ t: 'stop', code: 'cancelled' })).toMatchObject({ state: 'cancelled' })
  })

  test('F98: the file is another one: it starts over, says so, and the two are never mixed', async () => {
    const old = bytesOf(6 * BLOCK_BYTES, 1)
    for (const changed of [0, 3, 5]) {
      const bytes = old.slice()
      bytes[changed * BLOCK_BYTES + 77]! ^= 1
      const { phone, desktop } = restarted([await earlierSink('a', old, [0, 1, 3, 5])])
      phone.session.send(new MemorySource('a', bytes))
      expect(await desktop.told.end(ID)).toMatchObject({ state: 'done', startedOver: true })
      expect(await phone.told.end(ID)).toMatchObject({ state: 'done', startedOver: true })
      expect(desktop.sinks.map((sink) => sink.state)).toEqual(['discarded', 'finished'])
      expect(desktop.sinks[1]?.sha256).toBe(hexHash(bytes))
    }
  })

  test('C5: a file that landed before and only looks like it: this one is sent whole, and nothing has started over', async () => {
    const old = bytesOf(2 * BLOCK_BYTES, 1)
    const landed = await earlierSink('a', old, [0, 1])
    const bytes = old.slice()
    bytes[BLOCK_BYTES + 7]! ^= 1
    const fresh = new MemorySink('a')
    const { phone, desktop } = connect(
      {},
      {},
      {
        openSink: (_, isFresh) =>
          Promise.resolve(isFresh ? fresh : Object.assign(new MemorySink('a', undefined, landed), { landed: true })),
      },
    )
    const id = phone.session.send(new MemorySource('a', bytes))
    for (const end of [phone, desktop]) {
      expect(await end.told.end(id)).toMatchObject({ state: 'done', proof: 'verified' })
      expect(end.told.all.some(({ startedOver }) => startedOver)).toBe(false)
    }
    expect(fresh.sha256).toBe(hexHash(bytes))
  })

  test('F98: any blocks kept, any blocks changed, checked or not: what lands is the file of now', async () => {
    const blocks = 6
    const scene = fc.record({
      size: fc.integer({ min: 1, max: blocks * BLOCK_BYTES }),
      kept: fc.uniqueArray(fc.nat(blocks - 1)),
      changed: fc.uniqueArray(fc.nat(blocks - 1), { maxLength: 3 }),
      checks: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(scene, async ({ size, kept, changed, checks }) => {
        const old = bytesOf(size, 1)
        const bytes = old.slice()
        for (const i of changed) if (i * BLOCK_BYTES < size) bytes[i * BLOCK_BYTES]! ^= 1
        const has = kept.filter((i) => i * BLOCK_BYTES < size)
        const { phone, desktop } = restarted([await earlierSink('a', old, has)], { ports: { checks: () => checks } })
        phone.session.send(new MemorySource('a', bytes))
        expect((await desktop.told.end(ID)).state).toBe('done')
        expect((await phone.told.end(ID)).state).toBe('done')
        expect(desktop.sinks.at(-1)?.sha256).toBe(hexHash(bytes))
        const mixed = has.some((i) => changed.includes(i))
        expect(desktop.sinks).toHaveLength(mixed ? 2 : 1)
        if (!mixed) expect(blocksIn(phone.lane.sent).filter((i) => has.includes(i))).toEqual([])
      }),
      { numRuns: 25 },
    )
  })

  test('F97: the file changes, shrinks or goes away while it is sent: it fails, and nothing is left', async () => {
    const { phone, desktop } = connect({})
    const source = failingSource('a', 6 * BLOCK_BYTES, 3 * BLOCK_BYTES, 'source-changed')
    const id = phone.session.send(source)
    for (const end of [phone, desktop])
      expect(await end.told.end(id)).toMatchObject({ state: 'failed', reason: 'source-changed' })
    expect(desktop.sinks.map((sink) => sink.state)).toEqual(['discarded'])
    expect(source.closed).toBe(1)
  })
})

describe('let go of', () => {
  async function resting() {
    const ends = connect({}, sameId)
    ends.phone.session.send(new MemorySource('a', bytesOf(12 * BLOCK_BYTES)))
    await until('some of it', () => (ends.desktop.sinks[0]?.order.length ?? 0) >= 3)
    await ends.desktop.session.rest()
    expect(ends.desktop.sinks[0]?.state).toBe('suspended')
    expect(ends.desktop.told.last(ID)).toMatchObject({ state: 'moving', phase: 'paused', paused: 'away' })
    return ends
  }

  test('and never offered again: it ends with the session, and what is kept stays', async () => {
    const { desktop } = await resting()
    desktop.session.end('peer-left')
    expect(await desktop.told.end(ID)).toMatchObject({ state: 'failed', reason: 'peer-left' })
    expect(desktop.sinks.map((sink) => sink.state)).toEqual(['suspended'])
    expect(desktop.told.afterEnd).toEqual([])
  })

  test('and cancelled: nothing stays, and the sender learns it when it asks', async () => {
    const { desktop, phone } = await resting()
    desktop.session.cancel(ID)
    expect((await desktop.told.end(ID)).state).toBe('cancelled')
    await until('opened once more, to be thrown away', () => desktop.sinks[1]?.state === 'discarded')
    phone.lane.close()
    await until('closed', () => desktop.lane.closed)
    const [a, b] = MemoryLane.pair()
    phone.join(a)
    desktop.join(b)
    expect((await phone.told.end(ID)).state).toBe('cancelled')
    expect(desktop.told.afterEnd).toEqual([])
  })

  test('with two lanes, of which the first is lost later: what fell on the floor meanwhile comes again', async () => {
    const { phone, desktop } = connect({}, sameId)
    const words = phone.lane
    // The bytes have a lane of their own, which stays.
    phone.session.wish = 'socket'
    const [a, b] = MemoryLane.pair({ kind: 'socket' })
    phone.join(a)
    desktop.join(b)
    const source = new MemorySource('a', bytesOf(12 * BLOCK_BYTES))
    phone.session.send(source)
    await until('some of it', () => (desktop.sinks[0]?.order.length ?? 0) >= 3)
    await desktop.session.rest()
    await until('held up', () => phone.told.last(ID)?.paused === 'there')
    await tasks(60)
    words.close()
    expect((await desktop.told.end(ID)).state).toBe('done')
    expect(desktop.sinks.at(-1)?.sha256).toBe(hexHash(source.bytes))
  })

  test('and offered again over the same session: it goes on', async () => {
    const { desktop, phone } = await resting()
    phone.lane.close()
    await until('closed', () => desktop.lane.closed)
    const [a, b] = MemoryLane.pair()
    phone.join(a)
    desktop.join(b)
    expect((await phone.told.end(ID)).state).toBe('done')
    expect((await desktop.told.end(ID)).state).toBe('done')
    expect(desktop.sinks[1]?.sha256).toBe(hexHash(bytesOf(12 * BLOCK_BYTES)))
  })
})

test('what is kept of earlier tries is told on every lane', async () => {
  const file = { t: 'unfinished' as const, id: freshId(), name: 'half.mp4', size: 10, mtime: 0, bytes: 5 }
  const { phone, desktop } = connect({}, {}, { ports: { unfinished: () => [file] } })
  await until('told', () => phone.unfinished.length === 1)
  expect(phone.unfinished).toEqual(['half.mp4'])
  expect(frames(desktop.lane.sent).map(({ t }) => t)).toEqual(['hello', 'unfinished'])
})

test('F99: another device that offers the same id gets a file of its own', async () => {
  const one = connect({}, sameId)
  const other = connect({}, sameId)
  one.phone.session.send(new MemorySource('a', bytesOf(3, 1)))
  other.phone.session.send(new MemorySource('a', bytesOf(3, 2)))
  expect([(await one.desktop.told.end(ID)).sha256, (await other.desktop.told.end(ID)).sha256]).toEqual([
    hexHash(bytesOf(3, 1)),
    hexHash(bytesOf(3, 2)),
  ])
})
