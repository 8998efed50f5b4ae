import { expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { BlockReceiver } from './block-receiver.ts'
import { until } from './testing/ends.ts'
import { bytesOf, hexHash, memoryHash, MemorySink } from './testing/quick.ts'

const BYTES = bytesOf(3 * BLOCK_BYTES)
const block = (i: number): Uint8Array<ArrayBuffer> => BYTES.slice(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)

test('F91: what a crash finds are also blocks whose words have not come; they are not right before the words are', async () => {
  const sink = new MemorySink('a')
  const again: number[] = []
  const blocks = new BlockReceiver(BYTES.byteLength, sink, memoryHash, {
    acked: () => undefined,
    again: (i) => again.push(i),
    wake: () => undefined,
  })
  blocks.resume()
  for (const i of [0, 1, 2]) blocks.part({ n: 1, block: i, offset: 0, payload: block(i) })
  await until('all are kept', () => [0, 1, 2].every((i) => sink.kept[i] === hexHash(block(i))))
  expect([blocks.allWritten, blocks.complete]).toEqual([true, false])
  for (const i of [0, 1]) blocks.announce(i, hexHash(block(i)))
  expect(blocks.complete).toBe(false)
  // The bytes of this one were hurt on their way: they are not believed because they were kept.
  blocks.announce(2, hexHash(block(0)))
  expect([again, blocks.complete, blocks.has(2)]).toEqual([[2], false, false])
  blocks.part({ n: 1, block: 2, offset: 0, payload: block(0) })
  blocks.announce(2, hexHash(block(0)))
  await until('complete', () => blocks.complete)
  expect(sink.kept[2]).toBe(hexHash(block(0)))
})

test('G103: bytes that came before the words for them are kept for later, and compared when it goes on', async () => {
  let written = 0
  const events = { acked: () => written++, again: () => undefined, wake: () => undefined }
  const sink = new MemorySink('a')
  const blocks = new BlockReceiver(BYTES.byteLength, sink, memoryHash, events)
  for (const i of [0, 1]) blocks.part({ n: 1, block: i, offset: 0, payload: block(i) })
  blocks.announce(0, hexHash(block(0)))
  await until('both are written', () => written === 2)
  await blocks.settled()
  await blocks.keepRest()
  await sink.suspend()
  expect(sink.kept).toEqual([hexHash(block(0)), hexHash(block(1))])

  const later = new BlockReceiver(BYTES.byteLength, new MemorySink('a', undefined, sink), memoryHash, events)
  expect([later.has(0), later.has(1), later.has(2)]).toEqual([true, true, false])
  // The sender has another file by now.
  later.announce(1, hexHash(block(2)))
  expect(() => {
    later.check()
  }).toThrow()
})
