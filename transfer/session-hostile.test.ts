import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodePart } from '#protocol/blocks.ts'
import { decodeFrame, encodeFrame, type Frame } from '#protocol/frames.ts'
import { BLOCK_BYTES, CONTROL_CHARS_MAX, CREDIT_BYTES, OFFERS_MAX } from '#protocol/limits.ts'
import { connect, End, until, type EndOptions } from './testing/ends.ts'
import { bytesOf, hexHash, memoryHash, MemorySink, MemorySource } from './testing/quick.ts'
import { MemoryLane, nextTask } from './testing/lanes.ts'
import { TransferError } from './errors.ts'
import { rootOf } from './hashing.ts'

/** The desktop, and a peer that says whatever the test says. */
class Stranger {
  readonly desktop: End
  readonly #lane: MemoryLane
  readonly heard: Frame[] = []

  constructor(options: Partial<EndOptions> = {}) {
    const [mine, theirs] = MemoryLane.pair()
    this.#lane = mine
    mine.listen({
      onFrame: (data) => typeof data === 'string' && this.heard.push(decodeFrame(data)),
      onClose: () => undefined,
    })
    this.desktop = new End(theirs, { ...options, parity: 0 })
  }

  say(frame: Frame | string | Uint8Array): void {
    this.desktop.lane.inject(typeof frame === 'string' || frame instanceof Uint8Array ? frame : encodeFrame(frame))
  }

  offer(n: number, size: number, id = n.toString(16).padStart(32, 'a')): string {
    this.say({ t: 'offer', n, id, name: `${n}.bin`, size, mtime: 0, mime: '' })
    return id
  }

  part(n: number, block: number, offset: number, payload: Uint8Array): void {
    this.say(encodePart({ n, block, offset, payload }))
  }

  async hears(t: Frame['t'], n?: number): Promise<Frame> {
    const found = () =>
      this.heard.find((frame) => frame.t === t && (n === undefined || ('n' in frame && frame.n === n)))
    await until(`frame ${t}`, () => found() !== undefined)
    return found() as Frame
  }

  close(): void {
    this.#lane.close()
  }
}

const HASH = 'a'.repeat(64)

test('another version of the protocol is refused by its name', () => {
  const stranger = new Stranger()
  stranger.say('{"t":"hello","v":3,"name":"x","kind":"app","later":true}')
  expect(stranger.desktop.broken).toEqual(['version'])
  expect(stranger.desktop.peers).toEqual([])
})

describe('frames that are none end the session with the reason', () => {
  test.each([
    ['not JSON', '{'],
    ['not an object', '7'],
    ['no type', '{}'],
    ['an unknown type', '{"t":"hack"}'],
    ['a prototype', '{"__proto__":{"t":"hello"}}'],
    [
      'an even number',
      JSON.stringify({ t: 'offer', n: 2, id: 'a'.repeat(32), name: 'a', size: 1, mtime: 0, mime: '' }),
    ],
    [
      'a name that is none',
      JSON.stringify({ t: 'offer', n: 1, id: 'a'.repeat(32), name: 7, size: 1, mtime: 0, mime: '' }),
    ],
    ['an id that is none', JSON.stringify({ t: 'offer', n: 1, id: '../x', name: 'a', size: 1, mtime: 0, mime: '' })],
    ['a number out of range', '{"t":"accept","n":4294967296}'],
    ['a hash that is none', '{"t":"block","n":1,"i":0,"hash":"zz"}'],
    ['too much text', `{"t":"hello","name":"${'x'.repeat(CONTROL_CHARS_MAX)}"}`],
    ['binary of an unknown kind', new Uint8Array(20)],
    ['binary that is only a header', encodePart({ n: 1, block: 0, offset: 0, payload: new Uint8Array(0) })],
    ['a part that leaves its block', encodePart({ n: 1, block: 0, offset: BLOCK_BYTES, payload: new Uint8Array(1) })],
  ])('%s', async (_, frame) => {
    const stranger = new Stranger()
    const waiting = stranger.desktop.session.send(new MemorySource('a', bytesOf(1)))
    const open = stranger.offer(1001, 10)
    await stranger.hears('accept', 1001)
    stranger.say(frame)
    expect(stranger.desktop.broken).toEqual(['malformed'])
    for (const id of [waiting, open]) {
      expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'malformed' })
    }
    expect(stranger.desktop.sinks.map((sink) => sink.state)).toEqual(['discarded'])
    // Nothing more is heard.
    stranger.offer(1003, 10)
    await nextTask()
    expect(stranger.desktop.sinks).toHaveLength(1)
  })

  test.each([-1, 1.5, 2 ** 53, Number.NaN, '10', null])('a size of %s', (size) => {
    const stranger = new Stranger()
    stranger.say(JSON.stringify({ t: 'offer', n: 1, id: 'a'.repeat(32), name: 'a', size, mtime: 0, mime: '' }))
    expect(stranger.desktop.broken).toEqual(['malformed'])
  })

  test('any text or bytes: never an exception, never a finished file', () => {
    const frame = fc.oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array({ maxLength: 64 }),
      fc
        .record({ t: fc.constantFrom('hello', 'offer', 'accept', 'block', 'ack', 'end', 'done', 'stop'), n: fc.nat(6) })
        .map((f) => JSON.stringify(f)),
    )
    fc.assert(
      fc.property(fc.array(frame), (all) => {
        const stranger = new Stranger()
        for (const one of all) stranger.say(one)
        expect(stranger.desktop.sinks.every((sink) => sink.state !== 'finished')).toBe(true)
      }),
    )
  })
})

