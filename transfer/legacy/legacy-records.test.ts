import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from '#protocol/parse.ts'
import { SyncedRecord } from '#protocol/records.ts'
import { readRecords, readSynced } from './legacy-records.ts'

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

describe('as records to keep', () => {
  test.each([
    ['what it calls itself', { id: 1, type: 'photo', title: 't' }, { id: '1', title: 't', kind: 'photo', modified: 0 }],
    ['its text', { id: 1, title: 't', content: 'words' }, { id: '1', title: 't', kind: 'item', modified: 0, text: 'words' }],
    ['its address', { id: 1, title: 't', url: 'http://a' }, { id: '1', title: 't', kind: 'item', modified: 0, text: 'http://a' }],
    ['its size and mime', { id: 1, title: 't', size: 9, mimeType: 'a/b' }, { id: '1', title: 't', kind: 'item', modified: 0, size: 9, mime: 'a/b' }],
    ['whatever else, as JSON', { id: 1, title: 't', geo: { x: 1 } }, { id: '1', title: 't', kind: 'item', modified: 0, text: '{"id":1,"title":"t","geo":{"x":1}}' }],
    ['a plain text', 'plain', { id: 'plain', title: 'plain', kind: 'item', modified: 0 }],
    ['nothing', null, { id: '0', title: 'null', kind: 'item', modified: 0 }],
    ['wrong types', { id: 1, title: 't', type: {}, size: -1, mime: 'm'.repeat(256), date: [] }, { kind: 'item', modified: 0 }],
    ['HTML, as it is', { id: 1, title: '<img src=x onerror=alert(1)>' }, { title: '<img src=x onerror=alert(1)>' }],
  ])('%s', (_, item, record) => {
    expect(readSynced([item])[0]).toMatchObject(record)
  }) // prettier-ignore

  test.each([
    [1_730_000_000_000, 1_730_000_000_000],
    [1_730_000_000, 1_730_000_000_000],
    ['1730000000', 1_730_000_000_000],
    ['2024-10-27T03:33:20Z', 1_730_000_000_000],
    ['2024-10-27', Date.UTC(2024, 9, 27)],
    ['yesterday', 0],
    ['2024-99-99', 0],
    [NaN, 0],
    [1e300, 0],
    [null, 0],
  ])('a date of %j', (date, modified) => {
    expect(readSynced([{ id: 1, date }])[0]?.modified).toBe(modified)
  })

  test('any list: the same ids and titles as they are shown, and records of the protocol', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.array(fc.anything())), (list) => {
        const records = readSynced(list)
        expect(records.map(({ id, title }) => ({ id, title }))).toEqual(readRecords(list))
        for (const record of records)
          expect(parse(SyncedRecord, { ...record, id: 'x' })).toEqual({ ...record, id: 'x' })
      }),
    )
  })

  test('nested too deep to be written: no text; huge: cut', () => {
    let deep: unknown = []
    for (let i = 0; i < 100_000; i++) deep = [deep]
    const [first, second] = readSynced([
      { id: 1, deep },
      { id: 2, junk: 'x'.repeat(1_000_000) },
    ])
    expect([first?.text, second?.text?.length]).toEqual([undefined, 32_768])
    expect(() => readSynced(JSON.parse(`[${'['.repeat(1_000)}${']'.repeat(1_000)}]`))).not.toThrow()
  })

  test('100,000 items, many of one id', () => {
    const list = Array.from({ length: 100_000 }, (_, i) => ({ id: i % 50_000, title: `t${i}`, extra: [i] }))
    const records = readSynced(list)
    expect([records.length, records[7]?.title]).toEqual([50_000, 't7'])
  })
})
