import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SyncedRecord } from '#protocol/records.ts'
import { openMemoryStore } from './open-store.ts'
import { page, record } from './testing/samples.ts'
import type { Store } from './store.ts'

let store: Store
beforeEach(() => {
  store = openMemoryStore()
})
afterEach(() => store.close())

const all = (device?: string) => store.records.find({ device, sort: 'newest', offset: 0, limit: 200 }).rows
const seen = (device?: string) => all(device).map(({ key: _, ...row }) => row)
const titles = (device?: string) => all(device).map(({ title }) => title)

const anyRecord: fc.Arbitrary<SyncedRecord> = fc.record(
  {
    id: fc.constantFrom('a', 'b', 'c\0', 'c'),
    kind: fc.constantFrom('note', 'link', 'X\ud800'),
    title: fc.oneof(fc.constantFrom('', 'one', 'two'), fc.string({ unit: 'binary', maxLength: 4 })),
    text: fc.constantFrom('some', 'other'),
    size: fc.nat(3),
    modified: fc.integer({ min: -1, max: 3 }),
    deleted: fc.boolean(),
  },
  { requiredKeys: ['id', 'kind', 'title', 'modified'] },
)

describe('within a generation', () => {
  test('any order and repetition of pages comes to the same, and a search agrees', () => {
    const pages = fc.array(fc.array(anyRecord, { maxLength: 4 }), { maxLength: 5 })
    const shuffled = pages.chain((one) =>
      fc.tuple(
        fc.constant(one),
        fc.shuffledSubarray([...one, ...one, ...one], { minLength: 0 }).map((some) => [...some, ...one].reverse()),
      ),
    )
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        for (const [device, lists] of [
          ['one', one],
          ['other', other],
        ] as const) {
          store.records.forgetDevice(device)
          store.records.keep(device, page([], { fresh: true }))
          for (const list of lists) store.records.keep(device, page(list))
        }
        const bare = (device: string) =>
          seen(device)
            .map(({ device: _, ...row }) => JSON.stringify(row))
            .sort()
        expect(bare('other')).toEqual(bare('one'))
        for (const text of ['one', 'o', 'om']) {
          const found = store.records.find({ device: 'one', text, sort: 'newest', offset: 0, limit: 200 })
          const expected = all('one').filter(({ title, text: body }) =>
            `${title}\n${body ?? ''}`.toLowerCase().includes(text),
          )
          expect(found.rows.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort())
          expect(found.total).toBe(expected.length)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('the newer one wins, and a deletion wins a tie', () => {
    store.records.keep('d', page([record('a', 5), record('b', 5), record('c', 5)]))
    store.records.keep(
      'd',
      page([record('a', 4, { title: 'older' }), record('b', 6, { title: 'newer' }), record('c', 5, { deleted: true })]),
    )
    expect(titles()).toEqual(['newer', 'title of a'])
    store.records.keep('d', page([record('c', 5)]))
    expect(titles()).toEqual(['newer', 'title of a'])
    store.records.keep('d', page([record('c', 7)]))
    expect(titles()).toEqual(['title of c', 'newer', 'title of a'])
  })

  test('deletions that nobody needs any more are forgotten', () => {
    const gone = Array.from({ length: 10_500 }, (_, i) => record(`g${i}`, i, { deleted: true }))
    store.records.keep('d', page(gone))
    store.records.keep('d', page([record('g0', 0), record('g10499', 10_499)]))
    expect(all().map(({ id }) => id)).toEqual(['g0'])
  })
})

describe('a fresh sync', () => {
  test('tells all anew, whatever was newer before', () => {
    store.records.keep('d', page([record('a', 9), record('b', 9), record('c', 9)], { fresh: true }))
    store.records.keep('d', page([record('b', 3, { title: 'again' })], { fresh: true, more: true, cursor: 'f.1' }))
    expect(titles()).toEqual(['title of c', 'title of a', 'again'])
    store.records.keep('d', page([record('a', 1)], { since: 'f.1', cursor: 'f.2' }))
    expect([titles(), store.records.cursor('d')]).toEqual([['again', 'title of a'], 'f.2'])
    expect(store.records.find({ text: 'title', sort: 'newest', offset: 0, limit: 9 }).total).toBe(1)
  })

  test('takes nothing from other devices', () => {
    store.records.keep('d', page([record('a', 1)], { fresh: true }))
    store.records.keep('e', page([record('b', 1)], { fresh: true }))
    expect([titles('d'), titles('e'), titles('f')]).toEqual([['title of a'], ['title of b'], []])
  })

  test('a page that does not belong to one removes nothing', () => {
    store.records.keep('d', page([record('a', 1), record('b', 1)], { fresh: true }))
    store.records.keep('d', page([record('c', 1)]))
    expect(store.records.count('d')).toBe(3)
  })
})

describe('deleted here', () => {
  const hideAll = () => store.records.hide(store.records.keysOf({ sort: 'newest' }))

  test('stays away until the phone changes it, also in a fresh sync', () => {
    store.records.keep('d', page([record('a', 1), record('b', 1)], { fresh: true }))
    hideAll()
    expect([titles(), store.records.count()]).toEqual([[], 0])
    store.records.keep('d', page([record('a', 1), record('b', 1)]))
    store.records.keep('d', page([record('a', 1), record('b', 2)], { fresh: true }))
    expect(titles()).toEqual(['title of b'])
    store.records.keep('d', page([record('a', 2, { deleted: true })]))
    store.records.keep('d', page([record('a', 3)]))
    expect(titles()).toEqual(['title of a', 'title of b'])
  })

  test('what was deleted is not in a search any more, and hiding it again does nothing', () => {
    store.records.keep('d', page([record('a', 1)]))
    const keys = store.records.keysOf({ sort: 'newest' })
    store.records.hide([...keys, 77])
    store.records.hide(keys)
    expect(store.records.find({ text: 'title', sort: 'newest', offset: 0, limit: 9 })).toEqual({ rows: [], total: 0 })
    expect([store.records.whole(keys), store.records.kinds()]).toEqual([[], []])
  })
})

test('a whole list replaces the one before', () => {
  store.records.replaceAll('d', [record('a', 0), record('b', 0), record('b', 0, { title: 'twice' })])
  expect(titles()).toEqual(['twice', 'title of a'].sort((x, y) => titles().indexOf(x) - titles().indexOf(y)))
  const [key] = store.records.keysOf({ sort: 'newest', text: 'title of a' })
  store.records.replaceAll('d', [record('a', 0), record('c', 0)])
  expect(titles().sort()).toEqual(['title of a', 'title of c'])
  // The same record keeps its key: what is selected stays selected.
  expect(store.records.whole([key!])[0]?.id).toBe('a')
  expect(store.records.cursor('d')).toBe('')
})

test('a forgotten device leaves nothing', () => {
  store.records.keep('d', page([record('a', 1), record('b', 1, { deleted: true })]))
  store.records.keep('e', page([record('a', 1)]))
  store.records.forgetDevice('d')
  store.records.forgetDevice('never seen')
  expect([titles('d'), titles(), store.records.cursor('d'), store.records.count('d')]).toEqual([
    [],
    ['title of a'],
    '',
    0,
  ])
  store.records.keep('d', page([record('b', 1)]))
  expect(titles('d')).toEqual(['title of b'])
})

test('a page that can’t be kept changes nothing', () => {
  store.records.keep('d', page([record('a', 1)]))
  const broken = { ...record('c', 1), modified: 'no number' as unknown as number, size: {} as unknown as number }
  expect(() => store.records.keep('d', page([record('b', 1), broken], { cursor: 'e.2' }))).toThrow()
  expect([titles(), store.records.cursor('d')]).toEqual([['title of a'], 'e.1'])
  store.records.keep('d', page([record('b', 1)], { cursor: 'e.2' }))
  expect(store.records.cursor('d')).toBe('e.2')
})
