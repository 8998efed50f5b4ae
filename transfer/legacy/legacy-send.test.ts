import { describe, expect, test } from 'vitest'
import { LEGACY_PIECE_BYTES } from '#protocol/limits.ts'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, failingSource, hexHash, MemorySource } from '#transfer/testing/quick.ts'
import { nextTask } from '#transfer/testing/lanes.ts'
import { LegacyStage } from '#transfer/testing/legacy-stage.ts'

/** Sending to a 2018 app, which holds whole files in memory and can't tell one file's bytes from another's. */

const PIECE = LEGACY_PIECE_BYTES
const MIB = 1_048_576
const LEAD_MS = 250
const SETTLE_MS = 5_000
const SILENCE_MS = 30_000

const source = (name: string, size: number): MemorySource => new MemorySource(name, bytesOf(size))
const joined = (pieces: readonly Uint8Array[]): Uint8Array => Buffer.concat(pieces)
const bytesIn = (stage: LegacyStage): number => stage.pieces.reduce((sum, piece) => sum + piece.length, 0)
const announced = (stage: LegacyStage): unknown[] => stage.payloads('transfile')

async function started(stage: LegacyStage, count = 1): Promise<void> {
  await until('announced', () => announced(stage).length === count)
  stage.clock.pass(LEAD_MS)
}

/** Nothing more will be sent before something else happens. */
async function still(stage: LegacyStage): Promise<void> {
  const seen = (): number => stage.lane.sent.length + stage.pieces.length
  for (let before = -1; before !== seen();) {
    before = seen()
    for (let i = 0; i < 10; i++) await nextTask()
  }
}

describe('one file', () => {
  test.each([0, 1, PIECE, PIECE + 1, 3 * MIB + 5])('%i bytes: each byte once, in pieces it can take', async (size) => {
    const stage = new LegacyStage()
    const file = source('file', size)
    const id = stage.session.send(file)
    await started(stage)
    expect(await stage.told.end(id)).toMatchObject({ state: 'done', bytes: size, sha256: hexHash(file.bytes) })
    expect(announced(stage)).toEqual([{ name: 'file', size }])
    expect(hexHash(joined(stage.pieces))).toBe(hexHash(file.bytes))
    expect(stage.pieces.every((piece) => piece.length > 0 && piece.length <= PIECE)).toBe(true)
    expect([file.opened, file.closed]).toEqual([1, 1])
    expect(stage.told.afterEnd).toEqual([])
  })

  test('the bytes wait for the announcement, which goes another way', async () => {
    const stage = new LegacyStage()
    stage.session.send(source('file', 10))
    await until('announced', () => announced(stage).length === 1)
    stage.clock.pass(LEAD_MS - 1)
    await still(stage)
    expect(stage.lane.sent).toEqual([])
    stage.clock.pass(1)
    await until('sent', () => stage.lane.sent.length === 1)
  })

  test('never more than 1 MiB ahead of what the app reports', async () => {
    const stage = new LegacyStage()
    stage.answers = false
    const size = 4 * MIB
    const id = stage.session.send(source('file', size))
    await started(stage)
    for (const reported of [0, PIECE, MIB, 2 * MIB]) {
      if (reported > 0) stage.session.onReport(reported)
      await until('all that may be sent', () => bytesIn(stage) >= reported + MIB)
      await still(stage)
      expect(bytesIn(stage)).toBe(reported + MIB)
    }
    // One that comes late says nothing new.
    stage.session.onReport(PIECE)
    await still(stage)
    expect(bytesIn(stage)).toBe(3 * MIB)
    stage.session.onReport(3 * MIB)
    await still(stage)
    expect(stage.told.moving).toHaveLength(1)
    stage.session.onReport(size)
    expect((await stage.told.end(id)).state).toBe('done')
  })

  test('a report of more than was sent buys nothing', async () => {
    const stage = new LegacyStage()
    stage.answers = false
    stage.session.send(source('file', 4 * MIB))
    await started(stage)
    await until('all that may be sent', () => bytesIn(stage) >= MIB)
    stage.session.onReport(Number.MAX_SAFE_INTEGER)
    await until('all that may be sent', () => bytesIn(stage) >= 2 * MIB)
    await still(stage)
    expect(bytesIn(stage)).toBe(2 * MIB)
  })

  test('a full channel is waited for', async () => {
    let go = (): void => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    const stage = new LegacyStage({ highMark: 2 * PIECE, pace: () => gate })
    const id = stage.session.send(source('file', 10 * PIECE))
    await started(stage)
    await still(stage)
    expect(stage.lane.sent).toHaveLength(2)
    go()
    expect((await stage.told.end(id)).state).toBe('done')
  })
})

