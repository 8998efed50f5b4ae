import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES, CREDIT_BYTES, LEGACY_PIECE_BYTES } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySink } from '#transfer/testing/quick.ts'
import { arrives, LegacyStage, piecesOf, settle } from '#transfer/testing/legacy-stage.ts'

/** Receiving from a 2018 app, with all that such apps are known to do wrong. */

const PIECE = LEGACY_PIECE_BYTES
const EMPTY = new Uint8Array(0)

describe('what 2018 apps do', () => {
  test('all faults at once: every file arrives whole', async () => {
    const stage = new LegacyStage()
    const sizes = [100, 100, PIECE - 1, PIECE, 2 * PIECE, 3 * PIECE + 5, 100, 200_000]
    for (const [i, size] of sizes.entries()) {
      const bytes = bytesOf(size, i)
      const pieces = piecesOf(bytes)
      if (size % PIECE === 0) pieces.push(EMPTY)
      else pieces.push(pieces.at(-1)!)
      stage.piece(...pieces.splice(0, 2))
      stage.announce(`${i}`, size)
      stage.piece(...pieces)
      await arrives(stage, `${i}`, bytes)
      expect(stage.payloads('ctrlSendSpeed').at(-1)).toBe(size)
    }
    expect(stage.told.afterEnd).toEqual([])
  })

  test.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 4 * PIECE])('%i bytes', async (size) => {
    const stage = new LegacyStage()
    const bytes = bytesOf(size)
    stage.announce('file', size)
    stage.piece(...piecesOf(bytes))
    await arrives(stage, 'file', bytes)
    expect(stage.sinks.map((sink) => sink.state)).toEqual(['finished'])
  })

  test('an empty piece, before, between and after, changes nothing', async () => {
    const stage = new LegacyStage()
    const bytes = bytesOf(2 * PIECE)
    stage.piece(EMPTY)
    stage.announce('file', bytes.length)
    stage.piece(EMPTY, ...piecesOf(bytes), EMPTY, EMPTY)
    await arrives(stage, 'file', bytes)
    stage.announce('empty', 0)
    stage.piece(EMPTY)
    await arrives(stage, 'empty', EMPTY)
  })

  test('several files that all overtook their announcements', async () => {
    const stage = new LegacyStage()
    const files = [PIECE + 10, 30, 2 * PIECE].map((size, i) => bytesOf(size, i))
    for (const bytes of files) stage.piece(...piecesOf(bytes))
    for (const [i, bytes] of files.entries()) stage.announce(`${i}`, bytes.length)
    for (const [i, bytes] of files.entries()) await arrives(stage, `${i}`, bytes)
  })

  test('bytes beyond the size are not kept, and the next file is not harmed', async () => {
    const stage = new LegacyStage()
    const bytes = bytesOf(150)
    stage.announce('short', 110)
    stage.piece(bytes.slice(0, 100), bytes.slice(100))
    await arrives(stage, 'short', bytes.slice(0, 110))
    stage.announce('next', 20)
    stage.piece(bytesOf(20, 7))
    await arrives(stage, 'next', bytesOf(20, 7))
  })

  test('text is not a piece', async () => {
    const stage = new LegacyStage()
    stage.announce('file', 3)
    stage.lane.inject('abc')
    stage.piece(Uint8Array.of(1, 2, 3))
    await arrives(stage, 'file', Uint8Array.of(1, 2, 3))
  })
})

describe('reports', () => {
  test('are cumulative, follow the disk a block behind, and the last one is the size', async () => {
    const stage = new LegacyStage()
    const go: (() => void)[] = []
    stage.beforeWrite = () => new Promise((resolve) => go.push(resolve))
    const bytes = bytesOf(3 * BLOCK_BYTES + 1)
    stage.announce('file', bytes.length)
    stage.piece(...piecesOf(bytes))
    for (let block = 1; block <= 4; block++) {
      await until('a write', () => go.length > 0)
      await settle()
      const reported = (stage.payloads('ctrlSendSpeed').at(-1) ?? 0) as number
      expect(reported).toBeLessThan(block * BLOCK_BYTES)
      go.shift()?.()
    }
    await arrives(stage, 'file', bytes)
    const reports = stage.payloads('ctrlSendSpeed') as number[]
    expect(reports).toEqual([...new Set(reports)].sort((a, b) => a - b))
    expect(reports.at(-1)).toBe(bytes.length)
  })

  test('go on for a file that can’t land, so that the app gets through with it', async () => {
    const stage = new LegacyStage()
    stage.openSink = () => Promise.reject(new TransferError('bad-name'))
    const bytes = bytesOf(3 * PIECE)
    stage.announce('file', bytes.length)
    stage.piece(...piecesOf(bytes).slice(0, 1))
    expect(await stage.told.endOf('file')).toMatchObject({ state: 'failed', reason: 'bad-name' })
    stage.piece(...piecesOf(bytes).slice(1))
    expect(stage.payloads('ctrlSendSpeed').at(-1)).toBe(bytes.length)
  })
})

