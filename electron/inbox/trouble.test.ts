import { beforeEach, describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { RESERVE_BYTES } from './disk-space.ts'
import { blockOf, complete, content, give, IN, newId, offerOf, PHONE, rootOf, sha256, Stage } from './testing/stage.ts'

const SMALL = content(1_000)
const LARGE = content(3 * BLOCK_BYTES + 9)
const BOTH = [
  ['small', SMALL],
  ['large', LARGE],
] as const

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})

const here = (have: readonly (string | undefined)[]): number[] =>
  have.flatMap((hash, i) => (hash === undefined ? [] : i))
const isWhole = (path: string, bytes: Uint8Array): boolean =>
  sha256(stage.disk.bytes(`${IN}/${path}`)) === sha256(bytes)

describe('E74 a file larger than the disk has room', () => {
  test.each(BOTH)('%s: refused before the first byte, with what must become free', async (_, bytes) => {
    // What is written down about the inbox takes a little of it.
    await stage.inbox.missing(0)
    stage.clock.pass(1_000)
    stage.disk.room = RESERVE_BYTES + bytes.byteLength - 1
    const offer = offerOf(bytes)
    await expect(stage.inbox.open(PHONE, offer)).rejects.toMatchObject({ code: 'disk-full', needBytes: 1 })
    expect(stage.disk.tree(IN)).toEqual([])
    expect(await stage.inbox.missing(bytes.byteLength)).toBe(1)
    stage.disk.room += 1_000_000
    stage.clock.pass(1_000)
    expect(await stage.inbox.missing(bytes.byteLength)).toBe(0)
    await complete(await stage.inbox.open(PHONE, offer), bytes)
    expect(isWhole('film.bin', bytes)).toBe(true)
  })

  test('of any size that can be said', async () => {
    stage.disk.room = 1e12
    const open = stage.inbox.open(PHONE, { ...offerOf(LARGE), size: Number.MAX_SAFE_INTEGER })
    await expect(open).rejects.toMatchObject({ code: 'disk-full' })
  })

  test('what others were promised is not promised twice; what they have is theirs, and what they leave is free', async () => {
    // The ledger takes a little of it too.
    stage.disk.room = RESERVE_BYTES + LARGE.byteLength + BLOCK_BYTES + 1_000
    const first = await stage.inbox.open(PHONE, offerOf(LARGE))
    await expect(stage.inbox.open(PHONE, offerOf(LARGE))).rejects.toMatchObject({
      code: 'disk-full',
      needBytes: expect.closeTo(LARGE.byteLength - BLOCK_BYTES, -4) as number,
    })
    await give(first, LARGE, 0)
    stage.clock.pass(1_000)
    expect(await stage.inbox.missing(BLOCK_BYTES)).toBe(0)
    await first.discard()
    stage.disk.room = RESERVE_BYTES + LARGE.byteLength + 1_000
    stage.clock.pass(1_000)
    await (await stage.inbox.open(PHONE, offerOf(LARGE))).discard()
  })

  test('a disk that does not say how much it has takes what it can', async () => {
    stage.disk.room = null
    await stage.receive(LARGE)
  })
})

