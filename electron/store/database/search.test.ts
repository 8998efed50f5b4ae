import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SyncedRecord } from '#protocol/records.ts'
import { openMemoryStore } from './open-store.ts'
import { page, record } from './testing/samples.ts'
import { TOTAL_MAX, type RecordFilter, type RecordSort, type Store } from './store.ts'
import { fold } from './search-text.ts'

const LIST: readonly SyncedRecord[] = [
  record('1', 10, { title: 'Holiday photos', kind: 'file', size: 5, mime: 'image/jpeg', thumbnail: 'AAAA' }),
  record('2', 40, { title: '会议纪要', text: '明天下午三点，讨论新项目。' }),
  record('3', 20, { title: 'Straße in Ｋöln', text: 'naïve café' }),
  record('4', 30, { title: '100% "quoted" a_b', text: "it's -x AND (y OR z*) ^col: NEAR(a b)", kind: 'link' }),
  record('5', 50, { title: 'abcdef', text: 'xyz bcd cde', size: 7 }),
  record('6', 60, { title: 'before\0after', text: 'half\ud83d 😀smile \ue000device1' }),
  record('7', 70, { title: '<b>bold</b>', text: 'x'.repeat(5000) }),
]

let store: Store
beforeAll(() => {
  store = openMemoryStore()
  store.records.keep('d', page([...LIST], { fresh: true }))
  store.records.keep('e', page([record('1', 15, { title: 'Other phone' })]))
})
afterAll(() => store.close())

const ids = (text: string, more: Partial<RecordFilter> = {}) =>
  store.records.find({ device: 'd', text, sort: 'oldest', ...more, offset: 0, limit: 200 }).rows.map(({ id }) => id)

describe('a search finds', () => {
  test.each([
    ['any part of a word', 'olida', ['1']],
    ['whatever the case', 'HOLIDAY PHO', ['1']],
    ['one letter', 'k', ['3']],
    ['one Chinese character', '议', ['2']],
    ['two of them', '项目', ['2']],
    ['four of them', '下午三点', ['2']],
    ['all words, in title and text', '会议 讨论', ['2']],
    ['nothing where one word is missing', '会议 nothing', []],
    ['what is spelled otherwise', 'STRASSE köln', ['3']],
    ['wide characters', '１００％', ['4']],
    ['accents only as they are', 'cafe', []],
    ['no text that has all the parts, but not side by side', 'abcde xyzb', []],
    ['one that has them side by side', 'bcdef', ['5']],
    ['quotes', '"quoted"', ['4']],
    ['half a quote', '"', ['4']],
    ['an apostrophe', "it's", ['4']],
    ['a percent sign as itself', '0%', ['4']],
    ['no wildcard', 'h%y', []],
    ['an underscore as itself', 'a_b', ['4']],
    ['an underscore not as a wildcard', 'b_d', []],
    ['operators as words', 'NEAR(a', ['4']],
    ['a star as itself', 'z*)', ['4']],
    ['a colon', 'col:', ['4']],
    ['a minus', '-x', ['4']],
    ['what stands after a NUL', 'after', ['6']],
    ['a whole character beside half a one', '😀smi', ['6']],
    ['not the index’s own words', '\ue000device', ['6']],
    ['tags as text', '<b>', ['7']],
    ['the middle of a very long word', 'x'.repeat(200), ['7']],
  ])('%s', (_, text, expected) => {
    expect(ids(text)).toEqual(expected)
  })

  test('everything when it asks for nothing', () => {
    expect(ids(' \t\0'.slice(0, 2))).toEqual(['1', '3', '4', '2', '5', '6', '7'])
    expect(store.records.find({ sort: 'newest', offset: 0, limit: 200 }).total).toBe(8)
  })

  test('what a filter leaves', () => {
    expect(ids('', { kind: 'file' })).toEqual(['1'])
    expect(ids('', { kind: 'File' })).toEqual([])
    expect(ids('photos', { kind: 'link' })).toEqual([])
    expect(ids('o', { device: 'e' })).toEqual(['1'])
    expect(ids('o', { device: 'nobody' })).toEqual([])
    expect(ids('device2')).toEqual([])
  })

  test('a thousand words, or a million letters', () => {
    const words = Array.from({ length: 1000 }, (_, i) => `w${i}`).join(' ')
    expect([ids(words), ids('y'.repeat(1e6)), ids('"'.repeat(1000)), ids('a AND '.repeat(1000))]).toEqual([
      [],
      [],
      [],
      ['4'],
    ])
  })
})

