import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nobleAead } from '#transfer/sealing/noble.ts'
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

  constructor() {
    FakeWebSocket.last = this
  }

  close(...how: unknown[]): void {
    this.closes.push(how)
    const [code = 1005, reason = ''] = how
    this.onclose?.({ code: Number(code), reason: String(reason) })
  }
}

let posted: FromSocketWorker[]
beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeWebSocket)
  posted = []
  const session = { id: new Uint8Array(32), key: new Uint8Array(32) }
  new SealedSocket('ws://hub/lane', session, nobleAead, (message) => posted.push(message))
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