describe('F89 the disk is full in the middle', () => {
  test.each(['ENOSPC', 'EDQUOT'])(
    '%s while a large file is written: it says what it needs, and goes on',
    async (code) => {
      stage.disk.room = 10 * RESERVE_BYTES
      const offer = offerOf(LARGE)
      const sink = await stage.inbox.open(PHONE, offer)
      await give(sink, LARGE, 0)
      stage.disk.fail({ nth: 1, call: 'file.write', code, always: true })
      const refused = { code: 'disk-full', needBytes: LARGE.byteLength - BLOCK_BYTES }
      await expect(sink.write(1, blockOf(LARGE, 1))).rejects.toMatchObject(refused)
      stage.disk.heal()
      await give(sink, LARGE, 1)
      await sink.suspend()
      const again = await stage.restart().open(PHONE, offer)
      expect(here(again.have)).toEqual([0, 1])
      await complete(again, LARGE)
      expect(isWhole('film.bin', LARGE)).toBe(true)
    },
  )

  test('and the journal has no room either: it goes on in this run, and after a crash with what was safe before', async () => {
    const offer = offerOf(LARGE)
    const sink = await stage.inbox.open(PHONE, offer)
    await give(sink, LARGE, 0)
    stage.clock.pass(5_000)
    await expect.poll(() => stage.journals).toHaveLength(1)
    await give(sink, LARGE, 1)
    stage.disk.room = 0
    await expect(sink.write(2, blockOf(LARGE, 2))).rejects.toMatchObject({ code: 'disk-full' })
    await sink.suspend()
    stage.disk.room = null
    stage.clock.pass(1_000)
    const again = await stage.inbox.open(PHONE, offer)
    expect(here(again.have)).toEqual([0, 1])
    const crashed = await stage.restart().open(PHONE, offer)
    expect(here(crashed.have)).toEqual([0])
    await complete(crashed, LARGE)
    expect(isWhole('film.bin', LARGE)).toBe(true)
  })

  test('a small file can be finished once there is room', async () => {
    const sink = await stage.inbox.open(PHONE, offerOf(SMALL))
    await give(sink, SMALL, 0)
    stage.disk.fail({ nth: 1, call: 'file.sync', code: 'ENOSPC' })
    stage.disk.fail({ nth: 1, call: 'file.write', code: 'ENOSPC' })
    await expect(sink.finish()).rejects.toMatchObject({ code: 'disk-full', needBytes: SMALL.byteLength })
    stage.disk.heal()
    await sink.finish(rootOf(SMALL))
    expect([stage.files, stage.parts]).toEqual([['film.bin'], []])
  })

  test('F92 a disk that could not make safe what it had taken is believed in nothing since', async () => {
    const offer = offerOf(LARGE)
    const sink = await stage.inbox.open(PHONE, offer)
    await give(sink, LARGE, 0)
    stage.clock.pass(5_000)
    await expect.poll(() => stage.journals).toHaveLength(1)
    await give(sink, LARGE, 1)
    stage.disk.fail({ nth: 1, call: 'file.sync', code: 'EIO' })
    await sink.write(2, blockOf(LARGE, 2))
    stage.clock.pass(5_000)
    await expect
      .poll(() => sink.write(2, blockOf(LARGE, 2)).catch((error: unknown) => error))
      .toMatchObject({ code: 'disk-error' })
    await sink.suspend()
    const again = await stage.inbox.open(PHONE, offer)
    expect(here(again.have)).toEqual([0])
    await complete(again, LARGE)
    expect(isWhole('film.bin', LARGE)).toBe(true)
  })

  test('more than FAT can hold is refused at once, and nothing is left', async () => {
    stage.disk.fileMax = 0xffff_ffff
    const open = stage.inbox.open(PHONE, { ...offerOf(LARGE), size: 0x1_0000_0000 })
    await expect(open).rejects.toMatchObject({ code: 'too-large' })
    expect(stage.disk.tree(IN)).toEqual([])
  })
})

