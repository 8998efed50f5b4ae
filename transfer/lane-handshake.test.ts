import { beforeEach, expect, test } from 'vitest'
import { toBase64Url } from '#protocol/base64url.ts'
import { confirmLane } from './lane-handshake.ts'
import type { Lane } from './lane.ts'
import { until } from './testing/ends.ts'
import { MemoryLane } from './testing/lanes.ts'

const RIGHT = new Uint8Array(32).fill(7)
const GOODBYE = '{"t":"close","code":"tampered"}'
const frameOf = (mac: Uint8Array): string => JSON.stringify({ t: 'confirm', mac: toBase64Url(mac) })

let near: MemoryLane
let far: MemoryLane
let got: (Lane | string)[]
let parsed: (string | Uint8Array)[]

beforeEach(() => {
  ;[near, far] = MemoryLane.pair()
  got = []
  parsed = []
})

function guard(limitMs?: number): void {
  confirmLane(near, {
    own: new Uint8Array(32).fill(9),
    isRight: (mac) => Buffer.from(mac).equals(Buffer.from(RIGHT)),
    onConfirmed: (lane) => {
      got.push(lane)
      lane.listen({ onFrame: (data) => parsed.push(data), onClose: () => parsed.push('closed') })
    },
    onRefused: (code) => got.push(code),
    ...(limitMs !== undefined && { limitMs }),
  })
}

test('our own word is said at once, and the lane opens after the right one', async () => {
  guard()
  expect(near.sent).toEqual([frameOf(new Uint8Array(32).fill(9))])
  far.send(frameOf(RIGHT))
  far.send('hello')
  far.send(new Uint8Array([1]))
  await until('frames', () => parsed.length === 2)
  expect(parsed).toEqual(['hello', new Uint8Array([1])])
  expect(got).toHaveLength(1)
  far.close()
  await until('close', () => parsed.length === 3)
})

test.each<[string, string | Uint8Array]>([
  ['a wrong word', frameOf(new Uint8Array(32))],
  ['a word cut short', frameOf(RIGHT.slice(0, 31))],
  ['another frame', '{"t":"hello","v":2,"name":"x","kind":"page"}'],
  ['bytes', new Uint8Array(64)],
  ['no JSON', '{'],
  ['too much', `{"t":"confirm","mac":"${'A'.repeat(1000)}"}`],
])('%s shuts the lane for good', async (_, data) => {
  guard()
  far.send(data)
  far.send(frameOf(RIGHT))
  far.send('hello')
  await until('the end', () => near.closed)
  expect(got).toEqual(['tampered'])
  expect(parsed).toEqual([])
  // Our own word, and why it is shut: once.
  expect(near.sent).toEqual([frameOf(new Uint8Array(32).fill(9)), GOODBYE])
})

test('who is told that our word is wrong does not answer', async () => {
  guard()
  far.send(GOODBYE)
  await until('the end', () => near.closed)
  expect(got).toEqual(['tampered'])
  expect(near.sent).toEqual([frameOf(new Uint8Array(32).fill(9))])
})

test('silence shuts it too', async () => {
  guard(20)
  await until('the end', () => near.closed)
  expect(got).toEqual(['timeout'])
})

test('a lane that ends by itself is nobody’s fault', async () => {
  guard(20)
  far.close()
  await until('the end', () => near.closed)
  await new Promise((resolve) => setTimeout(resolve, 40))
  expect(got).toEqual([])
})
