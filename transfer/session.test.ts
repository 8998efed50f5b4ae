import { describe, expect, test } from 'vitest'
import { blockCount, blockLength, decodePart, rootInput } from '#protocol/blocks.ts'
import { decodeFrame, type Frame, type OfferFile } from '#protocol/frames.ts'
import { BLOCK_BYTES, BLOCK_HEADER_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { TransferError } from './errors.ts'
import type { Source } from './source.ts'
import { connect, freshId, until, type End } from './testing/ends.ts'
import { bytesOf, failingSource, hexHash, memoryHash, MemorySink, MemorySource } from './testing/quick.ts'
import { nextTask, type FrameData, type LaneOptions } from './testing/lanes.ts'

const SMALL: LaneOptions = { maxMessage: 65_536 }
const STEP = 65_536 - BLOCK_HEADER_BYTES
/** Around every boundary there is: nothing, one message, one block, several. */
const SIZES = [0, 1, STEP - 1, STEP, STEP + 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES + 7]

const frames = (sent: readonly FrameData[]): Frame[] => sent.filter((f) => typeof f === 'string').map(decodeFrame)
const partBytes = (sent: readonly FrameData[]): number =>
  sent.reduce((sum, f) => sum + (typeof f === 'string' ? 0 : f.byteLength - BLOCK_HEADER_BYTES), 0)

/** `from` sends, the other end receives. */
const both = (ends: { phone: End; desktop: End }): [from: End, to: End][] => [
  [ends.phone, ends.desktop],
  [ends.desktop, ends.phone],
]

describe('a file arrives whole', () => {
  test.each(SIZES)('of %i bytes, in both directions', async (size) => {
    const ends = connect(SMALL)
    for (const [from, to] of both(ends)) {
      const source = new MemorySource(`${size}.bin`, bytesOf(size))
      const id = from.session.send(source)
      const sent = await from.told.end(id)
      const got = await to.told.end(id)
      expect(sent).toMatchObject({
        state: 'done',
        direction: 'out',
        bytes: size,
        total: size,
        sha256: hexHash(source.bytes),
      })
      expect(got).toMatchObject({
        state: 'done',
        direction: 'in',
        bytes: size,
        total: size,
        sha256: hexHash(source.bytes),
      })
      expect(to.sinks).toHaveLength(1)
      expect(to.sinks[0]?.state).toBe('finished')
      expect(to.sinks[0]?.sha256).toEqual(hexHash(source.bytes))
      expect([source.opened, source.closed]).toEqual([1, 1])
    }
  })

  test('and both sides know each other', async () => {
    const { phone, desktop } = connect()
    await until('hello', () => phone.peers.length === 1 && desktop.peers.length === 1)
    expect([phone.peers, desktop.peers]).toEqual([['desk'], ['phone']])
  })

  test('both ways at once', async () => {
    const { phone, desktop } = connect(SMALL)
    const up = phone.session.send(new MemorySource('up', bytesOf(3_000_000, 1)))
    const down = desktop.session.send(new MemorySource('down', bytesOf(3_000_000, 2)))
    expect([await desktop.told.end(up), await phone.told.end(down)].map((view) => view.state)).toEqual(['done', 'done'])
    expect(desktop.sinks[0]?.sha256).toEqual(hexHash(bytesOf(3_000_000, 1)))
    expect(phone.sinks[0]?.sha256).toEqual(hexHash(bytesOf(3_000_000, 2)))
  })

  test('the two directions number their transfers apart', async () => {
    const { phone, desktop } = connect()
    for (const end of [phone, desktop]) {
      await end.told.end(end.session.send(new MemorySource('a', bytesOf(3))))
      await end.told.end(end.session.send(new MemorySource('b', bytesOf(3))))
    }
    const numbers = (end: End) => frames(end.lane.sent).flatMap((f) => (f.t === 'offer' ? [f.n] : []))
    expect([numbers(phone), numbers(desktop)]).toEqual([[1, 3], [2, 4]]) // prettier-ignore
  })
})

describe('many files', () => {
  test('begin in the order they were queued, and a file that waits for nothing goes whole before the next', async () => {
    const { phone, desktop } = connect(SMALL)
    const names = ['first', 'second', 'third', 'fourth']
    const ids = names.map((name, i) => phone.session.send(new MemorySource(name, bytesOf(200_000 * (4 - i), i))))
    for (const id of ids) expect((await desktop.told.end(id)).state).toBe('done')
    expect(desktop.sinks.map((sink) => sink.name)).toEqual(names)
    const order = phone.lane.sent.flatMap((f) => (typeof f === 'string' ? [] : [decodePart(f).n]))
    expect([...new Set(order)]).toEqual([1, 3, 5, 7])
  })

  test('H111: three at a time have the lane, the others wait, and one whose disk is slow does not hold up the next', async () => {
    const stuck = new Promise<void>(() => undefined)
    const { phone, desktop } = connect(
      SMALL,
      {},
      {
        openSink: (offer) =>
          Promise.resolve(new MemorySink(offer.name, () => (offer.name === '0' ? stuck : Promise.resolve()))),
      },
    )
    const size = CREDIT_BYTES + BLOCK_BYTES
    const ids = Array.from({ length: 5 }, (_, i) => phone.session.send(new MemorySource(`${i}`, bytesOf(size, i))))
    for (const id of ids.slice(1)) expect((await desktop.told.end(id)).state).toBe('done')
    for (const id of ids.slice(1)) await phone.told.end(id)
    expect(phone.told.moving.map((view) => view.name)).toEqual(['0'])
    // From its first part to that of its last block a file has its place.
    const inside = new Set<number>()
    let most = 0
    for (const { n, block } of phone.lane.sent.flatMap((f) => (typeof f === 'string' ? [] : [decodePart(f)]))) {
      if (block < CREDIT_BYTES / BLOCK_BYTES) inside.add(n)
      else inside.delete(n)
      most = Math.max(most, inside.size)
    }
    expect(most).toBe(3)
  })

  test('200 small ones, and what waits for the other side never holds up the next', async () => {
    const { phone, desktop } = connect()
    const ids = Array.from({ length: 200 }, (_, i) => phone.session.send(new MemorySource(`${i}`, bytesOf(i, i))))
    for (const id of ids) expect((await desktop.told.end(id)).state).toBe('done')
    for (const id of ids) expect((await phone.told.end(id)).state).toBe('done')
    expect(desktop.sinks).toHaveLength(200)
    for (const [i, sink] of desktop.sinks.entries()) expect(sink.sha256).toEqual(hexHash(bytesOf(i, i)))
    expect([phone.told.afterEnd, desktop.told.afterEnd]).toEqual([[], []])
  })

  test('one that fails does not keep the next from going', async () => {
    const { phone, desktop } = connect()
    const bad = phone.session.send(failingSource('bad', 3 * BLOCK_BYTES, BLOCK_BYTES, 'source-changed'))
    const good = phone.session.send(new MemorySource('good', bytesOf(10)))
    expect(await phone.told.end(bad)).toMatchObject({ state: 'failed', reason: 'source-changed' })
    expect(await desktop.told.end(bad)).toMatchObject({ state: 'failed', reason: 'source-changed' })
    expect((await desktop.told.end(good)).state).toBe('done')
    expect(desktop.sinks.map((sink) => sink.state)).toEqual(['discarded', 'finished'])
  })
})

describe('back-pressure', () => {
  test('never more than the credit is under way, however slow the disk', async () => {
    const size = CREDIT_BYTES * 2 + 12_345
    let held = 0
    let worst = 0
    const { phone, desktop } = connect(
      {},
      {},
      {
        beforeWrite: async () => {
          held = partBytes(phone.lane.sent) - (desktop.sinks[0]?.bytes ?? 0)
          worst = Math.max(worst, held)
          for (let i = 0; i < 20; i++) await nextTask()
        },
      },
    )
    const id = phone.session.send(new MemorySource('big', bytesOf(size)))
    expect((await desktop.told.end(id)).state).toBe('done')
    expect(worst).toBeGreaterThan(CREDIT_BYTES / 2)
    expect(worst).toBeLessThanOrEqual(CREDIT_BYTES)
  })

  test('a lane that is full is waited for', async () => {
    const lane: LaneOptions = { ...SMALL, highMark: 100_000 }
    const { phone, desktop } = connect(lane)
    const id = phone.session.send(new MemorySource('a', bytesOf(2_000_000)))
    expect((await desktop.told.end(id)).state).toBe('done')
  })

  test('hashing that trails far behind holds only so many blocks', async () => {
    const blocks = 40
    let hashing = 0
    let worst = 0
    const release: (() => void)[] = []
    const slow = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
      worst = Math.max(worst, ++hashing)
      await new Promise<void>((resolve) => release.push(resolve))
      hashing--
      return hexHash(bytes)
    }
    const { phone, desktop } = connect({}, { sha256: slow })
    const id = phone.session.send(new MemorySource('a', new Uint8Array(blocks * BLOCK_BYTES)))
    await until('a standstill', () => hashing >= 16)
    for (let i = 0; i < 50; i++) await nextTask()
    expect(worst).toBe(16)
    const pump = setInterval(() => {
      for (const go of release.splice(0)) go()
    }, 1)
    expect((await desktop.told.end(id)).state).toBe('done')
    clearInterval(pump)
    expect(worst).toBe(16)
  })
})

