import { describe, expect, test } from 'vitest'
import type { Part } from '#protocol/blocks.ts'
import { BLOCK_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { BlockAssembly } from './block-receiver.ts'

const HALF = BLOCK_BYTES / 2
const half = (block: number, which: 0 | 1): Part => ({
  n: 1,
  block,
  offset: which * HALF,
  payload: new Uint8Array(HALF),
})

describe('in place of another, which threw away what it had', () => {
  test('the end of a block whose beginning fell on the floor is no fault, and takes no room', () => {
    const assembly = new BlockAssembly(100 * BLOCK_BYTES)
    assembly.replaceOther()
    for (let block = 50; block < 70; block++) expect(assembly.add(half(block, 1))).toBeNull()
    const blocks = (2 * CREDIT_BYTES) / BLOCK_BYTES
    for (let block = 0; block < blocks; block++) assembly.add(half(block, 0))
    for (let block = 0; block < blocks; block++) expect(assembly.add(half(block, 1))?.byteLength).toBe(BLOCK_BYTES)
  })

  test('there is an end to what may be under way', () => {
    const assembly = new BlockAssembly(100 * BLOCK_BYTES)
    assembly.replaceOther()
    expect(() => {
      for (let block = 0; block < 100; block++) assembly.add(half(block, 0))
    }).toThrow('overrun')
  })
})

test('of a sender that began nowhere else a part without those before it is a fault', () => {
  expect(() => new BlockAssembly(BLOCK_BYTES).add(half(0, 1))).toThrow('malformed')
})
