import { constants } from 'node:os'
import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { cureOf, refusal } from './disk.ts'
import { complete, content, offerOf, PHONE, Stage } from './testing/stage.ts'

const error = (code: string): Error => Object.assign(new Error(code), { code })

test('C5 every code that this system has is known', () => {
  const unknown = Object.keys(constants.errno).filter((code) => !code.startsWith('WSA') && cureOf(code) === undefined)
  expect(unknown).toEqual([])
})

test.each([
  ['ENOSPC', 'disk-full', false],
  ['ENOENT', 'disk-error', false],
  ['EIO', 'disk-error', false],
  ['EMFILE', 'disk-error', false],
  ['ESTALE', 'disk-error', false],
  ['EROFS', 'disk-error', true],
  ['EACCES', 'disk-error', true],
  ['EPERM', 'disk-error', true],
  ['ENOTDIR', 'disk-error', true],
  ['ELOOP', 'disk-error', true],
  ['EISDIR', 'disk-error', true],
  ['EINVAL', 'disk-error', true],
  ['ENEW', 'disk-error', true],
  ['ENAMETOOLONG', 'bad-name', false],
  ['EILSEQ', 'bad-name', false],
  ['EFBIG', 'too-large', false],
])('C5 %s is %s, lasting: %s', (code, reason, lasting) => {
  expect(refusal(error(code))).toMatchObject({ code: reason, lasting })
})

describe.each([
  ['small', content(1_000)],
  ['large', content(2 * BLOCK_BYTES)],
])('C5 a %s file on a disk that refuses its name', (_, bytes) => {
  const long = `${'字'.repeat(60)}.lnk`

  test.each([
    [143, false],
    [143, true],
    [60, false],
  ])(
    'of more than %i bytes (no links: %s) lands under a shorter one, beside those that have it',
    async (max, linkless) => {
      const stage = new Stage()
      Object.assign(stage.disk, { nameMax: max, linkless })
      const first = await stage.receive(bytes, { name: long })
      const second = await stage.receive(bytes, { name: long })
      expect(first.name).toMatch(/^字+~[0-9a-f]{8}\.lnk$/u)
      expect(second.name).toMatch(/^字+~[0-9a-f]{8} \(2\)\.lnk$/u)
      expect([stage.files, stage.parts]).toEqual([[second.name, first.name].sort(), []])
    },
  )

  test('a crash between the shorter name and the word of it loses nothing, and lands it once', async () => {
    const stage = new Stage()
    stage.disk.nameMax = 143
    const offer = offerOf(bytes, { name: long })
    const sink = await stage.inbox.open(PHONE, offer)
    stage.disk.fail({ nth: 1, call: 'unlink', code: 'EIO', always: true })
    await complete(sink, bytes)
    stage.disk.heal()
    stage.disk.crash((n) => n)
    const again = stage.restart()
    await again.start()
    expect(again.landed(PHONE, offer.id)?.name).toBe(stage.files[0])
    expect([stage.files.length, stage.parts]).toEqual([1, []])
  })

  test.each(['EINVAL', 'EILSEQ'])('%s is said, and nothing is left', async (code) => {
    const stage = new Stage()
    stage.disk.linkless = true
    const sink = await stage.inbox.open(PHONE, offerOf(bytes, { name: 'a' }))
    stage.disk.fail({ nth: bytes.length > BLOCK_BYTES ? 1 : 2, call: 'create', code })
    await expect(complete(sink, bytes)).rejects.toMatchObject({ code: 'bad-name' })
    await sink.discard()
    expect([stage.files, stage.parts]).toEqual([[], []])
  })
})
