import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Sink } from '#transfer/sink.ts'
import type { OfferedFile } from './opening.ts'
import { blockOf, complete, content, DATA, give, IN, offerOf, PHONE, rootOf, sha256, Stage } from './testing/stage.ts'

const SMALL = content(700)
const LARGE = content(2 * BLOCK_BYTES + 9)
const BLOCKS = [0, 1, 2]

/** Milliseconds; far above what it takes, also where others use the machine. */
const TIMEOUT_MS = process.env['LANYARD_SOAK'] === undefined ? 180_000 : 3_600_000

/** What the disk has done of what was not fsynced, when the power went. */
const LUCK = {
  'nothing that was not fsynced is there': () => 0,
  'all of it is there': (n: number) => n,
  'half of it is there': (n: number) => Math.ceil(n / 2),
}

const isWhole = (stage: Stage, bytes: Uint8Array): boolean =>
  sha256(stage.disk.bytes(`${IN}/film.bin`)) === sha256(bytes)

/**
 * F92: a journal on the disk says only what is in the part on the disk. `refused`: the disk did not do all that it was
 * told; then a journal that could not be removed may be there without its part, and goes at the next start.
 */
function journalsAreTrue(stage: Stage, refused = false): boolean {
  return stage.journals.every((path) => {
    const { part, hashes } = JSON.parse(stage.disk.text(`${DATA}/${path}`)) as {
      part: string
      hashes: (string | null)[]
    }
    const claims = hashes.flatMap((hash, i) => (hash === null ? [] : [[hash, i] as const]))
    // The word that a file has landed comes before its journal goes; then the part may be gone.
    if (!stage.parts.includes(part)) return refused || stage.files.length === 1
    const bytes = stage.disk.bytes(`${IN}/${part}`)
    return claims.every(([hash, i]) => sha256(bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)) === hash)
  })
}

/** A receive with two barriers in it. Resolves to whether the sender was told that it has landed. */
async function receive(stage: Stage, offer: OfferedFile, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  try {
    const sink = await stage.inbox.open(PHONE, offer)
    if (bytes === LARGE) {
      for (const i of [2, 0]) {
        await give(sink, bytes, i)
        stage.clock.pass(5_000)
        await new Promise((resolve) => setImmediate(resolve))
      }
      await give(sink, bytes, 1)
    } else await give(sink, bytes, 0)
    await sink.finish(rootOf(bytes))
    return true
  } catch {
    return false
  }
}

describe.each([
  ['with hard links', false],
  ['without', true],
])('F92 the power goes at any call of the disk, %s', (_, linkless) => {
  test.each(Object.entries(LUCK))('%s', { timeout: TIMEOUT_MS }, async (_words, luck) => {
    for (const bytes of [SMALL, LARGE]) {
      for (let call = 1, died = true; died; call++) {
        const stage = new Stage()
        stage.disk.linkless = linkless
        await stage.inbox.start()
        stage.disk.dieAt(call)
        const offer = offerOf(bytes)
        const told = await receive(stage, offer, bytes)
        await new Promise((resolve) => setImmediate(resolve))
        died = stage.disk.isDead
        stage.disk.crash(luck)
        expect([call, journalsAreTrue(stage)]).toEqual([call, true])
        await stage.restart().start()
        // What has a name is whole; what was said to have landed is there and is known to be.
        expect(stage.files.length === 0 || isWhole(stage, bytes)).toBe(true)
        if (told) expect(stage.inbox.landed(PHONE, offer.id)?.root).toBe(rootOf(bytes))
        if (stage.inbox.landed(PHONE, offer.id) === null) await complete(await stage.inbox.open(PHONE, offer), bytes)
        await stage.inbox.close()
        await stage.restart().start()
        expect([call, stage.files, stage.parts, stage.journals]).toEqual([call, ['film.bin'], [], []])
        expect(isWhole(stage, bytes)).toBe(true)
      }
    }
  })
})