describe('offers', () => {
  test('with the number of one that is under way', async () => {
    const stranger = new Stranger()
    stranger.offer(1, 10)
    await stranger.hears('accept', 1)
    stranger.offer(1, 10, 'b'.repeat(32))
    expect(stranger.desktop.broken).toEqual(['malformed'])
  })

  test('E78: with the id of one that is here: the same file once more, under its new number', async () => {
    const stranger = new Stranger()
    const id = stranger.offer(1, 10)
    await stranger.hears('accept', 1)
    stranger.offer(3, 10, id)
    await stranger.hears('accept', 3)
    stranger.part(3, 0, 0, bytesOf(10))
    stranger.say({ t: 'block', n: 3, i: 0, hash: hexHash(bytesOf(10)) })
    await stranger.hears('ack', 3)
    stranger.say({ t: 'end', n: 3, root: await rootOf(memoryHash, 10, [hexHash(bytesOf(10))]) })
    expect((await stranger.desktop.told.end(id)).state).toBe('done')
    expect(stranger.desktop.sinks).toHaveLength(1)
  })

  test('E78: with the id of one that is here and another size: refused', async () => {
    const stranger = new Stranger()
    const id = stranger.offer(1, 10)
    await stranger.hears('accept', 1)
    stranger.offer(3, 11, id)
    expect(stranger.desktop.broken).toEqual(['malformed'])
  })

  test('E78: with the id of one that has ended: how it ended, once more', async () => {
    const stranger = new Stranger()
    const ids = [stranger.offer(1, 0), stranger.offer(3, 10)]
    await stranger.hears('accept', 3)
    stranger.say({ t: 'end', n: 1, root: await rootOf(memoryHash, 0, []) })
    expect((await stranger.desktop.told.end(ids[0]!)).state).toBe('done')
    stranger.desktop.session.cancel(ids[1]!)
    await stranger.desktop.told.end(ids[1]!)
    stranger.offer(5, 0, ids[0])
    stranger.offer(7, 10, ids[1])
    expect(await stranger.hears('done', 5)).toMatchObject({ root: await rootOf(memoryHash, 0, []) })
    expect(await stranger.hears('stop', 7)).toMatchObject({ code: 'cancelled' })
    expect(stranger.desktop.told.afterEnd).toEqual([])
    expect(stranger.desktop.sinks).toHaveLength(2)
  })

  test.each([
    ['small', 10, 32],
    ['large', 2 * BLOCK_BYTES, 16],
  ])('more %s files than may be open at a time', async (_, size, open) => {
    const stranger = new Stranger()
    for (let i = 0; i < OFFERS_MAX; i++) stranger.offer(1 + 2 * i, size, i.toString(16).padStart(32, '0'))
    await until('all open', () => stranger.desktop.sinks.length > 0)
    // Each costs a name; only so many cost an open file.
    expect(stranger.desktop.sinks).toHaveLength(open)
    expect(stranger.desktop.broken).toEqual([])
    stranger.offer(10_001, size)
    expect(stranger.desktop.broken).toEqual(['malformed'])
    await until('all gone', () => stranger.desktop.told.moving.length === 0)
    await until('all discarded', () => stranger.desktop.sinks.every((sink) => sink.state === 'discarded'))
  })

  test('that take the number of one just stopped get a place of their own', async () => {
    let release = (): void => undefined
    const slow = new Promise<void>((resolve) => (release = resolve))
    const stranger = new Stranger({ beforeWrite: () => slow })
    const first = stranger.offer(1, BLOCK_BYTES)
    await stranger.hears('accept', 1)
    for (let at = 0; at < BLOCK_BYTES; at += 65_536) stranger.part(1, 0, at, new Uint8Array(65_536))
    stranger.say({ t: 'stop', n: 1, code: 'cancelled' })
    const second = stranger.offer(1, 5, 'b'.repeat(32))
    release()
    expect((await stranger.desktop.told.end(first)).state).toBe('cancelled')
    await until('the second accept', () => stranger.heard.filter((f) => f.t === 'accept').length === 2)
    stranger.close()
    await until('away', () => stranger.desktop.told.last(second)?.paused === 'away')
    stranger.desktop.session.end('connection-lost')
    expect(await stranger.desktop.told.end(second)).toMatchObject({ state: 'failed', reason: 'connection-lost' })
    await until('nothing open', () => stranger.desktop.sinks.every((sink) => sink.state === 'discarded'))
  })
})

