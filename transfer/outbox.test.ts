import { expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { Outbox } from './outbox.ts'
import { MemoryLane } from './testing/lanes.ts'

const [one, other] = MemoryLane.pair()

/** Six blocks, of which 0 to 3 are under way over one lane, and 4 over another. */
function sixBlocks(): Outbox {
  const outbox = new Outbox(5 * BLOCK_BYTES + 7)
  for (const i of [0, 1, 2, 3]) outbox.give(i, one, 0)
  outbox.give(4, other, 0)
  return outbox
}

test('what was under way over a lane that broke is to be sent again, in order, and nothing else', () => {
  const outbox = sixBlocks()
  outbox.ack(1)
  outbox.lost(one)
  expect([outbox.next(), outbox.after(0), outbox.after(2), outbox.after(3)]).toEqual([0, 2, 3, 5])
  expect([outbox.underWay, outbox.acked]).toEqual([BLOCK_BYTES, BLOCK_BYTES])
})

test('a block that had arrived over it counts when its ack comes, and is not sent again', () => {
  const outbox = sixBlocks()
  outbox.lost(one)
  outbox.ack(0)
  outbox.ack(0)
  expect([outbox.next(), outbox.acked, outbox.underWay]).toEqual([1, BLOCK_BYTES, BLOCK_BYTES])
})

test('a list of the receiver leaves under way what is, unless it has let go of something', () => {
  const outbox = sixBlocks()
  outbox.ack(0)
  outbox.update((i) => i < 2)
  expect([outbox.acked, outbox.underWay, outbox.next()]).toEqual([2 * BLOCK_BYTES, 3 * BLOCK_BYTES, 5])
  outbox.update((i) => i === 1)
  expect([outbox.acked, outbox.underWay, outbox.next()]).toEqual([BLOCK_BYTES, 0, 0])
  outbox.restart(() => true)
  expect([outbox.allAcked, outbox.acked, outbox.next()]).toEqual([true, 5 * BLOCK_BYTES + 7, null])
})

test('a block that is wanted once more is missing again; one that there is not is not', () => {
  const outbox = sixBlocks()
  outbox.restart(() => true)
  for (const i of [6, 2 ** 31]) {
    outbox.again(i)
    outbox.ack(i)
  }
  expect(outbox.allAcked).toBe(true)
  outbox.again(5)
  expect([outbox.allAcked, outbox.next(), outbox.acked]).toEqual([false, 5, 5 * BLOCK_BYTES])
})

test('a block that takes too long over one lane goes over the other as well, once; and counts once', () => {
  const outbox = sixBlocks()
  expect([outbox.oldestElsewhere(other, 0), outbox.oldestElsewhere(other, 1)]).toEqual([null, 0])
  outbox.give(0, other, 5)
  expect([outbox.oldestElsewhere(other, 10), outbox.oldestElsewhere(one, 10), outbox.underWay]).toEqual([
    1,
    4,
    5 * BLOCK_BYTES,
  ])
  outbox.lost(one)
  expect([outbox.laneOf(0), outbox.next()]).toEqual([other, 1])
  outbox.ack(0)
  expect([outbox.acked, outbox.underWay]).toEqual([BLOCK_BYTES, BLOCK_BYTES])
})
