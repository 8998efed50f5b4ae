import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '#protocol/errors.ts'
import { decodeFrame, encodeFrame } from '#protocol/frames.ts'
import * as limits from '#protocol/limits.ts'
import { parse } from '#protocol/parse.ts'
import type { SyncedRecord } from '#protocol/records.ts'
import { RecordLog, RecordLogState } from './record-log.ts'

const note = (id: string, rest: Partial<SyncedRecord> = {}): SyncedRecord => ({ id, kind: 'note', title: id, modified: 0, ...rest }) // prettier-ignore

/** All pages from a cursor on, each as long as a frame may be and readable as one. */
function pages(shelf: RecordLog, since = ''): { list: SyncedRecord[]; cursor: string; fresh: boolean }[] {
  const all = []
  for (let at = since, more = true; more;) {
    const page = shelf.page(at)
    const text = encodeFrame({ t: 'records', since: at, ...page })
    expect(decodeFrame(text)).toEqual({ t: 'records', since: at, ...page })
    all.push(page)
    at = page.cursor
    more = page.more
  }
  return all
}
const ids = (list: readonly SyncedRecord[]): string[] => list.map(({ id }) => id)

describe('put', () => {
  test('gives the record back, and `modified` never goes down', () => {
    const shelf = new RecordLog()
    expect(shelf.put(note('a', { modified: 50 })).modified).toBe(50)
    expect(shelf.put(note('a', { modified: 20 })).modified).toBe(51)
    expect(shelf.put(note('a', { modified: 90 })).modified).toBe(90)
    shelf.put(note('z', { modified: limits.TIME_MS_MAX }))
    expect(shelf.put(note('z')).modified).toBe(limits.TIME_MS_MAX)
  })

  test.each([
    ['no id', { id: '' }],
    ['a long id', { id: 'x'.repeat(limits.RECORD_ID_CHARS_MAX + 1) }],
    ['a long title', { title: 'x'.repeat(limits.RECORD_TITLE_CHARS_MAX + 1) }],
    ['a text that is a file', { text: 'x'.repeat(limits.RECORD_TEXT_CHARS_MAX + 1) }],
    ['no number', { modified: NaN }],
    ['a thumbnail that is none', { thumbnail: 'not base64url!' }],
  ])('%s is refused, and changes nothing', (_, wrong) => {
    const shelf = new RecordLog()
    expect(() => shelf.put(note('a', wrong))).toThrow(ProtocolError)
    expect([shelf.size, shelf.page('').list]).toEqual([0, []])
  })

  test('remove: gone here, told there', () => {
    const shelf = new RecordLog()
    shelf.put(note('a', { text: 'secret', modified: 3 }))
    const { cursor } = shelf.page('')
    expect([shelf.remove('a'), shelf.remove('a'), shelf.get('a'), shelf.size, shelf.all()]).toEqual([true, false, undefined, 0, []]) // prettier-ignore
    expect(shelf.page(cursor).list).toEqual([{ id: 'a', kind: 'note', title: '', modified: 4, deleted: true }])
  })
})