describe('parts', () => {
  async function accepted(size: number, options: Partial<EndOptions> = {}) {
    const stranger = new Stranger(options)
    const id = stranger.offer(1, size)
    await stranger.hears('accept', 1)
    return { stranger, id }
  }

  test.each([
    ['E75: that leave a gap', 100, [[0, 10, 10]]],
    ['E75: that leave a gap in a later block', 3 * BLOCK_BYTES, [[1, 0, 10], [1, 11, 10]]], // prettier-ignore
  ] as const)('%s', async (_, size, parts) => {
    const { stranger, id } = await accepted(size)
    for (const [block, offset, length] of parts) stranger.part(1, block, offset, new Uint8Array(length))
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'malformed' })
    expect(await stranger.hears('stop', 1)).toMatchObject({ code: 'malformed' })
    expect(stranger.desktop.sinks.map((sink) => sink.state)).toEqual(['discarded'])
    expect(stranger.desktop.broken).toEqual([])
  })

  test('E75: that overlap with other bytes: the file is not what its hash says', async () => {
    const { stranger, id } = await accepted(15)
    for (let round = 0; round < 2; round++) {
      stranger.part(1, 0, 0, new Uint8Array(10).fill(round))
      stranger.part(1, 0, 5, new Uint8Array(10).fill(7))
      stranger.say({ t: 'block', n: 1, i: 0, hash: HASH })
      if (round === 0) await stranger.hears('resend', 1)
    }
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'corrupt' })
    expect(stranger.desktop.sinks.map((sink) => sink.state)).toEqual(['discarded'])
  })

  test('E77: a block that comes twice is written once, and acknowledged twice', async () => {
    const { stranger, id } = await accepted(2 * BLOCK_BYTES)
    const bytes = bytesOf(2 * BLOCK_BYTES)
    for (const i of [1, 0, 1, 0]) {
      const before = stranger.heard.filter((f) => f.t === 'ack').length
      for (let at = 0; at < BLOCK_BYTES; at += 131_072)
        stranger.part(1, i, at, bytes.subarray(i * BLOCK_BYTES + at, i * BLOCK_BYTES + at + 131_072))
      await until('an ack', () => stranger.heard.filter((f) => f.t === 'ack').length > before)
    }
    const hashes = [0, 1].map((i) => hexHash(bytes.slice(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)))
    for (const [i, hash] of hashes.entries()) stranger.say({ t: 'block', n: 1, i, hash })
    stranger.say({ t: 'end', n: 1, root: await rootOf(memoryHash, bytes.length, hashes) })
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'done', bytes: bytes.length })
    expect(stranger.desktop.sinks[0]?.order).toEqual([1, 0])
    expect(stranger.desktop.sinks[0]?.sha256).toBe(hexHash(bytes))
  })

  test('E76: beyond the announced size', async () => {
    const { stranger, id } = await accepted(100)
    stranger.part(1, 0, 0, new Uint8Array(101))
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'overrun' })
    expect(stranger.desktop.sinks.map((sink) => sink.state)).toEqual(['discarded'])
  })

  test('E76: of a file of nothing', async () => {
    const { stranger, id } = await accepted(0)
    stranger.part(1, 0, 0, new Uint8Array(1))
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'overrun' })
  })

  test('E87: from a peer that ignores the credit', async () => {
    let release = (): void => undefined
    const never = new Promise<void>((resolve) => (release = resolve))
    const { stranger, id } = await accepted(100 * BLOCK_BYTES, { beforeWrite: () => never })
    const part = new Uint8Array(262_128)
    for (let sent = 0; sent <= CREDIT_BYTES;) {
      const offset = sent % BLOCK_BYTES
      const payload = part.subarray(0, Math.min(part.length, BLOCK_BYTES - offset))
      stranger.part(1, Math.floor(sent / BLOCK_BYTES), offset, payload)
      sent += payload.byteLength
    }
    release()
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'overrun' })
  })

  test('E86: before the file was accepted', async () => {
    const stranger = new Stranger({ openSink: () => new Promise(() => undefined) })
    stranger.offer(1, 10)
    stranger.part(1, 0, 0, new Uint8Array(10))
    // Its sink is still being opened, so its end is not told yet; what counts is that nothing is taken.
    await nextTask()
    expect(stranger.desktop.broken).toEqual([])
    stranger.close()
  })

  test("E79: of transfers that nobody knows are nobody's fault", async () => {
    const { stranger, id } = await accepted(10)
    stranger.part(77, 0, 0, new Uint8Array(10))
    stranger.say({ t: 'accept', n: 77 })
    stranger.say({ t: 'ack', n: 1, i: 5 })
    stranger.part(1, 0, 0, bytesOf(10))
    stranger.say({ t: 'block', n: 1, i: 0, hash: hexHash(bytesOf(10)) })
    await stranger.hears('ack', 1)
    stranger.say({ t: 'end', n: 1, root: await rootOf(memoryHash, 10, [hexHash(bytesOf(10))]) })
    expect((await stranger.desktop.told.end(id)).state).toBe('done')
  })

  test('E79: of files that were never offered: so many are no mistake', () => {
    const stranger = new Stranger()
    for (let i = 0; i < 50; i++) stranger.part(1, 0, 0, new Uint8Array(10))
    expect(stranger.desktop.broken).toEqual([])
    stranger.part(1, 0, 0, new Uint8Array(10))
    expect(stranger.desktop.broken).toEqual(['malformed'])
  })

  test('E79: of a file that was cancelled: what was under way is dropped, what goes on for ever is not', async () => {
    const { stranger, id } = await accepted(1_000 * BLOCK_BYTES)
    stranger.desktop.session.cancel(id)
    await stranger.desktop.told.end(id)
    const part = new Uint8Array(262_128)
    for (let sent = 0; sent < CREDIT_BYTES; sent += part.length) stranger.part(1, 0, 0, part)
    expect(stranger.desktop.broken).toEqual([])
    for (let sent = 0; sent <= CREDIT_BYTES; sent += part.length) stranger.part(1, 0, 0, part)
    expect(stranger.desktop.broken).toEqual(['overrun'])
  })
})

