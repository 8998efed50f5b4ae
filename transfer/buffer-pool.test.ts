import { expect, test } from 'vitest'
import { BufferPool } from './buffer-pool.ts'

test('memory that is handed back is used again, whatever length it had', () => {
  const pool = new BufferPool(100_000, 2)
  const first = pool.take(50_000)
  expect([first.length, first.byteOffset, first.buffer.byteLength]).toEqual([50_000, 0, 100_000])
  pool.giveBack(first.buffer)
  expect(pool.take(100_000).buffer).toBe(first.buffer)
})

test('small pieces and those that are too large are made for their length', () => {
  const pool = new BufferPool(100_000, 2)
  expect([pool.take(10), pool.take(100_001)].map(({ buffer }) => buffer.byteLength)).toEqual([10, 100_001])
})

test('it keeps no more than it may, and nothing that is not its own or has gone elsewhere', () => {
  const pool = new BufferPool(100_000, 2)
  const all = [1, 2, 3].map(() => pool.take(100_000).buffer)
  const [gone] = all
  structuredClone(gone, { transfer: [gone!] })
  pool.giveBack(gone!)
  pool.giveBack(new ArrayBuffer(10))
  const kept = all.slice(1)
  for (const memory of [...kept, new ArrayBuffer(100_000)]) pool.giveBack(memory)
  expect(new Set([pool.take(100_000).buffer, pool.take(100_000).buffer])).toEqual(new Set(kept))
  expect(kept).not.toContain(pool.take(100_000).buffer)
})

test('what is kept can be let go of', () => {
  const pool = new BufferPool(100_000, 2)
  const { buffer } = pool.take(100_000)
  pool.giveBack(buffer)
  pool.clear()
  expect(pool.take(100_000).buffer).not.toBe(buffer)
})
