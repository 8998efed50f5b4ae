import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { nodeDisk } from './node-disk.ts'
import { content, IN, Stage } from './testing/stage.ts'
import { knownTime, timeOf } from './file-times.ts'

const NOW = Date.UTC(2026, 10, 29, 1, 2, 3, 456)

describe('C3 a time', () => {
  test.each([
    ['of now', NOW],
    ['of 1955', Date.UTC(1955, 3, 13, 12)],
    ['of 2040', Date.UTC(2040, 0, 1)],
    ['of a scanned photograph', Date.UTC(1871, 4, 2)],
    ['of the last second of signed numbers', 0x7fff_ffff * 1_000],
    ['of 2038', 0x8000_0000 * 1_000],
    ['of 2107', Date.UTC(2107, 11, 31, 23, 59, 58)],
    ['of 1800', Date.UTC(1800, 0, 1)],
    ['of the year 1900', Date.UTC(1900, 0, 2)],
    ['before FAT', Date.UTC(1979, 11, 31)],
  ])('%s is one', (_, ms) => expect(knownTime(ms)).toBe(ms))

  test.each([
    ['none', 0],
    ['none of Android and Windows', -11_644_473_600_000],
    ['seconds', Math.trunc(NOW / 1_000)],
    ['seconds of 1955', Math.trunc(Date.UTC(1955, 3, 13) / 1_000)],
    ['microseconds', NOW * 1_000],
    ['-1', -1],
    ['none of old Macs', -2_082_844_800_000],
    ['none of .NET', -62_135_596_800_000],
    ['32 bits all set', 0xffff_ffff * 1_000],
    ['none of zip', Date.UTC(1979, 10, 30)],
    ['none of zip in Shanghai', Date.UTC(1979, 10, 29, 16)],
    ['none of zip in New York', Date.UTC(1979, 10, 30, 5)],
    ['none of spreadsheets in Shanghai, whose day began with its sun', Date.UTC(1899, 11, 31, 15, 54, 17)],
    ['none of old Macs in Auckland', Date.UTC(1903, 11, 31, 12, 30)],
    ['none of Android read in steps of two seconds', -11_644_473_598_000],
    ['the first second of 1970 in Honolulu', 36_000_000],
    ['the last year of FAT and one second', Date.UTC(2108, 0, 1, 0, 0, 1)],
    ['the last of four digits', Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['without end', Infinity],
    ['the largest', Number.MAX_SAFE_INTEGER],
    ['the smallest', -Number.MAX_SAFE_INTEGER],
    ['what is no number', NaN],
    ['half a millisecond', NOW + 0.5],
  ])('that is %s is not known', (_, ms) => expect(knownTime(ms)).toBeNull())
})

test('C3 a time that was written is read as it was given, whoever reads it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lanyard-times-'))
  const path = join(dir, 'x')
  const file = await open(path, 'w')
  const own = await nodeDisk.reopen(path)
  try {
    const times = fc
      .integer({ min: Date.UTC(1902, 0, 1), max: Date.UTC(2105, 0, 1) })
      .filter((ms) => knownTime(ms) === ms)
    await fc.assert(
      fc.asyncProperty(times, async (ms) => {
        await own.setTime(ms)
        expect([timeOf(await stat(path)), timeOf(await stat(path, { bigint: true }))]).toEqual([ms, ms])
      }),
      { numRuns: 500 },
    )
    // Nor do the two kinds of numbers differ over what another program wrote, to the nanosecond.
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: -4_000_000_000_000_000_000n, max: 4_000_000_000_000_000_000n }), (ns) => {
        const seconds = Number(ns / 1_000_000_000n) - (ns % 1_000_000_000n < 0n ? 1 : 0)
        const rest = Number(ns - BigInt(seconds) * 1_000_000_000n)
        const asNumber = { mtimeMs: seconds * 1_000 + rest / 1_000_000 }
        expect(timeOf({ mtimeNs: ns })).toBe(timeOf(asNumber as never))
        return Promise.resolve()
      }),
      { numRuns: 2_000 },
    )
  } finally {
    await own.close()
    await file.close()
    await rm(dir, { recursive: true })
  }
})

describe.each([
  ['small', content(1_000)],
  ['large', content(BLOCK_BYTES + 9)],
])('C3 a %s file on a disk that keeps other times', (_, bytes) => {
  const old = Date.UTC(1955, 3, 13)
  const fat = (ms: number): number => Math.floor(Math.max(ms, Date.UTC(1980, 0, 1)) / 2_000) * 2_000

  test('is known by the time that the disk has kept, also in another run', async () => {
    const stage = new Stage()
    stage.disk.keepsTime = fat
    await stage.receive(bytes, { name: 'a', path: ['sub'], mtime: old })
    await stage.receive(bytes, { name: 'b', path: ['sub'], mtime: NOW })
    expect(stage.disk.time(`${IN}/sub/a`)).toBe(Date.UTC(1980, 0, 1))
    for (const inbox of [stage.inbox, stage.restart()]) {
      await inbox.start()
      expect(inbox.keptTime(['sub'], 'a', old)).toBe(Date.UTC(1980, 0, 1))
      expect(inbox.keptTime(['sub'], 'a', old + 1)).toBeNull()
      // As near as any disk comes: nothing need be remembered.
      expect(inbox.keptTime(['sub'], 'b', NOW)).toBeNull()
      await inbox.close()
    }
  })

  test('that refuses it lands all the same', async () => {
    const stage = new Stage()
    stage.disk.fail({ nth: 1, call: 'file.setTime', code: 'EINVAL', always: true })
    await stage.receive(bytes, { name: 'a', mtime: old })
    expect(stage.files).toEqual(['a'])
    expect(stage.inbox.keptTime([], 'a', old)).toBe(knownTime(stage.disk.time(`${IN}/a`)) ?? 0)
  })

  test('whose time is not known has the time when it came', async () => {
    const stage = new Stage()
    await stage.receive(bytes, { name: 'a', mtime: -11_644_473_600_000 })
    expect(stage.disk.calls).not.toContain('file.setTime')
  })
})