describe('hashes and ends', () => {
  test('a hash may come before its bytes', async () => {
    const stranger = new Stranger()
    const id = stranger.offer(1, 10)
    await stranger.hears('accept', 1)
    stranger.say({ t: 'block', n: 1, i: 0, hash: hexHash(bytesOf(10)) })
    stranger.part(1, 0, 0, bytesOf(10))
    await stranger.hears('ack', 1)
    stranger.say({ t: 'end', n: 1, root: await rootOf(memoryHash, 10, [hexHash(bytesOf(10))]) })
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'done', proof: 'verified' })
  })

  test('of 64 blocks at most, and of no block beyond the file', async () => {
    for (const [count, from] of [
      [64, 0],
      [65, 0],
      [1, 100],
      [1, 4_294_967_295],
    ] as const) {
      // prettier-ignore
      const stranger = new Stranger()
      const id = stranger.offer(1, 100 * BLOCK_BYTES)
      await stranger.hears('accept', 1)
      for (let i = 0; i < count; i++) stranger.say({ t: 'block', n: 1, i: from + i, hash: HASH })
      await nextTask()
      if (count === 64) expect(stranger.desktop.told.ended).toEqual([])
      else expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'malformed' })
      stranger.desktop.session.end('cancelled')
    }
  })

  test('E76: an end before all bytes: nothing is finished', async () => {
    const stranger = new Stranger()
    const id = stranger.offer(1, 2 * BLOCK_BYTES)
    await stranger.hears('accept', 1)
    stranger.part(1, 0, 0, new Uint8Array(100_000))
    stranger.say({ t: 'end', n: 1, root: HASH })
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'corrupt' })
    expect(stranger.desktop.sinks.map((sink) => sink.state)).toEqual(['discarded'])
  })

  test('E81: a root that is wrong while every block is right', async () => {
    const stranger = new Stranger()
    const id = stranger.offer(1, 10)
    await stranger.hears('accept', 1)
    stranger.part(1, 0, 0, bytesOf(10))
    stranger.say({ t: 'block', n: 1, i: 0, hash: hexHash(bytesOf(10)) })
    await stranger.hears('ack', 1)
    stranger.say({ t: 'end', n: 1, root: HASH })
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'corrupt' })
    expect(await stranger.hears('stop', 1)).toMatchObject({ code: 'corrupt' })
    expect(stranger.desktop.sinks.map((sink) => sink.state)).toEqual(['discarded'])
  })

  test('an offer that is said once more while the root is computed changes nothing', async () => {
    let go = (): void => undefined
    const computed = new Promise<void>((resolve) => (go = resolve))
    let computing = false
    const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
      if (bytes[0] !== 'l'.charCodeAt(0)) return memoryHash(bytes)
      computing = true
      await computed
      return memoryHash(bytes)
    }
    const stranger = new Stranger({ sha256 })
    const id = stranger.offer(1, 10)
    await stranger.hears('accept', 1)
    stranger.part(1, 0, 0, bytesOf(10))
    stranger.say({ t: 'block', n: 1, i: 0, hash: hexHash(bytesOf(10)) })
    await stranger.hears('ack', 1)
    stranger.say({ t: 'end', n: 1, root: await rootOf(memoryHash, 10, [hexHash(bytesOf(10))]) })
    await until('the root', () => computing)
    stranger.offer(3, 10, id)
    go()
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'done', proof: 'verified' })
    await stranger.hears('done', 3)
  })

  test('words come over one lane: after `resume` on another, what comes late over the one before is dropped', async () => {
    const stranger = new Stranger()
    const id = stranger.offer(1, 10)
    await stranger.hears('accept', 1)
    const [, second] = MemoryLane.pair({ kind: 'socket' })
    const first = stranger.desktop.lane
    stranger.desktop.join(second)
    second.inject(encodeFrame({ t: 'stop', n: 1, code: 'failed' }))
    await nextTask()
    expect(stranger.desktop.told.ended).toEqual([])
    second.inject(encodeFrame({ t: 'resume', ns: [1] }))
    first.inject(encodeFrame({ t: 'stop', n: 1, code: 'failed' }))
    await nextTask()
    expect(stranger.desktop.told.ended).toEqual([])
    second.inject(encodeFrame({ t: 'stop', n: 1, code: 'cancelled' }))
    expect((await stranger.desktop.told.end(id)).state).toBe('cancelled')
  })

  test('E82: a word of 10 MB, and a list of a million files', () => {
    for (const frame of [
      JSON.stringify({ t: 'ping', x: 'x'.repeat(10_000_000) }),
      JSON.stringify({ t: 'batch', id: 'a'.repeat(32), name: 'all', files: 1_000_000, bytes: 1 }),
      JSON.stringify({ t: 'resume', ns: Array.from({ length: OFFERS_MAX + 1 }, (_, i) => i) }),
    ]) {
      const stranger = new Stranger()
      stranger.say(frame)
      expect(stranger.desktop.broken).toEqual(['malformed'])
    }
  })

  test('E86: an end before the file was accepted never finishes it', async () => {
    const sink = new MemorySink('a')
    let open = (): void => undefined
    const stranger = new Stranger({ openSink: () => new Promise((resolve) => (open = () => resolve(sink))) })
    const id = stranger.offer(1, 10)
    await nextTask()
    stranger.say({ t: 'end', n: 1, root: HASH })
    open()
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'malformed' })
    expect(sink.state).toBe('discarded')
  })

  test('a stop with a code that is known is the reason; an unknown one is read as failed, and nothing else', async () => {
    const stranger = new Stranger()
    const [first, second] = [stranger.offer(1, 10), stranger.offer(3, 10)]
    stranger.say({ t: 'stop', n: 1, code: 'source-changed' })
    expect(await stranger.desktop.told.end(first)).toMatchObject({ state: 'failed', reason: 'source-changed' })
    stranger.say('{"t":"stop","n":3,"code":"because"}')
    expect(await stranger.desktop.told.end(second)).toMatchObject({ state: 'failed', reason: 'failed' })
    expect(stranger.desktop.broken).toEqual([])
    stranger.say('{"t":"stop","n":1,"code":7}')
    expect(stranger.desktop.broken).toEqual(['malformed'])
  })

  test('a receiver that says done before it was sent anything', async () => {
    const stranger = new Stranger()
    const id = stranger.desktop.session.send(new MemorySource('a', bytesOf(20 * BLOCK_BYTES)))
    await stranger.hears('offer')
    stranger.say({ t: 'done', n: 2, root: HASH })
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'corrupt' })
    expect(await stranger.hears('stop', 2)).toMatchObject({ code: 'corrupt' })
  })

  test('a receiver that acknowledges, and wants again, what there is not', async () => {
    const stranger = new Stranger()
    const bytes = bytesOf(10 * BLOCK_BYTES)
    const id = stranger.desktop.session.send(new MemorySource('a', bytes))
    await stranger.hears('offer')
    stranger.say({ t: 'accept', n: 2 })
    await stranger.desktop.told.phase(id, 'sending')
    for (let i = 0; i < 30; i++) await nextTask()
    const sent = () =>
      stranger.desktop.lane.sent.reduce((sum, f) => sum + (typeof f === 'string' ? 0 : f.byteLength - 16), 0)
    expect(sent()).toBeLessThanOrEqual(CREDIT_BYTES)
    for (const i of [10, 11, 4_294_967_295]) {
      stranger.say({ t: 'ack', n: 2, i })
      stranger.say({ t: 'resend', n: 2, i })
    }
    for (let i = 0; i < 10; i++) stranger.say({ t: 'ack', n: 2, i })
    const end = (await stranger.hears('end', 2)) as Extract<Frame, { t: 'end' }>
    const hashes = Array.from({ length: 10 }, (_, i) => hexHash(bytes.slice(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)))
    expect(end.root).toBe(await rootOf(memoryHash, bytes.length, hashes))
    stranger.say({ t: 'done', n: 2, root: HASH })
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'corrupt' })
  })

  test('a receiver that wants it as a download, from one who gives none', async () => {
    const stranger = new Stranger()
    const id = stranger.desktop.session.send(new MemorySource('a', bytesOf(10)))
    await stranger.hears('offer')
    stranger.say({ t: 'fetch', n: 2 })
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'too-large' })
    expect(await stranger.hears('stop', 2)).toMatchObject({ code: 'too-large' })
  })
})

