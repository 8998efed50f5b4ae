import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { eventually } from '#hub/testing/client.ts'
import { cipherHere } from '#hub/testing/cipher-here.ts'
import { LaneClient } from '#hub/testing/lane-client.ts'
import { registered } from '#hub/testing/registered.ts'
import { setStage, type Stage } from '#hub/testing/stage.ts'
import { frame, type FrameOptions } from '#hub/testing/websocket-frame.ts'
import { toBase64Url } from '#protocol/base64url.ts'
import { MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { RECORD, RECORD_BYTES_MAX } from '#protocol/sealed-records.ts'
import { BufferPool } from '#transfer/buffer-pool.ts'
import { End, until } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySource } from '#transfer/testing/files.ts'
import { memoryHash } from '#transfer/testing/quick.ts'
import type { SealedLane } from './socket-lane.ts'

// Whose memory is used again, with phones that do their worst. All memory that is handed back is filled with a pattern here,
// so whoever reads it late reads that.
const PATTERN = 0xdb
const KEY = randomBytes(32)

let stage: Stage
let clients: LaneClient[]
let lanes: SealedLane[]
let frames: Uint8Array[]
/** Pieces of memory that are in use: taken and neither handed back nor lost in a lane's end. */
let inUse: number

const methodOf = (name: keyof BufferPool): unknown => Object.getOwnPropertyDescriptor(BufferPool.prototype, name)?.value

beforeEach(async () => {
  clients = []
  lanes = []
  frames = []
  inUse = 0
  const take = methodOf('take') as (this: BufferPool, length: number) => Uint8Array<ArrayBuffer>
  const giveBack = methodOf('giveBack') as (this: BufferPool, memory: ArrayBuffer) => void
  vi.spyOn(BufferPool.prototype, 'take').mockImplementation(function (this: BufferPool, length) {
    const taken = take.call(this, length)
    if (taken.buffer.byteLength === RECORD_BYTES_MAX) inUse++
    return taken
  })
  vi.spyOn(BufferPool.prototype, 'giveBack').mockImplementation(function (this: BufferPool, memory) {
    new Uint8Array(memory).fill(PATTERN)
    if (memory.byteLength === RECORD_BYTES_MAX) inUse--
    giveBack.call(this, memory)
  })
  const live = new Map<string, SessionKey>()
  stage = await setStage({
    keyring: {
      find: () => KEY,
      proved: (_uid, _kid, proved) => {
        live.set(toBase64Url(proved.id), proved)
        return null
      },
    },
    lanes: { sessionOf: (id) => live.get(id) ?? null, onLane: (_, lane) => lanes.push(lane) },
    startCipher: cipherHere,
  })
})
afterEach(async () => {
  for (const client of clients) client.ws.terminate()
  await stage.clear()
  vi.restoreAllMocks()
})

/** A phone with an open lane. */
async function phone(name = 'one', known?: SessionKey): Promise<{ client: LaneClient; session: SessionKey }> {
  const session = known ?? (await registered(stage, name, KEY)).session
  const client = new LaneClient(stage.hub.port)
  clients.push(client)
  const before = lanes.length
  await client.join(session)
  await eventually('lane', () => lanes.length > before)
  return { client, session }
}

/** Keeps copies of what comes over the lane that was opened last. */
function listen(): void {
  lanes.at(-1)?.listen({
    onFrame: (data) => frames.push(typeof data === 'string' ? Buffer.from(data) : data.slice()),
    onClose: () => undefined,
  })
}

/** A record as the phone's next one, in frames of so many bytes. */
function inFrames(client: LaneClient, payload: Uint8Array, bytes: number, between: Uint8Array[] = []): Buffer[] {
  const record = client.record(RECORD.binary, payload)
  const parts: Buffer[] = []
  for (let at = 0; at < record.length; at += bytes) {
    const fin = at + bytes >= record.length
    parts.push(frame(record.subarray(at, at + bytes), { opcode: at === 0 ? 2 : 0, fin }), ...(between as Buffer[]))
  }
  return parts
}

test('a file goes each way over one lane, and nobody reads memory that was handed back', async () => {
  const { client } = await phone()
  const desktop = new End(lanes[0]!, { parity: 0, sha256: memoryHash })
  const far = new End(client.lane(), { parity: 1, sha256: memoryHash })
  const [up, down] = [bytesOf(9_000_003, 1), bytesOf(7_000_001, 2)]
  far.session.send(new MemorySource('up.bin', up))
  desktop.session.send(new MemorySource('down.bin', down))
  await Promise.all([desktop.told.endOf('up.bin'), far.told.endOf('down.bin')])
  expect(Buffer.compare(desktop.sinks[0]!.content(), up)).toBe(0)
  expect(Buffer.compare(far.sinks[0]!.content(), down)).toBe(0)
  await until('all memory to be back', () => inUse === 0)
})