test('F92 a block that comes again: the journal says no more that it is here, before it is written', async () => {
  const stage = new Stage()
  const offer = offerOf(LARGE)
  const sink = await stage.inbox.open(PHONE, offer)
  await give(sink, LARGE, 0, 1)
  stage.clock.pass(5_000)
  await expect.poll(() => stage.journals).toHaveLength(1)
  await sink.write(1, new Uint8Array(BLOCK_BYTES))
  stage.disk.crash((n) => n)
  expect(journalsAreTrue(stage)).toBe(true)
  const again = await stage.restart().open(PHONE, offer)
  expect(again.have.map((hash) => hash !== undefined)).toEqual([true, false])
})

test('F92 what was discarded does not come back by half: no journal without its part', async () => {
  const stage = new Stage()
  const offer = offerOf(LARGE)
  const sink = await stage.inbox.open(PHONE, offer)
  await give(sink, LARGE, 0)
  await sink.suspend()
  await (await stage.inbox.open(PHONE, offer)).discard()
  // The new part makes it durable that the old one is gone.
  await stage.inbox.open(PHONE, offer)
  stage.disk.crash()
  expect(journalsAreTrue(stage)).toBe(true)
})

describe('F92 whatever happens in whatever order', () => {
  const index = fc.constantFrom(...BLOCKS)
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('give' as const), i: index }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wrong' as const), i: index }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(100, 5_000) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('suspend' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), luck: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), at: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('full' as const), at: fc.integer({ min: 1, max: 12 }) }) },
  )
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

  async function act(stage: Stage, sink: Sink, one: Step, refused: boolean): Promise<'goes on' | 'again'> {
    switch (one.do) {
      case 'give':
        await give(sink, LARGE, one.i)
        return 'goes on'
      case 'wrong':
        await sink.write(one.i, new Uint8Array(blockOf(LARGE, one.i).byteLength))
        return 'goes on'
      case 'wait':
        stage.clock.pass(one.ms)
        await new Promise((resolve) => setImmediate(resolve))
        return 'goes on'
      case 'suspend':
        await sink.suspend()
        return 'again'
      case 'kill':
        stage.restart()
        return 'again'
      case 'die':
        stage.disk.dieAt(one.at)
        return 'goes on'
      case 'full':
        stage.disk.fail({ nth: one.at, code: 'ENOSPC' })
        return 'goes on'
      case 'crash':
        stage.disk.crash((n) => Math.min(n, one.luck))
        expect(journalsAreTrue(stage, refused)).toBe(true)
        stage.restart()
        return 'again'
    }
  }

  test(
    'blocks in any order, twice, wrong, with crashes between: the journal tells the truth, and the file comes whole',
    { timeout: TIMEOUT_MS },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), fc.nat(9), async (steps, linkless, luck) => {
          const stage = new Stage()
          stage.disk.linkless = linkless
          const offer = offerOf(LARGE)
          const reopen = async (): Promise<Sink> => {
            stage.disk.heal()
            const sink = await stage.inbox.open(PHONE, offer)
            // Beside its part there may be one that a full disk would not let go of.
            const parts = stage.parts.map((part) => stage.disk.bytes(`${IN}/${part}`))
            for (const [i, hash] of sink.have.entries()) {
              const there = parts.map((bytes) => sha256(bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)))
              if (hash !== undefined) expect(there).toContain(hash)
            }
            return sink
          }
          const refused = steps.some((one) => one.do === 'full')
          let sink = await reopen()
          for (const one of steps) {
            const then = await act(stage, sink, one, refused).catch(async (error: unknown) => {
              // Not of the sink: what the test itself has found.
              if (!(error instanceof TransferError)) throw error
              await sink.suspend()
              return 'again' as const
            })
            if (stage.disk.isDead) {
              stage.disk.crash((n) => Math.min(n, luck))
              expect(journalsAreTrue(stage, refused)).toBe(true)
              stage.restart()
              sink = await reopen()
              continue
            }
            if (then === 'again') sink = await reopen()
          }
          stage.disk.heal()
          stage.restart()
          await complete(await reopen(), LARGE)
          await stage.inbox.close()
          expect([stage.files, stage.parts, stage.journals, isWhole(stage, LARGE)]).toEqual([
            ['film.bin'],
            [],
            [],
            true,
          ])
        }),
        { numRuns: process.env['LANYARD_SOAK'] === undefined ? 100 : 2_000 },
      )
    },
  )
})
