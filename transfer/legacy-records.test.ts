import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRecords as read } from './legacy-records.ts'

const readRecords = (list: unknown) => read(list).map(({ id, title }) => ({ id, title }))

describe('any list', () => {
  test('gives records with an id of their own and a title of bounded length', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue()), fc.anything()), (list) => {
        const records = readRecords(list)
        expect(new Set(records.map((record) => record.id)).size).toBe(records.length)
        for (const { id, title } of records) {
          expect([typeof id, typeof title, title.length <= 200]).toEqual(['string', 'string', true])
          expect(id).not.toBe('')
        }
      }),
    )
  })

  test('nested deeper than can be written down', () => {
    let deep: unknown = []
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(readRecords([deep, { a: deep }, 'x'])).toEqual([
      { id: '0', title: '' },
      { id: '1', title: '' },
      { id: 'x', title: 'x' },
    ])
  })

  test('what JSON can’t write does no harm', () => {
    expect(readRecords([undefined, 1n, () => undefined])).toEqual([
      { id: '0', title: '' },
      { id: '1', title: '' },
      { id: '2', title: '' },
    ])
  })

  test.each([null, true, 7, 'text', '', {}, { a: 1 }])('%j is no list', (value) => {
    expect(readRecords(value)).toEqual([])
  })
})

describe('one record', () => {
  test.each([
    [{ id: 5, name: 'Trip' }, '5', 'Trip'],
    [{ _id: 'a', title: 'T', name: 'N' }, 'a', 'T'],
    [{ id: '', uuid: 'u', text: 'words' }, 'u', 'words'],
    [{ size: 3 }, '0', '{"size":3}'],
    [{ id: {}, title: [] }, '0', '{"id":{},"title":[]}'],
    ['plain', 'plain', 'plain'],
    [12, '12', '12'],
    [null, '0', 'null'],
    [['x'], '0', '["x"]'],
    [JSON.parse('{"__proto__":{"id":"evil"},"title":"t"}'), '0', 't'],
  ])('%j', (item, id, title) => {
    expect(readRecords([item])).toEqual([{ id, title }])
  })

  test('what every object inherits is not its text', () => {
    expect(readRecords([Object.create({ id: 'inherited' })])).toEqual([{ id: '0', title: '{}' }])
  })

  test('a long title is cut, an id is not: it is asked for by it', () => {
    const long = 'x'.repeat(1_000)
    const [record] = readRecords([{ id: long, title: long }])
    expect([record?.id.length, record?.title.length, record?.title.at(-1)]).toEqual([1_000, 200, '…'])
  })
})

test('items of one id are one record, the first one', () => {
  const list = [{ id: 1, title: 'a' }, { id: '1', title: 'b' }, { id: 2 }]
  expect(readRecords(list)).toEqual([
    { id: '1', title: 'a' },
    { id: '2', title: '2' },
  ])
})

test('a list inside an object is found', () => {
  expect(readRecords({ total: 1, items: [{ id: 'a' }] })).toEqual([{ id: 'a', title: 'a' }])
})

test('a list has an end', () => {
  expect(readRecords(Array.from({ length: 100_001 }, (_, id) => ({ id })))).toHaveLength(100_000)
})

describe('what is known of a record besides', () => {
  const one = (item: unknown) => read([item])[0]

  test('its text, size and time, whatever they are called', () => {
    expect(one({ id: 1, title: 'T', content: 'words', size: 12, mtime: 1_700_000_000, type: 'Note' })).toEqual({
      id: '1',
      kind: 'note',
      title: 'T',
      text: 'words',
      size: 12,
      modified: 1_700_000_000_000,
    })
    expect(one({ id: 1, updated: '2026-11-25T10:00:00Z' })?.modified).toBe(Date.UTC(2026, 10, 25, 10))
  })

  test('the rest is kept as JSON', () => {
    const item = { id: 'a', title: 'T', place: { lat: 1 } }
    expect(one(item)).toEqual({ id: 'a', kind: 'other', title: 'T', text: JSON.stringify(item), modified: 0 })
  })

  test.each([
    { size: -1 },
    { size: 1.5 },
    { size: 'x' },
    { modified: 'soon' },
    { modified: -5 },
    { type: '<b>' },
    { kind: {} },
  ])('nonsense is left out: %j', (item) => {
    expect(one(item)).toMatchObject({ kind: 'other', modified: 0 })
    expect(one(item)).not.toHaveProperty('size')
  })

  test('a text has an end', () => {
    expect(one({ id: 1, text: 'x'.repeat(100_000) })?.text).toHaveLength(32_768)
    expect(one('y'.repeat(100_000))?.text).toHaveLength(32_768)
  })
})
