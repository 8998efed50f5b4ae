import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { complete, content, give, offerOf, PHONE, Stage } from './testing/stage.ts'

const LARGE = content(2 * BLOCK_BYTES + 9)

/** One file has landed, of another the first block is here, and the program is started again. */
async function before(): Promise<{ stage: Stage; landed: string; half: ReturnType<typeof offerOf> }> {
  const stage = new Stage()
  const landed = offerOf(LARGE, { name: 'whole.bin' })
  await complete(await stage.inbox.open(PHONE, landed), LARGE)
  const half = offerOf(LARGE)
  const sink = await stage.inbox.open(PHONE, half)
  await give(sink, LARGE, 0)
  await sink.suspend()
  stage.restart()
  return { stage, landed: landed.id, half }
}

describe.each(['EACCES', 'EIO', 'EMFILE', 'EISDIR', 'ELOOP'])(
  'what an earlier run wrote down, refused with %s',
  (code) => {
    test('the log of parts: nothing comes in and nothing goes until it can be read', async () => {
      const { stage, landed, half } = await before()
      stage.disk.fail({ nth: 1, code, call: 'readText' })
      await expect(stage.inbox.start()).rejects.toThrow('disk-error')
      expect([stage.parts.length, stage.journals.length]).toEqual([1, 1])
      stage.disk.heal()
      await stage.inbox.start()
      expect(stage.inbox.landed(PHONE, landed)).not.toBeNull()
      expect(stage.inbox.partsOf(PHONE)).toMatchObject([{ id: half.id, kept: BLOCK_BYTES }])
    })

    test('a journal: neither it nor its part is removed, and they go on when it can be read', async () => {
      const { stage, half } = await before()
      stage.disk.fail({ nth: 2, code, call: 'readText' })
      await stage.inbox.start()
      expect(stage.inbox.partsOf(PHONE)).toEqual([])
      expect([stage.parts.length, stage.journals.length]).toEqual([1, 1])
      stage.restart()
      await stage.inbox.start()
      expect(stage.inbox.partsOf(PHONE)).toMatchObject([{ id: half.id, kept: BLOCK_BYTES }])
    })

    test('a part that can’t be looked at: its journal stays', async () => {
      const { stage, half } = await before()
      stage.disk.fail({ nth: 1, code, call: 'lstat', always: true })
      await stage.inbox.start()
      expect([stage.parts.length, stage.journals.length]).toEqual([1, 1])
      stage.disk.heal()
      stage.restart()
      await stage.inbox.start()
      expect(stage.inbox.partsOf(PHONE)).toMatchObject([{ id: half.id, kept: BLOCK_BYTES }])
    })
  },
)
