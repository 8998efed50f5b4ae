import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blockCount, blockLength, decodeHave, encodeHave, type Part } from '#protocol/blocks.ts'
import { ProtocolError } from '#protocol/errors.ts'
import { BLOCK_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { BlockAssembly, BlockReceiver, Stale } from './block-receiver.ts'
import { TransferError } from './errors.ts'
import { bytesOf, hexHash, memoryHash, MemorySink } from './testing/quick.ts'
import { nextTask } from './testing/lanes.ts'

describe('the list of blocks that a receiver has', () => {
  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 3_000 }), (blocks) => {
        const text = encodeHave(blocks.length, (i) => blocks[i] === true)
        const has = decodeHave(blocks.length, text)
        expect(blocks.map((_, i) => has(i))).toEqual(blocks)
        expect([-1, blocks.length, blocks.length + 8, 2 ** 31].map((i) => has(i))).toEqual([false, false, false, false])
        if (!blocks.includes(true)) expect(text).toBeUndefined()
      }),
    )
  })

  test('any text is such a list within the file, or refused', () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.oneof(fc.base64String(), fc.string(), fc.stringMatching(/^[\w-]{0,40}$/)),
        (count, text) => {
          try {
            const has = decodeHave(count, text)
            const beyond = Array.from({ length: 1_000 }, (_, i) => count + i).filter((i) => has(i))
            expect(beyond).toEqual([])
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
        },
      ),
    )
  })

  test('of a file of 1 TiB is short enough for a frame', () => {
    expect(encodeHave(1_048_576, () => true)!.length).toBeLessThan(200_000)
    expect(encodeHave(1_048_576, (i) => i === 0)).toBe('AQ')
  })
})

/** A file of a few short parts, cut where a test likes: blocks are a megabyte, so what is checked is the order. */
const SIZE = 2 * BLOCK_BYTES + 1_000
const BYTES = bytesOf(SIZE)
const COUNT = blockCount(SIZE)
const STEP = 300_000

const partsOf = (block: number): Part[] => {
  const length = blockLength(SIZE, block)
  return Array.from({ length: Math.ceil(length / STEP) }, (_, k) => {
    const at = block * BLOCK_BYTES + k * STEP
    const end = block * BLOCK_BYTES + Math.min(length, (k + 1) * STEP)
    return { n: 1, block, offset: k * STEP, payload: BYTES.subarray(at, end) }
  })
}
const ALL = Array.from({ length: COUNT }, (_, block) => partsOf(block)).flat()

describe('parts put together', () => {
  test('in any order, repeated and lost, after a sender began again: whole blocks are right ones', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ALL), { maxLength: 60 }), (parts) => {
        const assembly = new BlockAssembly(SIZE)
        assembly.resume()
        for (const part of parts) {
          const block = assembly.add(part)
          if (block === null) continue
          assembly.written(block.byteLength)
          expect(hexHash(block)).toBe(
            hexHash(BYTES.slice(part.block * BLOCK_BYTES, part.block * BLOCK_BYTES + block.byteLength)),
          )
          assembly.reuse(block.buffer)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('of a sender that did not begin again: a gap is refused', () => {
    const [first, second] = partsOf(0)
    const assembly = new BlockAssembly(SIZE)
    expect(() => assembly.add(second!)).toThrow('malformed')
    expect(assembly.add(first!)).toBeNull()
    expect(assembly.add(second!)).toBeNull()
  })

  test('E87: never more than the credit is held, and no more than twice that however often a sender begins again', () => {
    const size = 1_000 * BLOCK_BYTES
    const blocks = CREDIT_BYTES / BLOCK_BYTES
    const begin = (assembly: BlockAssembly, block: number) =>
      assembly.add({ n: 1, block, offset: 0, payload: new Uint8Array(1) })
    const assembly = new BlockAssembly(size)
    for (let i = 0; i < blocks; i++) begin(assembly, i)
    expect(() => begin(assembly, blocks)).toThrow('overrun')
    let held = blocks
    for (let round = 0; round < 10; round++) {
      assembly.resume()
      try {
        while (held < 100) begin(assembly, held++)
      } catch (error) {
        expect(error).toBeInstanceOf(TransferError)
        held--
      }
    }
    expect(held).toBe(2 * blocks)
  })
})

type Step =
  | { readonly do: 'part'; readonly part: Part }
  | { readonly do: 'bad'; readonly part: Part }
  | { readonly do: 'hash'; readonly block: number }
  | { readonly do: 'resume' }
  | { readonly do: 'wait' }

describe('blocks that are checked', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...ALL).map((part) => ({ do: 'part' as const, part })) },
    { weight: 1, arbitrary: fc.constantFrom(...ALL).map((part) => ({ do: 'bad' as const, part })) },
    { weight: 3, arbitrary: fc.nat(COUNT - 1).map((block) => ({ do: 'hash' as const, block })) },
    { weight: 1, arbitrary: fc.constant({ do: 'resume' as const }) },
    { weight: 3, arbitrary: fc.constant({ do: 'wait' as const }) },
  )

  const hashOf = (block: number): string =>
    hexHash(BYTES.slice(block * BLOCK_BYTES, block * BLOCK_BYTES + blockLength(SIZE, block)))

  test('any order, duplication and loss: it comes to the right file, or to none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, slow) => {
        const sink = new MemorySink('a', () => (slow ? nextTask() : Promise.resolve()))
        const acked = new Set<number>()
        const checks = new BlockReceiver(SIZE, sink, memoryHash, {
          acked: (i) => acked.add(i),
          again: (i) => acked.delete(i),
          wake: () => undefined,
        })
        const isWrong = (): boolean => {
          try {
            checks.check()
            return false
          } catch {
            return true
          }
        }
        try {
          checks.resume()
          for (const one of steps) {
            if (one.do === 'part') checks.part(one.part)
            else if (one.do === 'bad') checks.part({ ...one.part, payload: one.part.payload.slice().fill(9) })
            else if (one.do === 'hash') checks.announce(one.block, hashOf(one.block))
            else if (one.do === 'resume') checks.resume()
            else await nextTask()
          }
          // At last a sender that does as it is told: what is not acknowledged comes, whole, until it is.
          for (let round = 0; round < 4 && !isWrong() && !checks.complete; round++) {
            for (let i = 0; i < COUNT; i++) {
              if (!acked.has(i)) for (const part of partsOf(i)) checks.part(part)
              checks.announce(i, hashOf(i))
            }
            for (let i = 0; i < 8; i++) await nextTask()
          }
        } catch (error) {
          expect(error).toBeInstanceOf(TransferError)
          return
        }
        if (isWrong()) return
        expect(checks.complete).toBe(true)
        expect(checks.written).toBe(SIZE)
        expect(sink.sha256).toBe(hexHash(BYTES))
        await checks.settled()
      }),
      { numRuns: 40 },
    )
  })

  test('a block that was right, and is another one by the word of a sender that goes on: none of it is mixed', async () => {
    const checks = new BlockReceiver(SIZE, new MemorySink('a', () => Promise.resolve()), memoryHash, {
      acked: () => undefined,
      again: () => undefined,
      wake: () => undefined,
    })
    for (const part of partsOf(0)) checks.part(part)
    checks.announce(0, hashOf(0))
    for (let i = 0; i < 8; i++) await nextTask()
    checks.announce(0, hashOf(0))
    expect(() => checks.check()).not.toThrow()
    checks.announce(0, hashOf(1))
    expect(() => checks.check()).toThrow(Stale)
    await checks.settled()
  })
})
