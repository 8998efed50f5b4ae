import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodePart } from '#protocol/blocks.ts'
import { decodeFrame, encodeFrame, type Frame } from '#protocol/frames.ts'
import { BLOCK_BYTES, CONTROL_CHARS_MAX, CREDIT_BYTES, OFFERS_MAX } from '#protocol/limits.ts'
import { End, until, type EndOptions } from './testing/ends.ts'
import { bytesOf, hexHash, memoryHash, MemorySink, MemorySource } from './testing/files.ts'
import { MemoryLane, nextTask } from './testing/lanes.ts'
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

  test('with the id of another, one that has ended, or one of ours', async () => {
    for (const when of ['moving', 'done', 'ours'] as const) {
      const stranger = new Stranger()
      let id = stranger.offer(1, 0)
      await stranger.hears('accept', 1)
      if (when === 'done') {
        stranger.say({ t: 'end', n: 1, root: await rootOf(memoryHash, 0, []) })
        expect((await stranger.desktop.told.end(id)).state).toBe('done')
      } else if (when === 'ours') id = stranger.desktop.session.send(new MemorySource('a', bytesOf(1)))
      stranger.offer(3, 10, id)
      expect(stranger.desktop.broken).toEqual(['malformed'])
      expect(stranger.desktop.told.afterEnd).toEqual([])
    }
  })

  test('more than may be open at a time', async () => {
    const stranger = new Stranger()
    for (let i = 0; i < OFFERS_MAX; i++) stranger.offer(1 + 2 * i, 10, i.toString(16).padStart(32, '0'))
    await until('all open', () => stranger.desktop.sinks.length > 0)
    // Each costs a name; only so many cost an open file.
    expect(stranger.desktop.sinks).toHaveLength(16)
    expect(stranger.desktop.broken).toEqual([])
    stranger.offer(10_001, 10)
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
    ['of a block that is not its turn', 3 * BLOCK_BYTES, [[1, 0, 10]]],
    ['that leave a gap', 100, [[0, 10, 10]]],
    ['that come twice', 100, [[0, 0, 10], [0, 0, 10]]], // prettier-ignore
    ['that overlap', 100, [[0, 0, 10], [0, 5, 10]]], // prettier-ignore
  ] as const)('%s', async (_, size, parts) => {
    const { stranger, id } = await accepted(size)
    for (const [block, offset, length] of parts) stranger.part(1, block, offset, new Uint8Array(length))
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'malformed' })
    expect(await stranger.hears('stop', 1)).toMatchObject({ code: 'malformed' })
    expect(stranger.desktop.broken).toEqual([])
  })

  test('beyond the announced size', async () => {
    const { stranger, id } = await accepted(100)
    stranger.part(1, 0, 0, new Uint8Array(101))
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'overrun' })
    expect(stranger.desktop.sinks.map((sink) => sink.state)).toEqual(['discarded'])
  })

  test('of a file of nothing', async () => {
    const { stranger, id } = await accepted(0)
    stranger.part(1, 0, 0, new Uint8Array(1))
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'overrun' })
  })

  test('from a peer that ignores the credit', async () => {
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

  test('before the file was accepted', async () => {
    const stranger = new Stranger({ openSink: () => new Promise(() => undefined) })
    stranger.offer(1, 10)
    stranger.part(1, 0, 0, new Uint8Array(10))
    // Its sink is still being opened, so its end is not told yet; what counts is that nothing is taken.
    await nextTask()
    expect(stranger.desktop.broken).toEqual([])
    stranger.close()
  })

  test("of transfers that nobody knows are nobody's fault", async () => {
    const { stranger, id } = await accepted(10)
    stranger.part(77, 0, 0, new Uint8Array(10))
    stranger.say({ t: 'accept', n: 77 })
    stranger.say({ t: 'ack', n: 1, bytes: 5 })
    stranger.part(1, 0, 0, bytesOf(10))
    stranger.say({ t: 'end', n: 1, root: await rootOf(memoryHash, 10, [hexHash(bytesOf(10))]) })
    expect((await stranger.desktop.told.end(id)).state).toBe('done')
  })
})

describe('hashes and ends', () => {
  test.each([0, 1, 4_294_967_295])('a hash for block %i before its bytes', async (i) => {
    const stranger = new Stranger()
    const id = stranger.offer(1, 10 * BLOCK_BYTES)
    await stranger.hears('accept', 1)
    stranger.say({ t: 'block', n: 1, i, hash: HASH })
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'malformed' })
  })

  test('an end before the file was accepted never finishes it', async () => {
    const sink = new MemorySink('a')
    let open = (): void => undefined
    const stranger = new Stranger({ openSink: () => new Promise((resolve) => (open = () => resolve(sink))) })
    const id = stranger.offer(1, 10)
    await nextTask()
    stranger.say({ t: 'end', n: 1, root: HASH })
    open()
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'corrupt' })
    expect(sink.state).toBe('discarded')
  })

  test('a stop with a code that is known is the reason; an unknown one is not of the protocol', async () => {
    const stranger = new Stranger()
    const id = stranger.offer(1, 10)
    stranger.say({ t: 'stop', n: 1, code: 'source-changed' })
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'source-changed' })
    stranger.say('{"t":"stop","n":1,"code":"because"}')
    expect(stranger.desktop.broken).toEqual(['malformed'])
  })

  test('a receiver that claims more than was sent, or is done too early', async () => {
    const stranger = new Stranger()
    const id = stranger.desktop.session.send(new MemorySource('a', bytesOf(20 * BLOCK_BYTES)))
    await stranger.hears('offer')
    stranger.say({ t: 'ack', n: 2, bytes: 10 ** 15 })
    stranger.say({ t: 'done', n: 2, root: HASH })
    stranger.say({ t: 'accept', n: 2 })
    await stranger.desktop.told.phase(id, 'sending')
    for (let i = 0; i < 30; i++) await nextTask()
    const sent = stranger.desktop.lane.sent.reduce((sum, f) => sum + (typeof f === 'string' ? 0 : f.byteLength - 16), 0)
    expect(sent).toBeLessThanOrEqual(CREDIT_BYTES)
    stranger.say({ t: 'ack', n: 2, bytes: 10 ** 15 })
    await until('all sent or ended', () => {
      stranger.say({ t: 'ack', n: 2, bytes: 10 ** 15 })
      return stranger.desktop.told.ended.length > 0
    })
    expect(await stranger.desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'corrupt' })
  })
})