test('a row shows the beginning, a whole record everything, in the order that was asked for', () => {
  const rows = store.records.find({ device: 'd', sort: 'newest', offset: 0, limit: 2 }).rows
  expect(rows.map(({ text }) => text?.length)).toEqual([300, 'half\ufffd 😀smile \ue000device1'.length])
  const keys = store.records.keysOf({ device: 'd', sort: 'newest' })
  const whole = store.records.whole(keys.toReversed())
  expect(whole.map(({ id }) => id)).toEqual(['1', '3', '4', '2', '5', '6', '7'])
  expect(whole[0]).toEqual({ ...LIST[0], device: 'd' })
  expect(whole[6]?.text).toBe(LIST[6]?.text)
})

test('kinds are counted', () => {
  expect(store.records.kinds('d')).toEqual([
    { kind: 'note', count: 5 },
    { kind: 'file', count: 1 },
    { kind: 'link', count: 1 },
  ])
  expect([store.records.kinds('nobody'), store.records.count(), store.records.count('e')]).toEqual([[], 8, 1])
})

test('sorts', () => {
  const sorted = (sort: RecordSort) =>
    store.records.find({ device: 'd', sort, offset: 0, limit: 200 }).rows.map(({ id }) => id)
  expect(sorted('newest')).toEqual(['7', '6', '5', '2', '4', '3', '1'])
  expect(sorted('size').slice(0, 2)).toEqual(['5', '1'])
  expect(sorted('title')).toEqual(['4', '7', '5', '6', '1', '3', '2'])
})

test('a window of the rows; nonsense is cut down', () => {
  const at = (offset: number, limit: number) => {
    const { rows, total } = store.records.find({ device: 'd', text: '', sort: 'oldest', offset, limit })
    return [rows.map(({ id }) => id), total]
  }
  expect(at(2, 2)).toEqual([['4', '2'], 7])
  expect(at(7, 2)).toEqual([[], 7])
  expect(at(-5, 1.9)).toEqual([['1'], 7])
  expect(at(0, -1)).toEqual([[], 7])
})

/** As a search is meant: every word somewhere in the title or the text. */
const means = (list: readonly SyncedRecord[], query: string): string[] => {
  const words = fold(query).split(/\s+/).filter(Boolean)
  return list
    .filter(({ title, text }) => words.every((word) => fold(`${title}\n${text ?? ''}`).includes(word)))
    .map(({ id }) => id)
    .sort()
}

test('is what it means, for any text', () => {
  const letter = fc.constantFrom('a', 'b', 'B', 'ß', '中', '文', '，', '😀', ' ', '"', '*', '-', 'é')
  const text = fc.string({ unit: letter, maxLength: 12 })
  const list = fc.uniqueArray(
    fc.record({ id: fc.uuid(), kind: fc.constant('note'), title: text, text, modified: fc.nat() }),
    {
      selector: ({ id }) => id,
      maxLength: 8,
    },
  )
  fc.assert(
    fc.property(list, fc.array(fc.string({ unit: letter, maxLength: 5 }), { maxLength: 3 }), (records, words) => {
      store.records.replaceAll('any', records)
      expect(ids(words.join(' '), { device: 'any' }).sort()).toEqual(means(records, words.join(' ')))
    }),
    { numRuns: 300 },
  )
})

test('where there are too many to count, the pages still follow each other', () => {
  const many = Array.from({ length: TOTAL_MAX + 500 }, (_, i) =>
    record(`m${i}`, i % 997, { title: `Many ${i} things` }),
  )
  store.records.replaceAll('many', many)
  const expected = many
    .map(({ id, modified }, key) => ({ id, modified, key }))
    .sort((a, b) => b.modified - a.modified || b.key - a.key)
    .map(({ id }) => id)
  for (const text of ['', 'm', 'ny', 'thi', 'thing', 'many thing']) {
    const found = [0, 200, 400].flatMap((offset) => {
      const { rows, total } = store.records.find({ device: 'many', text, sort: 'newest', offset, limit: 200 })
      expect(total).toBe(TOTAL_MAX + 1)
      return rows.map(({ id }) => id)
    })
    expect(found).toEqual(expected.slice(0, 600))
  }
  const keys = store.records.keysOf({ device: 'many', text: 'thing', sort: 'newest' })
  expect(keys.length).toBe(many.length)
  expect(store.records.whole(keys.slice(0, 1000)).map(({ id }) => id)).toEqual(expected.slice(0, 1000))
  store.records.hide(keys)
  expect(store.records.find({ device: 'many', sort: 'newest', offset: 0, limit: 1 })).toEqual({ rows: [], total: 0 })
})