describe('what arrives is not what was sent', () => {
  const flip =
    (block: number) =>
    (data: FrameData): FrameData => {
      if (typeof data === 'string' || decodePart(data).n !== 1 || decodePart(data).block !== block) return data
      const changed = data.slice()
      changed[changed.length - 1]! ^= 1
      return changed
    }

  test.each([0, 1, 2])('E80: block %i is wrong once: it comes once more, and the file is whole', async (block) => {
    let wrong = 1
    const once = (data: FrameData): FrameData => {
      const changed = flip(block)(data)
      return changed === data || wrong-- <= 0 ? data : changed
    }
    const { phone, desktop } = connect({ change: once })
    const source = new MemorySource('a', bytesOf(3 * BLOCK_BYTES))
    const id = phone.session.send(source)
    expect(await desktop.told.end(id)).toMatchObject({ state: 'done', proof: 'verified' })
    expect(await phone.told.end(id)).toMatchObject({ state: 'done', proof: 'verified' })
    expect(desktop.sinks[0]?.sha256).toBe(hexHash(source.bytes))
    expect(desktop.sinks[0]?.order.filter((i) => i === block)).toEqual([block, block])
    expect(frames(desktop.lane.sent).filter((f) => f.t === 'resend')).toEqual([{ t: 'resend', n: 1, i: block }])
  })

  test.each([0, 1, 2])('E80: block %i is wrong always: that file fails, and nothing else', async (block) => {
    const { phone, desktop } = connect({ change: flip(block) })
    const source = new MemorySource('a', bytesOf(3 * BLOCK_BYTES))
    const id = phone.session.send(source)
    expect(await desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'corrupt' })
    expect(await phone.told.end(id)).toMatchObject({ state: 'failed', reason: 'corrupt' })
    expect(desktop.sinks.map((sink) => sink.state)).toEqual(['discarded'])
    expect(source.closed).toBe(1)
    // The lane is still good for others.
    const next = desktop.session.send(new MemorySource('b', bytesOf(3)))
    expect((await phone.told.end(next)).state).toBe('done')
  })

  test('a block hash that is wrong, and a root that is', async () => {
    const lie = (t: string) => (data: FrameData) =>
      typeof data === 'string' && decodeFrame(data).t === t
        ? data.replace(/"(hash|root)":"./, (_, key: string) => `"${key}":"${data.includes(`"${key}":"0`) ? '1' : '0'}`)
        : data
    for (const t of ['block', 'end', 'done']) {
      const { phone, desktop } = connect({ change: lie(t) })
      const id = phone.session.send(new MemorySource('a', bytesOf(BLOCK_BYTES + 1)))
      expect(await phone.told.end(id)).toMatchObject({ state: 'failed', reason: 'corrupt' })
      if (t !== 'done') expect(await desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'corrupt' })
      if (t !== 'done') expect(desktop.sinks.map((sink) => sink.state)).toEqual(['discarded'])
    }
  })

  test('an end before all bytes', async () => {
    let dropped = false
    const change = (data: FrameData): FrameData | null => {
      if (typeof data === 'string' || decodePart(data).block !== 1 || dropped) return data
      dropped = true
      return null
    }
    const { phone, desktop } = connect({ ...SMALL, change })
    const id = phone.session.send(new MemorySource('a', bytesOf(2 * BLOCK_BYTES)))
    const end = await desktop.told.end(id)
    expect(end.state).toBe('failed')
    expect(['corrupt', 'malformed']).toContain(end.reason)
    expect(desktop.sinks.map((sink) => sink.state)).toEqual(['discarded'])
  })
})

describe('the sink', () => {
  test.each(['bad-name', 'too-large'] as const)('refuses with %s, and both sides know why', async (code) => {
    const { phone, desktop } = connect({}, {}, { openSink: () => Promise.reject(new TransferError(code)) })
    const source = new MemorySource('a', bytesOf(10))
    const id = phone.session.send(source)
    for (const end of [phone, desktop]) expect(await end.told.end(id)).toMatchObject({ state: 'failed', reason: code })
    expect(source.opened).toBe(0)
  })

  test.each(['disk-full', 'disk-error'] as const)(
    'F89: %s in the middle holds it up, here and there, until it may be tried again',
    async (code) => {
      let room = 2 * BLOCK_BYTES
      const beforeWrite = (bytes: number) =>
        (room -= bytes) < 0 ? Promise.reject(new TransferError(code, { needBytes: 7 })) : Promise.resolve()
      const { phone, desktop } = connect({}, {}, { beforeWrite })
      const source = new MemorySource('a', bytesOf(5 * BLOCK_BYTES))
      const id = phone.session.send(source)
      await until('paused on both', () => [phone, desktop].every((end) => end.told.last(id)?.paused === code))
      for (const end of [phone, desktop]) expect(end.told.last(id)).toMatchObject({ phase: 'paused', needBytes: 7 })
      await until('let go of', () => desktop.sinks[0]?.state === 'suspended')
      room = 100 * BLOCK_BYTES
      desktop.session.tryDisk(id)
      for (const end of [phone, desktop]) expect((await end.told.end(id)).state).toBe('done')
      expect(desktop.sinks.map((sink) => sink.state)).toEqual(['suspended', 'finished'])
      expect(desktop.sinks[1]?.sha256).toBe(hexHash(source.bytes))
      // What was kept is not asked for again.
      expect(desktop.sinks[1]?.order).not.toContain(0)
    },
  )

  test('C5: what the disk refuses for good is not waited out: it fails on both sides, and what came is kept', async () => {
    let room = 2 * BLOCK_BYTES
    const beforeWrite = (bytes: number) =>
      (room -= bytes) < 0 ? Promise.reject(new TransferError('disk-error', { lasting: true })) : Promise.resolve()
    const { phone, desktop } = connect({}, {}, { beforeWrite })
    const id = phone.session.send(new MemorySource('a', bytesOf(5 * BLOCK_BYTES)))
    const failed = { state: 'failed', reason: 'disk-error' }
    for (const end of [phone, desktop]) expect(await end.told.end(id)).toMatchObject(failed)
    expect(desktop.sinks.map((sink) => sink.state)).toEqual(['suspended'])
  })

  test('C5: a file whose disk lost what it had taken has not changed', async () => {
    const finish = { fails: true }
    const opened: MemorySink[] = []
    const openSink = (offer: OfferFile) => {
      const sink = new MemorySink(offer.name)
      const whole = sink.finish.bind(sink)
      sink.finish = () => (finish.fails ? Promise.reject(new TransferError('disk-full')) : whole())
      opened.push(sink)
      return Promise.resolve(sink)
    }
    const { phone, desktop } = connect({}, {}, { openSink })
    const id = phone.session.send(new MemorySource('a', bytesOf(10)))
    await until('held up', () => phone.told.last(id)?.paused === 'disk-full')
    finish.fails = false
    desktop.session.tryDisk(id)
    for (const end of [phone, desktop]) {
      expect((await end.told.end(id)).state).toBe('done')
      expect(end.told.all.some(({ startedOver }) => startedOver)).toBe(false)
    }
    expect(opened).toHaveLength(2)
  })

  test('F89: a disk that is full before the first byte: the same, and a cancel leaves nothing', async () => {
    let full = true
    const opened: MemorySink[] = []
    const openSink = (offer: OfferFile) => {
      if (full) return Promise.reject(new TransferError('disk-full'))
      opened.push(new MemorySink(offer.name))
      return Promise.resolve(opened.at(-1)!)
    }
    const { phone, desktop } = connect({}, {}, { openSink })
    const ids = [0, 1].map((i) => phone.session.send(new MemorySource(`${i}`, bytesOf(10, i))))
    for (const id of ids) await until('paused', () => phone.told.last(id)?.paused === 'disk-full')
    phone.session.cancel(ids[0]!)
    expect((await desktop.told.end(ids[0]!)).state).toBe('cancelled')
    full = false
    desktop.session.pause(ids[1]!, false)
    expect((await phone.told.end(ids[1]!)).state).toBe('done')
    expect(opened.map((sink) => sink.state)).toEqual(['finished'])
  })

  test('that fails as it is finished: tried again with all that was there', async () => {
    let full = true
    class Late extends MemorySink {
      override finish(root?: string): ReturnType<MemorySink['finish']> {
        return full ? Promise.reject(new TransferError('disk-full')) : super.finish(root)
      }
    }
    const sinks: Late[] = []
    const openSink = (offer: OfferFile) => {
      sinks.push(new Late(offer.name, undefined, sinks.at(-1) ?? null))
      return Promise.resolve(sinks.at(-1)!)
    }
    const { phone, desktop } = connect({}, {}, { openSink })
    const id = phone.session.send(new MemorySource('a', bytesOf(2 * BLOCK_BYTES)))
    await until('paused', () => phone.told.last(id)?.paused === 'disk-full')
    full = false
    desktop.session.tryDisk(id)
    for (const end of [phone, desktop]) expect((await end.told.end(id)).state).toBe('done')
    expect(sinks.map((sink) => [sink.state, sink.order.length])).toEqual([['suspended', 2], ['finished', 0]]) // prettier-ignore
  })

  test('that throws something of its own is "failed"', async () => {
    const { phone, desktop } = connect({}, {}, { openSink: () => Promise.reject(new Error('oops')) })
    const id = phone.session.send(new MemorySource('a', bytesOf(10)))
    expect(await desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'failed' })
    expect(await phone.told.end(id)).toMatchObject({ state: 'failed', reason: 'failed' })
  })
})

describe('hashing that fails', () => {
  test('ends the transfer and nothing else', async () => {
    const broken = (): Promise<string> => Promise.reject(new Error('no hash'))
    const { phone, desktop } = connect({}, { sha256: broken })
    const source = new MemorySource('a', bytesOf(3 * BLOCK_BYTES))
    const id = phone.session.send(source)
    expect(await phone.told.end(id)).toMatchObject({ state: 'failed', reason: 'failed' })
    expect((await desktop.told.end(id)).state).toBe('failed')
    expect(source.closed).toBe(1)
  })
})

const immediately = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })

/** A file that exists only as arithmetic: block i begins with i. */
function syntheticSource(size: number): Source {
  // A few in turn: the sender reads one ahead.
  const blocks = Array.from({ length: 4 }, () => new Uint8Array(BLOCK_BYTES))
  return {
    name: 'huge',
    size,
    mtime: 0,
    mime: '',
    open: () =>
      Promise.resolve({
        read: (offset, length) => {
          const index = offset / BLOCK_BYTES
          const out = length === BLOCK_BYTES ? blocks[index % 4]! : new Uint8Array(length)
          out[0] = index & 255
          return Promise.resolve(out)
        },
        finish: () => Promise.resolve({}),
        close: () => Promise.resolve(),
      }),
  }
}

describe('E83: huge files', () => {
  const GIB4 = 4 * 1_073_741_824

  test('are counted without 32-bit traps', () => {
    expect(blockCount(GIB4)).toBe(4096)
    expect(blockCount(GIB4 + 1)).toBe(4097)
    expect(blockLength(GIB4 + 1, 4095)).toBe(BLOCK_BYTES)
    expect(blockLength(GIB4 + 1, 4096)).toBe(1)
    expect(blockLength(12 * 1_073_741_824 - 1, 12 * 1024 - 1)).toBe(BLOCK_BYTES - 1)
    const view = new DataView(rootInput(GIB4 + 1, []).buffer)
    expect(view.getBigUint64('lanyard-file-1'.length)).toBe(4_294_967_297n)
    expect(new DataView(rootInput(Number.MAX_SAFE_INTEGER, []).buffer).getBigUint64(14)).toBe(9_007_199_254_740_991n)
  })

  test('of 4 GiB and a byte pass through, every block in its place', async () => {
    const size = GIB4 + 1
    // Real hashing of 4 GiB would take the better part of a minute: this one tells blocks apart all the same.
    const quick = (bytes: Uint8Array): Promise<string> =>
      Promise.resolve(((bytes[0] ?? 0) * 2 ** 40 + bytes.byteLength).toString(16).padStart(64, '0'))
    let written = 0
    let wrong = 0
    const seen = new Set<number>()
    const openSink = () =>
      Promise.resolve({
        name: 'huge',
        have: [],
        write: (index: number, bytes: Uint8Array) => {
          if (bytes[0] !== (index & 255) || seen.has(index)) wrong++
          seen.add(index)
          written += bytes.byteLength
          return Promise.resolve()
        },
        keep: () => undefined,
        finish: () => Promise.resolve({ name: 'huge' }),
        suspend: () => Promise.resolve(),
        discard: () => Promise.resolve(),
      })
    const { phone, desktop } = connect(
      { bare: true, maxMessage: BLOCK_BYTES + 16, pace: immediately },
      { sha256: quick },
      { sha256: quick, openSink },
    )
    const id = phone.session.send(syntheticSource(size))
    await until('the end', () => desktop.told.ended.length > 0 || written > size, 25_000)
    expect(await desktop.told.end(id)).toMatchObject({ state: 'done', bytes: size, total: size })
    expect([written, wrong]).toEqual([size, 0])
  })
})

describe('after the end', () => {
  test('what is sent fails at once, for the same reason', async () => {
    const { phone } = connect()
    phone.session.end('peer-left')
    const source = new MemorySource('a', bytesOf(1))
    expect(await phone.told.end(phone.session.send(source))).toMatchObject({ state: 'failed', reason: 'peer-left' })
    expect(source.opened).toBe(0)
  })

  test('the first reason stays', async () => {
    const { phone } = connect()
    const id = phone.session.send(new MemorySource('a', bytesOf(1)))
    phone.session.end('peer-left')
    phone.session.end('connection-lost')
    expect((await phone.told.end(id)).reason).toBe('peer-left')
  })

  test('a lane that has closed before the session began is noticed', async () => {
    const { desktop } = connect()
    desktop.lane.close()
    const id = desktop.session.send(new MemorySource('a', bytesOf(1)))
    expect(desktop.told.last(id)).toMatchObject({ state: 'moving', phase: 'paused', paused: 'away' })
    desktop.session.end('connection-lost')
    expect((await desktop.told.end(id)).reason).toBe('connection-lost')
  })

  test('ids are fresh and hashes are hashes', () => {
    expect(freshId()).not.toBe(freshId())
    return expect(memoryHash(new Uint8Array(0))).resolves.toHaveLength(64)
  })

  test('a sink keeps to its contract', async () => {
    const sink = new MemorySink('a')
    await sink.finish()
    await expect(sink.write(0, new Uint8Array(1))).rejects.toThrow()
  })
})
