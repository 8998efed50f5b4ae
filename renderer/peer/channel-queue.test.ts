import { describe, expect, it } from 'vitest'
import { FLIGHT_BYTES_MAX, GOT_EVERY_BYTES, MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import { ChannelQueue } from './channel-queue.ts'
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