test('a name that nobody reads is refused where it is sent, and holds up nothing else', async () => {
  const { phone, desktop } = connect()
  const long = phone.session.send(new MemorySource('y'.repeat(5_000), bytesOf(1)))
  const next = phone.session.send(new MemorySource('next', bytesOf(1)))
  expect(await phone.told.end(long)).toMatchObject({ state: 'failed', reason: 'bad-name' })
  expect((await desktop.told.end(next)).state).toBe('done')
  expect(desktop.broken).toEqual([])
})

test('A1 a file that is offered again under another name lands as it was said yes to', async () => {
  const opened: string[] = []
  let holdUp = true
  const stranger = new Stranger({
    openSink: (offer) => {
      opened.push([...(offer.path ?? []), offer.name].join('/'))
      return holdUp ? Promise.reject(new TransferError('disk-error')) : Promise.resolve(new MemorySink(offer.name))
    },
  })
  const id = stranger.offer(1, 0)
  await stranger.hears('pause', 1)
  holdUp = false
  stranger.say({ t: 'offer', n: 3, id, name: 'evil.lnk', path: ['deep'], size: 0, mtime: 5, mime: '' })
  stranger.desktop.session.tryDisk(id)
  await until('opened again', () => opened.length === 2)
  expect(opened).toEqual(['1.bin', '1.bin'])
})
