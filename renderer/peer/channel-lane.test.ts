import { expect, it, vi } from 'vitest'
import { FLIGHT_BYTES_MAX, MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import { ChannelLane } from './channel-lane.ts'
import { FakeChannel } from './testing/fake-channel.ts'

const FITS = FLIGHT_BYTES_MAX / MESSAGE_BYTES_MAX

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