describe('page', () => {
  test('never longer than a frame, with the largest records and six characters for each', () => {
    const shelf = new RecordLog()
    const wide = '\u0001'
    const huge = (id: number): SyncedRecord => ({
      id: String(id).padStart(limits.RECORD_ID_CHARS_MAX, wide),
      kind: wide.repeat(32),
      title: wide.repeat(limits.RECORD_TITLE_CHARS_MAX),
      text: wide.repeat(limits.RECORD_TEXT_CHARS_MAX),
      mime: wide.repeat(255),
      size: Number.MAX_SAFE_INTEGER,
      thumbnail: 'x'.repeat(8_192),
      modified: Number.MIN_SAFE_INTEGER,
    })
    for (let i = 0; i < 5; i++) shelf.put(huge(i))
    expect(pages(shelf).map(({ list }) => list.length)).toEqual([1, 1, 1, 1, 1])
  })

  test('never longer than a message, in bytes: Chinese takes three for each character', () => {
    const shelf = new RecordLog()
    for (let i = 0; i < 6; i++) shelf.put(note(String(i), { text: '文'.repeat(limits.RECORD_TEXT_CHARS_MAX) }))
    const all = pages(shelf)
    for (const page of all) expect(Buffer.byteLength(JSON.stringify({ t: 'records', since: '', ...page }))).toBeLessThanOrEqual(limits.MESSAGE_BYTES_MAX) // prettier-ignore
    expect(all.map(({ list }) => list.length)).toEqual([2, 2, 2])
  })

  test('of any records: all of them, once, in the order of their last change', () => {
    const text = fc.tuple(fc.constantFrom('x', '\u0001', '字'), fc.nat(32_768)).map(([one, length]) => one.repeat(length))
    const record = fc.record({ id: fc.nat(99).map(String), title: fc.string({ maxLength: 512 }), text })
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), (records) => {
        const shelf = new RecordLog()
        for (const one of records) shelf.put(note(one.id, one))
        const last = [...new Set(ids(records.map((one) => note(one.id))).reverse())].reverse()
        expect(pages(shelf).flatMap(({ list }) => ids(list))).toEqual(last)
      }),
      { numRuns: 50 },
    )
  }) // prettier-ignore

  test.each(['', 'x', 'x.1', '1', '.', '.5', '1.x', 'a.b.c', '__proto__.1', '9'.repeat(limits.CURSOR_CHARS_MAX)])(
    'the cursor %j is not known: all there is',
    (cursor) => {
      const shelf = new RecordLog()
      shelf.put(note('a'))
      expect(shelf.page(cursor)).toMatchObject({ fresh: true, more: false, list: [note('a')] })
    },
  )

  test('a cursor of its own, but further than it is: all there is', () => {
    const shelf = new RecordLog()
    shelf.put(note('a'))
    expect(shelf.page(shelf.page('').cursor.replace(/\d+$/, '2')).fresh).toBe(true)
  })

  test('100,000 records: a page costs what is on it', () => {
    const shelf = new RecordLog()
    for (let i = 0; i < 100_000; i++) shelf.put(note(String(i), { text: 'some text of a note' }))
    const all = pages(shelf)
    expect(all.map(({ list }) => list.length)).toEqual(Array(200).fill(500))
    // 5,000 pages that each looked at all the records would take minutes, and be ended by the limit of a test.
    const nearEnd = all[0]!.cursor.replace(/\d+$/, '99990')
    for (let i = 0; i < 5_000; i++) expect(shelf.page(nearEnd).list).toHaveLength(10)
  })

  test('one record edited 100,000 times is one record, in memory too', () => {
    const shelf = new RecordLog()
    for (let i = 0; i < 100_000; i++) shelf.put(note('a', { title: String(i) }))
    expect([ids(shelf.page('').list), shelf.save().entries.length]).toEqual([['a'], 1])
  })
})

test('deletions are bounded: who stands before those forgotten begins anew, who stands after does not', () => {
  const shelf = new RecordLog()
  for (let i = 0; i < 12_000; i++) shelf.put(note(String(i)))
  const before = shelf.page('').cursor.replace(/\d+$/, '12000')
  for (let i = 0; i < 9_999; i++) shelf.remove(String(i))
  const between = before.replace(/\d+$/, '20000')
  expect(shelf.page(before).fresh).toBe(false)
  for (let i = 9_999; i < 12_000; i++) shelf.remove(String(i))
  expect([shelf.page(before).fresh, shelf.page(between).fresh]).toEqual([true, false])
  expect([shelf.size, shelf.save().entries.length]).toEqual([0, 10_000])
})

describe('saved and loaded', () => {
  const load = (shelf: RecordLog): RecordLog =>
    new RecordLog(parse(RecordLogState, JSON.parse(JSON.stringify(shelf.save()))))

  test('records, deletions and cursors stay', () => {
    const shelf = new RecordLog()
    for (const id of ['a', 'b', 'c']) shelf.put(note(id))
    const { cursor } = shelf.page('')
    shelf.remove('b')
    const again = load(load(shelf))
    expect(ids(again.all())).toEqual(['a', 'c'])
    expect(again.page(cursor)).toMatchObject({ fresh: false, list: [{ id: 'b', deleted: true }] })
    again.put(note('d'))
    expect(ids(again.page(shelf.page('').cursor).list)).toEqual(['d'])
  })

  test('runs are bounded', () => {
    let shelf = new RecordLog()
    shelf.put(note('a'))
    const { cursor } = shelf.page('')
    for (let i = 0; i < 64; i++) shelf = load(shelf)
    expect([shelf.page(cursor).fresh, shelf.save().runs.length]).toEqual([false, 64])
    expect(load(shelf).page(cursor).fresh).toBe(true)
  })
})
