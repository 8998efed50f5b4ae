import { describe, expect, test } from 'vitest'
import { LEGACY_PIECE_BYTES } from '#protocol/limits.ts'
import { bytesOf } from '#transfer/testing/quick.ts'
import { arrives, LegacyStage, piecesOf, settle } from '#transfer/testing/legacy-stage.ts'

/** A 2018 app may send its last partial piece twice, and its announcements go another way than its bytes. */

const PIECE = LEGACY_PIECE_BYTES
/** Above the time for which a piece that may be a repeated one is kept. */
const DOUBT_MS = 2_000

describe('a piece that looks like the last one of the file before', () => {
  const first = bytesOf(PIECE + 100, 1)
  const last = first.slice(PIECE)
  const other = bytesOf(100, 2)

  async function afterFirst(): Promise<LegacyStage> {
    const stage = new LegacyStage()
    stage.announce('first', first.length)
    stage.piece(...piecesOf(first))
    await arrives(stage, 'first', first)
    return stage
  }

  test('before the announcement of a file of the same size and other content', async () => {
    const stage = await afterFirst()
    stage.piece(last)
    stage.announce('second', 100)
    await settle()
    stage.piece(other)
    await arrives(stage, 'second', other)
  })

  test('after the announcement of such a file: the hub was quicker than the channel', async () => {
    const stage = await afterFirst()
    stage.announce('second', 100)
    stage.piece(last)
    await settle()
    stage.piece(other, other)
    await arrives(stage, 'second', other)
    stage.clock.pass(DOUBT_MS)
    stage.announce('third', 5)
    stage.piece(bytesOf(5))
    await arrives(stage, 'third', bytesOf(5))
  })

  test('after the announcement of a file of another size: it is not that file’s', async () => {
    const stage = await afterFirst()
    stage.announce('second', 250)
    stage.piece(last, bytesOf(250, 3))
    await arrives(stage, 'second', bytesOf(250, 3))
  })

  test.each(['before', 'after'])('it is the whole file, and comes %s the announcement, alone', async (when) => {
    const stage = await afterFirst()
    if (when === 'before') stage.piece(last)
    stage.announce('second', 100)
    if (when === 'after') stage.piece(last)
    await settle()
    expect(stage.told.moving.map((view) => view.name)).toEqual(['second'])
    stage.clock.pass(DOUBT_MS)
    await arrives(stage, 'second', last)
  })

  test.each([
    ['before', 'before'],
    ['before', 'after'],
    ['after', 'after'],
  ])('it is the whole file and comes twice, %s and %s the announcement', async (one, two) => {
    const stage = await afterFirst()
    if (one === 'before') stage.piece(last)
    if (two === 'before') stage.piece(last)
    stage.announce('second', 100)
    if (one === 'after') stage.piece(last)
    if (two === 'after') stage.piece(last)
    await arrives(stage, 'second', last)
  })

  test('the next announcement ends the doubt', async () => {
    const stage = await afterFirst()
    stage.announce('second', 100)
    stage.piece(last)
    stage.announce('third', 4)
    stage.piece(bytesOf(4))
    await arrives(stage, 'second', last)
    await arrives(stage, 'third', bytesOf(4))
  })

  test('nothing is taken in doubt once the connection is gone', async () => {
    const stage = await afterFirst()
    stage.announce('second', 100)
    stage.piece(last)
    stage.session.end('connection-lost')
    stage.clock.pass(DOUBT_MS)
    expect(await stage.told.endOf('second')).toMatchObject({ state: 'failed', reason: 'connection-lost' })
    expect(stage.sinks[1]?.bytes).toBe(0)
  })
})