describe('an end before the file’s', () => {
  test('an app that says nothing any more', async () => {
    const stage = new LegacyStage()
    stage.answers = false
    const file = source('file', 4 * MIB)
    const id = stage.session.send(file)
    await started(stage)
    await still(stage)
    stage.clock.pass(SILENCE_MS - 1)
    stage.session.onReport(PIECE)
    await still(stage)
    stage.clock.pass(SILENCE_MS - 1)
    await still(stage)
    expect(stage.told.moving).toHaveLength(1)
    stage.clock.pass(1)
    expect(await stage.told.end(id)).toMatchObject({ state: 'failed', reason: 'timeout', bytes: PIECE })
    await until('closed', () => file.closed === 1)
  })

  test('no file begins while bytes of a cancelled one are under way', async () => {
    const stage = new LegacyStage()
    stage.answers = false
    const id = stage.session.send(source('first', 2 * MIB))
    stage.session.send(source('second', 10))
    await started(stage)
    await still(stage)
    stage.session.cancel(id)
    expect((await stage.told.end(id)).state).toBe('cancelled')
    expect(stage.payloads('exception')).toEqual(['cancelled: first'])
    stage.session.onReport(MIB - PIECE)
    await still(stage)
    expect(announced(stage)).toHaveLength(1)
    stage.session.onReport(MIB)
    await started(stage, 2)
    stage.answers = true
    expect((await stage.told.endOf('second')).state).toBe('done')
    expect(stage.told.afterEnd).toEqual([])
  })

  test('an app that never reports the rest holds up the next file for a while only', async () => {
    const stage = new LegacyStage()
    stage.answers = false
    const id = stage.session.send(source('first', 2 * MIB))
    stage.session.send(source('second', 10))
    await started(stage)
    await still(stage)
    stage.session.cancel(id)
    await stage.told.end(id)
    await still(stage)
    stage.clock.pass(SETTLE_MS)
    await until('announced', () => announced(stage).length === 2)
  })

  test('the file changed', async () => {
    const stage = new LegacyStage()
    const file = failingSource('file', 4 * MIB, MIB, 'source-changed')
    const id = stage.session.send(file)
    const next = stage.session.send(source('next', 5))
    await started(stage)
    expect(await stage.told.end(id)).toMatchObject({ state: 'failed', reason: 'source-changed' })
    expect(file.closed).toBe(1)
    await started(stage, 2)
    expect((await stage.told.end(next)).state).toBe('done')
  })

  test('stopped while the disk opens it: the app never hears of it', async () => {
    const stage = new LegacyStage()
    const file = source('file', 10)
    let go = (): void => undefined
    const open = file.open.bind(file)
    file.open = async () => {
      await new Promise<void>((resolve) => (go = resolve))
      return open()
    }
    const id = stage.session.send(file)
    stage.session.end('connection-lost')
    go()
    expect(await stage.told.end(id)).toMatchObject({ state: 'failed', reason: 'connection-lost' })
    expect(announced(stage)).toEqual([])
    await until('closed', () => file.closed === 1)
  })

  test.each(['lane', 'session'])('the end of the %s ends all that move and all that wait', async (what) => {
    const stage = new LegacyStage()
    stage.answers = false
    const files = ['first', 'second', 'third'].map((name) => source(name, 2 * MIB))
    const ids = files.map((file) => stage.session.send(file))
    await started(stage)
    await still(stage)
    if (what === 'lane') stage.lane.close()
    else stage.session.end('peer-left')
    const reason = what === 'lane' ? 'connection-lost' : 'peer-left'
    for (const id of ids) expect(await stage.told.end(id)).toMatchObject({ state: 'failed', reason })
    const late = stage.session.send(source('late', 1))
    expect(await stage.told.end(late)).toMatchObject({ state: 'failed', reason })
    stage.clock.pass(SETTLE_MS)
    await still(stage)
    expect(announced(stage)).toHaveLength(1)
    expect(files.map((file) => file.opened - file.closed)).toEqual([0, 0, 0])
    expect([stage.told.afterEnd, stage.clock.waiting]).toEqual([[], 0])
  })
})

describe('the queue', () => {
  test('one file after the other, in the order in which they were given', async () => {
    const stage = new LegacyStage()
    const sizes = [PIECE + 1, 0, 10, 2 * PIECE]
    const ids = sizes.map((size, i) => stage.session.send(source(`${i}`, size)))
    for (const [i, id] of ids.entries()) {
      await started(stage, i + 1)
      expect((await stage.told.end(id)).state).toBe('done')
    }
    expect(announced(stage)).toEqual(sizes.map((size, i) => ({ name: `${i}`, size })))
  })

  test('a waiting file that is cancelled is never opened, and the app hears nothing of it', async () => {
    const stage = new LegacyStage()
    const waiting = source('waiting', 10)
    const first = stage.session.send(source('first', 10))
    const second = stage.session.send(waiting)
    const third = stage.session.send(source('third', 10))
    expect(stage.told.all.find((view) => view.id === second)).toMatchObject({ state: 'moving', phase: 'queued' })
    stage.session.cancel(second)
    stage.session.cancel('unknown')
    expect(await stage.told.end(second)).toMatchObject({ state: 'cancelled', reason: 'cancelled' })
    await started(stage)
    await stage.told.end(first)
    await started(stage, 2)
    expect((await stage.told.end(third)).state).toBe('done')
    expect([waiting.opened, stage.payloads('exception')]).toEqual([0, []])
  })

  test('files in both directions at once do not touch each other', async () => {
    const stage = new LegacyStage()
    const out = source('out', 3 * PIECE)
    const id = stage.session.send(out)
    stage.announce('in', 50)
    await started(stage)
    stage.piece(bytesOf(50))
    expect((await stage.told.end(id)).state).toBe('done')
    expect(await stage.told.endOf('in')).toMatchObject({ state: 'done', sha256: hexHash(bytesOf(50)) })
  })
})
