import { describe, expect, it, vi } from 'vitest'
import { FLIGHT_BYTES_MAX, GOT_EVERY_BYTES, MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import { ChannelQueue, ChannelLane } from './data-channel.ts'
import { FakeChannel } from './testing/fake-channel.ts'

const HELLO = JSON.stringify({ t: 'hello', v: 2, name: 'Desk', kind: 'desktop', got: true })
const MESSAGE = new Uint8Array(MESSAGE_BYTES_MAX)
const FITS = FLIGHT_BYTES_MAX / MESSAGE_BYTES_MAX
const got = (bytes: number): string => JSON.stringify({ t: 'ping', got: bytes })

function open() {
  const channel = new FakeChannel()
  let rooms = 0
  const queue = new ChannelQueue(channel.asChannel, () => rooms++)
  return { channel, queue, rooms: () => rooms }
}

describe('bytes on their way over a data channel', () => {
  it('are few, to an end that tells how many have come', () => {
    const { channel, queue, rooms } = open()
    queue.hear(HELLO)
    for (let i = 0; i < FITS; i++) {
      expect(queue.wantsMore).toBe(true)
      queue.push(MESSAGE)
    }
    expect(queue.wantsMore).toBe(false)
    expect(queue.willTell).toBe(true)
    queue.push(MESSAGE)
    queue.push(MESSAGE)
    expect(channel.sent).toHaveLength(FITS)

    const before = rooms()
    queue.hear(got(MESSAGE_BYTES_MAX))
    expect(channel.sent).toHaveLength(FITS + 1)
    expect(queue.wantsMore).toBe(false)
    expect(rooms()).toBe(before)
    queue.hear(got(3 * MESSAGE_BYTES_MAX))
    expect(channel.sent).toHaveLength(FITS + 2)
    expect(queue.wantsMore).toBe(true)
    expect(rooms()).toBe(before + 1)
  })

  it('are as many as the queue takes, to an end that does not tell', () => {
    const { channel, queue } = open()
    queue.hear(JSON.stringify({ t: 'hello', v: 2, name: 'App', kind: 'app' }))
    for (let i = 0; i < 3 * FITS; i++) queue.push(MESSAGE)
    expect(channel.sent).toHaveLength(3 * FITS)
    expect(queue.wantsMore).toBe(true)
    channel.bufferedAmount = 4_194_304
    expect(queue.wantsMore).toBe(false)
  })

  it('leave in their order, unchanged, and words do not wait for them', () => {
    const { channel, queue } = open()
    queue.hear(HELLO)
    for (let i = 0; i < FITS + 3; i++) queue.push(new Uint8Array(MESSAGE_BYTES_MAX).fill(i))
    queue.push('{"t":"stop","n":1,"code":"cancelled"}')
    expect(channel.sent.at(-1)).toBe('{"t":"stop","n":1,"code":"cancelled"}')
    queue.hear(got(3 * MESSAGE_BYTES_MAX))
    const bytes = channel.sent.filter((data) => typeof data !== 'string')
    expect(bytes.map(([first]) => first)).toEqual(Array.from({ length: FITS + 3 }, (_, i) => i))
  })

  it('do not become more by a number that went down, or is no number', () => {
    const { channel, queue } = open()
    queue.hear(HELLO)
    for (let i = 0; i < FITS + 2; i++) queue.push(MESSAGE)
    queue.hear(got(MESSAGE_BYTES_MAX))
    for (const text of [got(0), '{"t":"ping","got":-5}', '{"got"', '"got"', '{"t":"text","text":"got"}'])
      queue.hear(text)
    expect(channel.sent).toHaveLength(FITS + 1)
    expect(queue.wantsMore).toBe(false)
  })

  it('leave, where the other end tells no longer', () => {
    const { channel, queue } = open()
    queue.hear(HELLO)
    for (let i = 0; i < FITS + 2; i++) queue.push(MESSAGE)
    queue.hear(HELLO.replace('true', 'false'))
    expect(channel.sent).toHaveLength(FITS + 2)
  })

  it('are dropped when the channel closes', () => {
    const { channel, queue } = open()
    queue.hear(HELLO)
    for (let i = 0; i < FITS + 1; i++) queue.push(MESSAGE)
    channel.close()
    queue.push(MESSAGE)
    queue.hear(got(MESSAGE_BYTES_MAX))
    expect(channel.sent).toHaveLength(FITS)
  })
})

describe('bytes that came', () => {
  it('are told of, all together, each time that enough more have come', () => {
    const { channel, queue } = open()
    queue.hear(new Uint8Array(GOT_EVERY_BYTES - 1))
    expect(channel.sent).toEqual([])
    queue.hear(new Uint8Array(2))
    expect(channel.sent).toEqual([got(GOT_EVERY_BYTES + 1)])
    queue.hear(MESSAGE)
    expect(channel.sent.at(-1)).toBe(got(GOT_EVERY_BYTES + 1 + MESSAGE_BYTES_MAX))
    queue.hear('{"t":"ack","n":1,"i":0}')
    expect(channel.sent).toHaveLength(2)
  })
})

it('takes a copy: who sends may use its memory again, also for what has to wait', async () => {
  const channel = new FakeChannel()
  const lane = new ChannelLane(channel.asChannel, MESSAGE_BYTES_MAX, () => undefined)
  channel.deliver(JSON.stringify({ t: 'hello', v: 2, name: 'Desk', kind: 'desktop', got: true }))
  const memory = new Uint8Array(MESSAGE_BYTES_MAX)
  for (let i = 0; i < FITS + 2; i++) lane.send(memory.fill(i))
  let isReady = false
  void lane.ready().then(() => (isReady = true))
  await Promise.resolve()
  expect([channel.sent.length, isReady]).toEqual([FITS, false])

  channel.deliver(JSON.stringify({ t: 'ping', got: 4 * MESSAGE_BYTES_MAX }))
  await Promise.resolve()
  expect(isReady).toBe(true)
  expect(channel.sent.map(([first]) => first)).toEqual(Array.from({ length: FITS + 2 }, (_, i) => i))
})

it('tells what came, and gives it on in order, also what came before anybody listened', () => {
  const channel = new FakeChannel()
  const lane = new ChannelLane(channel.asChannel, MESSAGE_BYTES_MAX, () => undefined)
  const came: unknown[] = []
  channel.deliver('{"t":"ping"}')
  channel.deliver(new ArrayBuffer(MESSAGE_BYTES_MAX))
  lane.listen({ onFrame: (data) => came.push(data.length), onClose: () => came.push('closed') })
  channel.deliver('{"t":"resume","ns":[]}')
  channel.dispatchEvent(new Event('close'))
  expect(came).toEqual([12, MESSAGE_BYTES_MAX, 22, 'closed'])
  expect(channel.sent).toEqual([JSON.stringify({ t: 'ping', got: MESSAGE_BYTES_MAX })])
})

it('is over at once when this side closes it, also where the other end says nothing any more', () => {
  vi.useFakeTimers()
  const channel = new FakeChannel()
  const told: string[] = []
  const lane = new ChannelLane(channel.asChannel, MESSAGE_BYTES_MAX, () => told.push('left'))
  lane.listen({ onFrame: () => undefined, onClose: () => told.push('closed') })
  lane.close()
  expect(told).toEqual(['closed'])
  vi.advanceTimersByTime(1_000)
  channel.dispatchEvent(new Event('close'))
  expect(told).toEqual(['closed', 'left'])
  vi.useRealTimers()
})
