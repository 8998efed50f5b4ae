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
function pages(log: RecordLog, since = ''): { list: SyncedRecord[]; cursor: string; fresh: boolean }[] {
  const all = []
  for (let at = since, more = true; more;) {
    const page = log.page(at)
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
    const log = new RecordLog()
    expect(log.put(note('a', { modified: 50 })).modified).toBe(50)
    expect(log.put(note('a', { modified: 20 })).modified).toBe(51)
    expect(log.put(note('a', { modified: 90 })).modified).toBe(90)
    log.put(note('z', { modified: limits.TIME_MS_MAX }))
    expect(log.put(note('z')).modified).toBe(limits.TIME_MS_MAX)
  })

  test.each([
    ['no id', { id: '' }],
    ['a long id', { id: 'x'.repeat(limits.RECORD_ID_CHARS_MAX + 1) }],
    ['a long title', { title: 'x'.repeat(limits.RECORD_TITLE_CHARS_MAX + 1) }],
    ['a text that is a file', { text: 'x'.repeat(limits.RECORD_TEXT_CHARS_MAX + 1) }],
    ['no number', { modified: NaN }],
    ['a thumbnail that is none', { thumbnail: 'not base64url!' }],
  ])('%s is refused, and changes nothing', (_, wrong) => {
    const log = new RecordLog()
    expect(() => log.put(note('a', wrong))).toThrow(ProtocolError)
    expect([log.size, log.page('').list]).toEqual([0, []])
  })

  test('remove: gone here, told there', () => {
    const log = new RecordLog()
    log.put(note('a', { text: 'secret', modified: 3 }))
    const { cursor } = log.page('')
    expect([log.remove('a'), log.remove('a'), log.get('a'), log.size, log.all()]).toEqual([true, false, undefined, 0, []]) // prettier-ignore
    expect(log.page(cursor).list).toEqual([{ id: 'a', kind: 'note', title: '', modified: 4, deleted: true }])
  })
})

describe('page', () => {
  test('never longer than a frame, with the largest records and six characters for each', () => {
    const log = new RecordLog()
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
    for (let i = 0; i < 5; i++) log.put(huge(i))
    expect(pages(log).map(({ list }) => list.length)).toEqual([1, 1, 1, 1, 1])
  })

  test('never longer than a message, in bytes: Chinese takes three for each character', () => {
    const log = new RecordLog()
    for (let i = 0; i < 6; i++) log.put(note(String(i), { text: '文'.repeat(limits.RECORD_TEXT_CHARS_MAX) }))
    const all = pages(log)
    for (const page of all) expect(Buffer.byteLength(JSON.stringify({ t: 'records', since: '', ...page }))).toBeLessThanOrEqual(limits.MESSAGE_BYTES_MAX) // prettier-ignore
    expect(all.map(({ list }) => list.length)).toEqual([2, 2, 2])
  })

  test('of any records: all of them, once, in the order of their last change', () => {
    const text = fc.tuple(fc.constantFrom('x', '\u0001', '字'), fc.nat(32_768)).map(([one, length]) => one.repeat(length))
    const record = fc.record({ id: fc.nat(99).map(String), title: fc.string({ maxLength: 512 }), text })
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), (records) => {
        const log = new RecordLog()
        for (const one of records) log.put(note(one.id, one))
        const last = [...new Set(ids(records.map((one) => note(one.id))).reverse())].reverse()
        expect(pages(log).flatMap(({ list }) => ids(list))).toEqual(last)
      }),
      { numRuns: 50 },
    )
  }) // prettier-ignore

  test.each(['', 'x', 'x.1', '1', '.', '.5', '1.x', 'a.b.c', '__proto__.1', '9'.repeat(limits.CURSOR_CHARS_MAX)])(
    'the cursor %j is not known: all there is',
    (cursor) => {
      const log = new RecordLog()
      log.put(note('a'))
      expect(log.page(cursor)).toMatchObject({ fresh: true, more: false, list: [note('a')] })
    },
  )

  test('a cursor of its own, but further than it is: all there is', () => {
    const log = new RecordLog()
    log.put(note('a'))
    expect(log.page(log.page('').cursor.replace(/\d+$/, '2')).fresh).toBe(true)
  })

  test('100,000 records: a page costs what is on it', () => {
    const log = new RecordLog()
    for (let i = 0; i < 100_000; i++) log.put(note(String(i), { text: 'some text of a note' }))
    const all = pages(log)
    expect(all.map(({ list }) => list.length)).toEqual(Array(200).fill(500))
    // 5,000 pages that each looked at all the records would take minutes, and be ended by the limit of a test.
    const nearEnd = all[0]!.cursor.replace(/\d+$/, '99990')
    for (let i = 0; i < 5_000; i++) expect(log.page(nearEnd).list).toHaveLength(10)
  })

  test('one record edited 100,000 times is one record, in memory too', () => {
    const log = new RecordLog()
    for (let i = 0; i < 100_000; i++) log.put(note('a', { title: String(i) }))
    expect([ids(log.page('').list), log.save().entries.length]).toEqual([['a'], 1])
  })
})

test('deletions are bounded: who stands before those forgotten begins anew, who stands after does not', () => {
  const log = new RecordLog()
  for (let i = 0; i < 12_000; i++) log.put(note(String(i)))
  const before = log.page('').cursor.replace(/\d+$/, '12000')
  for (let i = 0; i < 9_999; i++) log.remove(String(i))
  const between = before.replace(/\d+$/, '20000')
  expect(log.page(before).fresh).toBe(false)
  for (let i = 9_999; i < 12_000; i++) log.remove(String(i))
  expect([log.page(before).fresh, log.page(between).fresh]).toEqual([true, false])
  expect([log.size, log.save().entries.length]).toEqual([0, 10_000])
})

describe('saved and loaded', () => {
  const load = (log: RecordLog): RecordLog =>
    new RecordLog(parse(RecordLogState, JSON.parse(JSON.stringify(log.save()))))

  test('records, deletions and cursors stay', () => {
    const log = new RecordLog()
    for (const id of ['a', 'b', 'c']) log.put(note(id))
    const { cursor } = log.page('')
    log.remove('b')
    const again = load(load(log))
    expect(ids(again.all())).toEqual(['a', 'c'])
    expect(again.page(cursor)).toMatchObject({ fresh: false, list: [{ id: 'b', deleted: true }] })
    again.put(note('d'))
    expect(ids(again.page(log.page('').cursor).list)).toEqual(['d'])
  })

  test('runs are bounded', () => {
    let log = new RecordLog()
    log.put(note('a'))
    const { cursor } = log.page('')
    for (let i = 0; i < 64; i++) log = load(log)
    expect([log.page(cursor).fresh, log.save().runs.length]).toEqual([false, 64])
    expect(load(log).page(cursor).fresh).toBe(true)
  })
})
