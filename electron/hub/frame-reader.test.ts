import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as ws from 'ws'
import { frame } from '#hub/testing/websocket-frame.ts'
import { BufferPool } from '#transfer/buffer-pool.ts'
import { FrameReader } from './frame-reader.ts'

/** Not among its types, but in its documentation's sense public: `ws` exports it. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable }

const LIMIT = 70_000

interface Heard {
  readonly messages: string[]
  readonly controls: string[]
  texts: number
  code: number | null
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** What comes out of a reader; memory that it gave is filled with a pattern, as soon as it was looked at. */
function ours(chunks: readonly Uint8Array[], limit = LIMIT): Heard {
  const heard: Heard = { messages: [], controls: [], texts: 0, code: null }
  const pool = new BufferPool(limit, 2)
  const reader = new FrameReader(pool, limit, {
    onMessage: (message) => {
      heard.messages.push(hex(message))
      message.fill(0xdb)
      pool.giveBack(message.buffer)
    },
    onText: () => heard.texts++,
    onControl: (frame) => heard.controls.push(hex(frame)),
    onViolation: (code) => (heard.code = code),
  })
  for (const chunk of chunks) {
    const memory = Uint8Array.from(chunk)
    reader.read(memory)
    memory.fill(0xdb)
  }
  return heard
}

/** The same by `ws` itself. */
async function theirs(bytes: Uint8Array): Promise<Pick<Heard, 'messages' | 'code'>> {
  const heard: Pick<Heard, 'messages' | 'code'> = { messages: [], code: null }
  const receiver = new Receiver({ isServer: true, maxPayload: LIMIT })
  receiver.on('message', (data: Buffer, isBinary: boolean) => isBinary && heard.messages.push(hex(data)))
  receiver.on('error', (error: Error) => {
    const [status] = Object.getOwnPropertySymbols(error).filter(({ description }) => description === 'status-code')
    heard.code = (error as unknown as Record<symbol, number>)[status!] ?? null
  })
  receiver.write(bytes)
  // It tells of errors in a later turn.
  await new Promise(setImmediate)
  return heard
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

const payload = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 40_000 }).map((size) => new Uint8Array(randomBytes(size))) },
)
/** A message in one frame or several, with pings between them. */
const message = fc
  .array(fc.tuple(payload, fc.boolean()), { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts.flatMap(([part, pings], i) => [
      frame(part, { opcode: i === 0 ? 2 : 0, fin: i === parts.length - 1 }),
      ...(pings ? [frame(part.subarray(0, 125), { opcode: 9 })] : []),
    ]),
  )

test('it joins what ws joins, however it is cut into frames and reads', async () => {
  const stream = fc.tuple(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 20 }))
  await fc.assert(
    fc.asyncProperty(stream, async ([messages, places]) => {
      const bytes = Buffer.concat(messages.flat())
      const { messages: came, code } = ours(cut(bytes, places))
      expect({ messages: came, code }).toEqual(await theirs(bytes))
    }),
    { numRuns: 100 },
  )
})

test('it refuses what ws refuses, with the same code', async () => {
  const sent = fc.record({
    // Text and goodbyes have ways of their own, see below.
    opcode: fc.constantFrom(...[0, 0, 2, 2, 2, 3, 7, 9, 10, 11, 15]),
    payload: fc.uint8Array({ maxLength: 130 }),
    fin: fc.boolean(),
    masked: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    reserved: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 4 }), async (frames) => {
      const bytes = Buffer.concat(frames.map(({ payload: part, ...how }) => frame(part, how)))
      const { messages, code } = ours([bytes])
      expect({ messages, code }).toEqual(await theirs(bytes))
    }),
    { numRuns: 200 },
  )
})

describe('a message that is too large', () => {
  test('is refused by its head alone', () => {
    const whole = frame(new Uint8Array(LIMIT + 1), { opcode: 2 })
    expect(ours([whole.subarray(0, 14)]).code).toBe(1009)
  })

  test('is refused by the sum of its frames', () => {
    const most = frame(new Uint8Array(LIMIT), { opcode: 2, fin: false })
    expect(ours([most]).code).toBeNull()
    expect(ours([most, frame(new Uint8Array(1), { opcode: 0 })]).code).toBe(1009)
  })

  test('is refused if it says a length that no number holds', () => {
    const head = Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])
    expect(ours([head]).code).toBe(1009)
    expect(ours([frame(new Uint8Array(0), { opcode: 1 }), head]).code).toBe(1009)
  })
})

test('nothing is read after a violation', () => {
  const good = frame(Uint8Array.of(1), { opcode: 2 })
  const bad = frame(Uint8Array.of(2), { opcode: 2, masked: false })
  expect(ours([Buffer.concat([good, bad, good])])).toEqual({ messages: ['01'], controls: [], texts: 0, code: 1002 })
})

test('text is told of where it begins, once, and not kept; goodbyes are still passed on, and are the last', () => {
  const text = frame(new Uint8Array(LIMIT + 1), { opcode: 1, fin: false })
  const goodbye = frame(Uint8Array.of(3, 232), { opcode: 8 })
  const rest = frame(new Uint8Array(100), { opcode: 0 })
  const ping = frame(new Uint8Array(0), { opcode: 9 })
  const more = [frame('more'), frame('and more', { opcode: 2 })]
  const bytes = Buffer.concat([text, ping, rest, ...more, goodbye, ping])
  expect(ours(cut(bytes, [10, 500, 70_000]))).toEqual({
    messages: [],
    controls: [hex(ping), hex(goodbye)],
    texts: 1,
    code: null,
  })
})

test('a message that was begun goes back to the pool when nothing more is wanted', () => {
  const given: ArrayBuffer[] = []
  const pool = new BufferPool(LIMIT, 2)
  const memory = pool.take(LIMIT).buffer
  pool.giveBack(memory)
  pool.giveBack = (back) => void given.push(back)
  const never = (): never => expect.unreachable()
  const reader = new FrameReader(pool, LIMIT, { onMessage: never, onText: never, onControl: never, onViolation: never })
  const half = frame(new Uint8Array(20_000), { opcode: 2, fin: false })
  reader.read(half.subarray(0, 15_000))
  reader.skip()
  reader.read(half.subarray(15_000))
  reader.read(frame(new Uint8Array(LIMIT), { opcode: 0 }))
  expect(given).toEqual([memory])
})
