import { x25519 } from '@noble/curves/ed25519.js'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RECORD, RecordOpener, RecordSealer, recordWith } from '#protocol/sealed-records.ts'
import { laneAnswer, laneKeys, readLaneHello } from '#protocol/sealed.ts'
import { nobleAead } from '#transfer/sealing/noble.ts'
import { primitives } from './noble-crypto.ts'
import { SealedSocket } from './sealed-socket.ts'
import type { FromSocketWorker } from './socket-lane.ts'

/** A WebSocket whose other end is the test. */
class FakeWebSocket {
  static readonly OPEN = 1
  static last: FakeWebSocket
  readonly readyState = FakeWebSocket.OPEN
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  readonly closes: unknown[][] = []
  onopen: (() => void) | null = null
  /** What was sent, as a browser would have it: a copy. */
  readonly sent: Uint8Array[] = []
  bufferedAmount = 0

  constructor() {
    FakeWebSocket.last = this
  }

  send(data: Uint8Array): void {
    this.sent.push(data.slice())
    this.bufferedAmount += data.length
  }

  close(...how: unknown[]): void {
    this.closes.push(how)
    const [code = 1005, reason = ''] = how
    this.onclose?.({ code: Number(code), reason: String(reason) })
  }
}

let posted: FromSocketWorker[]
let socket: SealedSocket
const session = { id: new Uint8Array(32), key: new Uint8Array(32) }
beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeWebSocket)
  posted = []
  socket = new SealedSocket('ws://hub/lane', session, nobleAead, (message) => posted.push(message))
})
afterEach(() => {
  vi.unstubAllGlobals()
})

test.each([
  ['text', 'hello', 'malformed'],
  ['an answer of another length', new ArrayBuffer(3), 'malformed'],
  ['an answer of another key', new ArrayBuffer(64), 'tampered'],
])('E6: what is not of the protocol is answered by why, once: %s', (_, data, code) => {
  const ws = FakeWebSocket.last
  ws.onmessage?.({ data })
  ws.onmessage?.({ data })
  expect(ws.closes).toEqual([[4008, code]])
  expect(posted).toEqual([{ t: 'closed', ending: 'broken', refused: code }])
})

test.each([
  [1008, 'tampered', 'tampered'],
  [1008, 'no such word', 'failed'],
  // The door says nothing of why; the others are no refusals.
  [1008, '', null],
  [1006, '', null],
  [1000, 'tampered', null],
])('E6: why the hub ends it is read: %d %j', (code, reason, refused) => {
  FakeWebSocket.last.onclose?.({ code, reason })
  expect(posted).toEqual([{ t: 'closed', ending: 'broken', refused }])
})

/** Plays the hub until the lane is open. Returns what opens the phone's records. */
function openLane(ws: FakeWebSocket): RecordOpener {
  ws.onopen?.()
  const pair = x25519.keygen()
  const { clientPublic } = readLaneHello(ws.sent.shift() ?? new Uint8Array(0))
  const publics = { client: clientPublic, server: pair.publicKey }
  const keys = laneKeys(primitives, session, publics, x25519.getSharedSecret(pair.secretKey, clientPublic))
  ws.onmessage?.({ data: laneAnswer(primitives, session, publics.client, publics.server).slice().buffer })
  const opener = new RecordOpener(nobleAead(keys.client))
  expect(opener.open(ws.sent.shift() ?? new Uint8Array(0)).type).toBe(RECORD.confirm)
  const confirm = recordWith(new Uint8Array(0))
  new RecordSealer(nobleAead(keys.server)).seal(RECORD.confirm, confirm)
  ws.bufferedAmount = 0
  ws.onmessage?.({ data: confirm.buffer })
  expect(posted.splice(0)).toEqual([{ t: 'open' }])
  return opener
}

test('bytes wait for room in the browser, text does not wait for them, and their memory comes back once it is free', () => {
  vi.useFakeTimers()
  const ws = FakeWebSocket.last
  const opener = openLane(ws)
  const records = [1, 2, 3, 4, 5].map((n) => recordWith(new Uint8Array(131_072).fill(n)))
  for (const record of records) socket.send(false, record)
  socket.send(true, recordWith(new TextEncoder().encode('now')))
  const heard = () => ws.sent.splice(0).map((sealed) => opener.open(sealed)).map(({ type, payload }) => [type, payload[0]]) // prettier-ignore
  const back = () => posted.splice(0).map((message) => message.t === 'sent' && message.record.buffer)
  expect(heard()).toEqual([[2, 1], [2, 2], [1, 'n'.charCodeAt(0)]]) // prettier-ignore
  expect(back().slice(0, 2)).toEqual(records.slice(0, 2).map(({ buffer }) => buffer))
  vi.advanceTimersByTime(1_000)
  expect(heard()).toEqual([])
  ws.bufferedAmount = 0
  vi.advanceTimersByTime(10)
  expect(heard()).toEqual([[2, 3], [2, 4]]) // prettier-ignore
  // The end waits for nothing, and nothing is lost.
  socket.close()
  expect(heard()).toEqual([[2, 5], [3, undefined]]) // prettier-ignore
  expect(back().slice(0, 3)).toEqual(records.slice(2).map(({ buffer }) => buffer))
  vi.useRealTimers()
})