test('a record in many frames, with pings between them, is one record', async () => {
  const { client } = await phone()
  listen()
  const payload = randomBytes(MESSAGE_BYTES_MAX)
  for (const part of inFrames(client, payload, 1_000, [frame('?', { opcode: 9 })])) client.write(part)
  client.say(RECORD.text, 'after it')
  await eventually('both', () => frames.length === 2)
  expect(Buffer.compare(frames[0]!, payload)).toBe(0)
  expect(String(Buffer.from(frames[1]!))).toBe('after it')
  expect(inUse).toBe(0)
})

test('bytes that drip in, one by one across all borders, are records', async () => {
  const { client } = await phone()
  listen()
  const payloads = [randomBytes(300), randomBytes(0), randomBytes(100)]
  for (const byte of Buffer.concat(payloads.flatMap((payload) => inFrames(client, payload, 70)))) {
    client.write(Uint8Array.of(byte))
    await new Promise(setImmediate)
  }
  await eventually('all', () => frames.length === 3)
  expect(frames.map((one) => Buffer.from(one))).toEqual(payloads)
})

describe('a phone that does not keep to WebSocket', () => {
  const record = Buffer.alloc(1_000)
  test.each<[string, number, readonly [Buffer, FrameOptions][]]>([
    ['no mask', 1002, [[record, { opcode: 2, masked: false }]]],
    ['a reserved bit', 1002, [[record, { opcode: 2, reserved: 1 }]]],
    ['a frame of no known kind', 1002, [[record, { opcode: 3 }]]],
    ['a second message within a first', 1002, [[record, { opcode: 2, fin: false }], [record, { opcode: 2 }]]],
    ['the rest of no message', 1002, [[record, { opcode: 0 }]]],
    ['a ping in pieces', 1002, [[Buffer.from('?'), { opcode: 9, fin: false }]]],
    ['a message that is too large', 1009, [[Buffer.alloc(RECORD_BYTES_MAX + 1), { opcode: 2 }]]],
    ['one that grows too large', 1009, [
      [Buffer.alloc(RECORD_BYTES_MAX), { opcode: 2, fin: false }],
      [Buffer.alloc(1), { opcode: 0, fin: false }],
    ]],
  ])('is closed, and another one goes on: %s', async (_, code, sent) => {
    const { client } = await phone()
    const { client: other } = await phone('two')
    listen()
    for (const [payload, how] of sent) client.write(frame(payload, how))
    expect(await client.closed()).toBe(code)
    await eventually('the end', () => lanes[0]!.ending === 'broken')
    other.say(RECORD.binary, randomBytes(100_000))
    await eventually('the other one', () => frames.length === 1)
    expect(inUse).toBe(0)
  })
}) // prettier-ignore

test('phones that send halves of records hold a bounded piece of memory each, others go on, and all of it comes back', async () => {
  const halves: LaneClient[] = []
  for (let n = 0; n < 12; n++) {
    const { client, session } = await phone(`half ${n}`)
    halves.push(client, (await phone('', session)).client)
  }
  for (const client of halves) {
    // Of a whole frame, and of a message whose length nobody says.
    const bytes = halves.indexOf(client) % 2 === 0 ? RECORD_BYTES_MAX : 60_000
    const [first = Buffer.alloc(0)] = inFrames(client, randomBytes(MESSAGE_BYTES_MAX), bytes)
    client.write(first.subarray(0, 50_000))
  }
  const { client: good } = await phone('good')
  listen()
  const sent = Array.from({ length: 40 }, () => randomBytes(MESSAGE_BYTES_MAX))
  for (const payload of sent) good.say(RECORD.binary, payload)
  await eventually('all', () => frames.length === sent.length)
  expect(frames.every((one, i) => Buffer.compare(one, sent[i]!) === 0)).toBe(true)
  await eventually('the halves', () => inUse === halves.length)
  for (const { ws } of halves) ws.terminate()
  await eventually('all memory to be back', () => inUse === 0)
})

test('a phone whose records nobody takes fills no more than its share, and a lane that ends keeps none', async () => {
  const { client } = await phone()
  for (let n = 0; n < 60; n++) client.say(RECORD.binary, new Uint8Array(MESSAGE_BYTES_MAX).fill(n))
  await eventually('a pause', () => inUse > 8)
  await eventually('no more to come', () => client.ws.bufferedAmount > 0)
  expect(inUse).toBeLessThan(16)
  listen()
  await eventually('all', () => frames.length === 60)
  expect(frames.map((one) => one[77])).toEqual(Array.from({ length: 60 }, (_, n) => n))
  expect(inUse).toBe(0)
})