describe('F90 the folder', () => {
  test.each(BOTH)('is gone when a %s file is offered', async (_, bytes) => {
    stage.disk.take(IN)
    const open = stage.inbox.open(PHONE, offerOf(bytes))
    await expect(open).rejects.toMatchObject({ code: 'disk-error' })
    await expect(stage.inbox.missing(1)).rejects.toMatchObject({ code: 'disk-error' })
  })

  test.each(BOTH)(
    'is read-only when a %s file comes: nothing is left, and the next one is welcome',
    async (_, bytes) => {
      stage.disk.fail({ nth: 1, call: 'create', code: 'EROFS', always: true })
      const offer = offerOf(bytes)
      const whole = stage.inbox.open(PHONE, offer).then(async (sink) => {
        await complete(sink, bytes).catch(async (error: unknown) => {
          await sink.suspend()
          throw error
        })
      })
      await expect(whole).rejects.toMatchObject({ code: 'disk-error' })
      stage.disk.heal()
      await complete(await stage.inbox.open(PHONE, offer), bytes)
      expect([stage.files, stage.parts]).toEqual([['film.bin'], []])
    },
  )

  test('is moved away while a large file comes, and comes back: it goes on', async () => {
    const offer = offerOf(LARGE)
    const sink = await stage.inbox.open(PHONE, offer)
    await give(sink, LARGE, 0, 1, 2)
    stage.disk.move(IN, '/elsewhere')
    await give(sink, LARGE, 3)
    await expect(sink.finish()).rejects.toMatchObject({ code: 'disk-error' })
    await sink.suspend()
    await expect(stage.restart().open(PHONE, offer)).rejects.toMatchObject({ code: 'disk-error' })
    stage.disk.move('/elsewhere', IN)
    const again = await stage.restart().open(PHONE, offer)
    expect(here(again.have)).toEqual([0, 1, 2, 3])
    await complete(again, LARGE)
    expect(isWhole('film.bin', LARGE)).toBe(true)
  })

  test('another one is in its place: the file does not land there', async () => {
    const sink = await stage.inbox.open(PHONE, offerOf(LARGE))
    await give(sink, LARGE, 0, 1, 2, 3)
    stage.disk.move(IN, '/elsewhere')
    stage.disk.folder(IN)
    await expect(sink.finish()).rejects.toMatchObject({ code: 'disk-error' })
    await sink.discard()
    expect(stage.disk.tree(IN)).toEqual([])
  })
})

describe('F95 Windows, where somebody holds every new file for a moment', () => {
  beforeEach(() => {
    stage.disk.linkless = true
    stage.disk.patient = true
    stage.clock.hurry = true
  })

  test.each(['EPERM', 'EACCES', 'EBUSY'])('%s: the rename is tried again', async (code) => {
    for (let nth = 1; nth <= 6; nth++) stage.disk.fail({ nth, call: 'rename', code })
    // The journal's own renames come first: none, as the file is quick.
    const before = stage.clock.now()
    await stage.receive(LARGE)
    expect([stage.files, stage.parts]).toEqual([['film.bin'], []])
    const waited = stage.clock.now() - before
    expect(waited).toBeGreaterThanOrEqual(20 + 40 + 80)
    expect(waited).toBeLessThanOrEqual(30_000)
  })

  test.each(BOTH)(
    'held for 30 s: a %s file is still a part, can be tried again, and no empty file is left',
    async (_, bytes) => {
      const sink = await stage.inbox.open(PHONE, offerOf(bytes))
      for (let i = 0; i * BLOCK_BYTES < bytes.byteLength; i++) await give(sink, bytes, i)
      stage.disk.fail({ nth: 1, call: 'rename', code: 'EBUSY', always: true })
      const before = stage.clock.now()
      await expect(sink.finish()).rejects.toMatchObject({ code: 'disk-error' })
      expect(stage.clock.now() - before).toBeGreaterThanOrEqual(30_000)
      expect([stage.files, stage.parts.length]).toEqual([[], 1])
      stage.disk.heal()
      await sink.finish()
      expect([stage.files, stage.parts]).toEqual([['film.bin'], []])
      expect(isWhole('film.bin', bytes)).toBe(true)
    },
  )

  test('a large one can also be tried again after the program was started anew', async () => {
    const offer = offerOf(LARGE)
    const sink = await stage.inbox.open(PHONE, offer)
    await give(sink, LARGE, 0, 1, 2, 3)
    stage.disk.fail({ nth: 1, call: 'rename', code: 'EBUSY', always: true })
    await expect(sink.finish()).rejects.toMatchObject({ code: 'disk-error' })
    stage.disk.heal()
    await sink.suspend()
    const again = await stage.restart().open(PHONE, offer)
    expect(here(again.have)).toEqual([0, 1, 2, 3])
    await again.finish()
    expect([stage.files, stage.parts]).toEqual([['film.bin'], []])
  })

  test('elsewhere nobody waits for what will not change', async () => {
    stage.disk.patient = false
    stage.disk.fail({ nth: 1, call: 'rename', code: 'EACCES', always: true })
    const before = stage.clock.now()
    await expect(stage.receive(SMALL)).rejects.toMatchObject({ code: 'disk-error' })
    expect(stage.clock.now()).toBe(before)
  })
})