describe('an end before the file’s', () => {
  const bytes = bytesOf(3 * PIECE)
  const pieces = piecesOf(bytes)

  test('cancelled here: nothing stays, the app is told and gets its numbers, the next file comes through', async () => {
    const stage = new LegacyStage()
    stage.announce('file', bytes.length)
    stage.piece(pieces[0]!)
    await until('bytes', () => stage.payloads('ctrlSendSpeed').at(-1) === PIECE)
    const { id } = stage.told.all[0]!
    stage.session.cancel(id)
    stage.session.cancel(id)
    expect(await stage.told.end(id)).toMatchObject({ state: 'cancelled', reason: 'cancelled' })
    stage.session.cancel(id)
    expect(stage.payloads('exception').length).toBeGreaterThan(0)
    expect(stage.payloads('exception')[0]).toBe('cancelled: file')
    expect(stage.sinks[0]?.state).toBe('discarded')
    stage.piece(pieces[1]!, pieces[2]!)
    expect(stage.payloads('ctrlSendSpeed').at(-1)).toBe(bytes.length)
    stage.announce('next', 10)
    stage.piece(bytesOf(10))
    await arrives(stage, 'next', bytesOf(10))
    expect(stage.told.afterEnd).toEqual([])
  })

  test('a cancel while the file gets its name comes too late, and the app is not told otherwise', async () => {
    const stage = new LegacyStage()
    let named = (): void => undefined
    class Slow extends MemorySink {
      override finish(): ReturnType<MemorySink['finish']> {
        return new Promise<void>((resolve) => (named = resolve)).then(() => super.finish())
      }
    }
    const sink = new Slow('file')
    stage.openSink = () => Promise.resolve(sink)
    stage.announce('file', 10)
    stage.piece(bytesOf(10))
    await until('written', () => sink.bytes === 10)
    await settle()
    stage.session.cancel(stage.told.all[0]!.id)
    named()
    await arrives(stage, 'file', bytesOf(10))
    expect(stage.payloads('exception')).toEqual([])
  })

  test('the app turns to another file: the first one failed', async () => {
    const stage = new LegacyStage()
    stage.announce('first', bytes.length)
    stage.piece(pieces[0]!)
    stage.announce('second', 10)
    stage.piece(bytesOf(10))
    expect(await stage.told.endOf('first')).toMatchObject({ state: 'failed', reason: 'failed' })
    await arrives(stage, 'second', bytesOf(10))
  })

  test('a whole file that is still being written is not lost when the next one is announced', async () => {
    const stage = new LegacyStage()
    stage.beforeWrite = settle
    stage.announce('first', bytes.length)
    stage.piece(...pieces)
    stage.announce('second', 10)
    stage.piece(bytesOf(10))
    await arrives(stage, 'first', bytes)
    await arrives(stage, 'second', bytesOf(10))
  })

  test('the lane breaks', async () => {
    const stage = new LegacyStage()
    stage.announce('file', bytes.length)
    stage.piece(pieces[0]!)
    stage.lane.close()
    expect(await stage.told.endOf('file')).toMatchObject({ state: 'failed', reason: 'connection-lost' })
    await until('discarded', () => stage.sinks[0]?.state === 'discarded')
    const before = stage.signals.length
    stage.announce('late', 1)
    expect([stage.signals.length, stage.told.ended.length]).toEqual([before, 1])
  })

  test('more than the disk may owe: overrun', async () => {
    const stage = new LegacyStage()
    let go = (): void => undefined
    stage.beforeWrite = () => new Promise((resolve) => (go = resolve))
    stage.announce('file', 2 * CREDIT_BYTES)
    for (let sent = 0; sent <= CREDIT_BYTES; sent += PIECE) stage.piece(new Uint8Array(PIECE))
    await settle()
    go()
    expect(await stage.told.endOf('file')).toMatchObject({ state: 'failed', reason: 'overrun' })
    expect(stage.sinks[0]?.state).toBe('discarded')
  })

  test('pieces without end that nobody announced: the lane is closed', () => {
    const stage = new LegacyStage()
    for (let sent = 0; sent < CREDIT_BYTES; sent += PIECE) stage.piece(new Uint8Array(PIECE))
    expect(stage.lane.closed).toBe(false)
    stage.piece(Uint8Array.of(1))
    expect(stage.lane.closed).toBe(true)
  })
})