describe('F96 a disk without hard links (exFAT, SMB)', () => {
  beforeEach(() => {
    stage.disk.linkless = true
  })

  test.each(BOTH)('%s files land all the same, and replace nothing', async (_, bytes) => {
    stage.disk.put(`${IN}/a.txt`, 'mine')
    const landed = await Promise.all(Array.from({ length: 5 }, () => stage.receive(bytes, { name: 'a.txt' })))
    expect(new Set(landed.map(({ name }) => name)).size).toBe(5)
    expect([stage.disk.text(`${IN}/a.txt`), stage.files.length, stage.parts]).toEqual(['mine', 6, []])
    for (const { name } of landed) expect(isWhole(name, bytes)).toBe(true)
  })

  test.each(['ENOTSUP', 'EPERM', 'ENOSYS', 'EMLINK', 'EXDEV'])('%s is how it says so', async (code) => {
    stage.disk.linkless = false
    stage.disk.fail({ nth: 1, call: 'link', code, always: true })
    await stage.receive(LARGE)
    expect([stage.files, stage.parts]).toEqual([['film.bin'], []])
  })

  test('modes and times that the disk does not know are no reason to fail', async () => {
    stage.disk.fail({ nth: 1, call: 'file.chmod', code: 'EPERM', always: true })
    stage.disk.fail({ nth: 1, call: 'file.setTime', code: 'EPERM', always: true })
    await stage.receive(LARGE, { mtime: 1_700_000_000_000 })
    await stage.receive(SMALL, { mtime: 1_700_000_000_000 })
    expect(stage.files).toHaveLength(2)
  })

  test('D69 what lands has been marked before it had its name', async () => {
    for (const [, bytes] of BOTH) await stage.receive(bytes)
    expect(stage.disk.marked).toHaveLength(2)
    for (const path of stage.disk.marked) expect(path).toMatch(/^\/in\/\.film\.bin\.[0-9a-f]{8}\.part$/)
  })
})

/** The n-th call of everything fails once, for every n: the receiver does what it does then, and all ends well. */
describe.each([
  ['with hard links', false],
  ['without', true],
])('F89 any call of the disk that fails, %s', (_, linkless) => {
  test.each(['ENOSPC', 'EIO', 'EACCES'])(
    '%s: never a wrong file under a name, never anything lost for good',
    { timeout: 180_000 },
    async (code) => {
      for (const [, bytes] of BOTH) {
        for (let nth = 1, more = true; more; nth++) {
          stage = new Stage()
          stage.disk.linkless = linkless
          await stage.inbox.start()
          const calls = stage.disk.calls.length
          stage.disk.fail({ nth, code })
          const offer = offerOf(bytes)
          await attempt(offer, bytes)
          more = stage.disk.calls.length - calls >= nth
          stage.disk.heal()
          if (stage.inbox.landed(PHONE, offer.id) === null) await attempt(offer, bytes)
          await stage.inbox.close()
          await stage.restart().start()
          expect([nth, stage.files, stage.parts, stage.journals]).toEqual([nth, ['film.bin'], [], []])
          expect(isWhole('film.bin', bytes)).toBe(true)
          expect(stage.inbox.landed(PHONE, offer.id)?.root).toBe(rootOf(bytes))
        }
      }
    },
  )

  async function attempt(offer: ReturnType<typeof offerOf>, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const sink = await stage.inbox.open(PHONE, offer).catch(() => null)
    if (sink !== null) await complete(sink, bytes).then(Boolean, () => sink.suspend())
  }
})

test('D69 a fault in the mark is none of the file', async () => {
  stage.disk.fail({ nth: 1, call: 'mark', code: 'EIO', always: true })
  await stage.receive(SMALL, { id: newId() })
  expect(stage.files).toEqual(['film.bin'])
})
