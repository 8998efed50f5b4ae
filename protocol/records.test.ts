import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from './errors.ts'
import { decodeFrame, encodeFrame, type Frame } from './frames.ts'
import * as limits from './limits.ts'
import type { SyncedRecord } from './records.ts'

interface Row {
  frame: Frame
  text: string
}

describe('vectors', () => {
  const { same, alsoRead, refused } = JSON.parse(
    readFileSync(new URL('./vectors/records.json', import.meta.url), 'utf8'),
  ) as { same: Row[]; alsoRead: Row[]; refused: string[] }
  test.each(same)('$text is written', ({ frame, text }) => {
    expect(encodeFrame(frame)).toBe(text)
  })
  test.each([...same, ...alsoRead])('$text is read', ({ frame, text }) => {
    expect(decodeFrame(text)).toEqual(frame)
  })
  test.each(refused)('%s is refused', (text) => {
    expect(() => decodeFrame(text)).toThrow(ProtocolError)
  })
})

const text = (maxLength: number, minLength = 0) => fc.string({ unit: 'binary', minLength, maxLength })
const recordId = text(limits.RECORD_ID_CHARS_MAX, 1)
const hex32 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((x) => Buffer.from(x).toString('hex'))
const record: fc.Arbitrary<SyncedRecord> = fc.record(
  {
    id: recordId,
    kind: text(32, 1),
    title: text(200),
    modified: fc.integer({ min: -limits.TIME_MS_MAX, max: limits.TIME_MS_MAX }),
    text: text(500),
    mime: text(99),
    size: fc.maxSafeNat(),
    thumbnail: fc.stringMatching(/^[\w-]{1,99}$/),
    deleted: fc.boolean(),
  },
  { requiredKeys: ['id', 'kind', 'title', 'modified'] },
)
const cursor = text(limits.CURSOR_CHARS_MAX)
const talk: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ t: fc.constant('sync' as const), cursor }),
  fc.record({ t: fc.constant('records' as const), since: cursor, list: fc.array(record, { maxLength: 20 }), cursor, more: fc.boolean(), fresh: fc.boolean() }),
  fc.constant({ t: 'changed' as const }),
  fc.record({ t: fc.constantFrom('export' as const, 'export-missing' as const), id: hex32, ids: fc.array(recordId, { maxLength: 50 }), more: fc.boolean() }),
  fc.record({ t: fc.constant('text' as const), id: hex32, text: text(999, 1) }),
  fc.record({ t: fc.constant('text-ack' as const), id: hex32 }),
) // prettier-ignore

describe('any frame', () => {
  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(talk, (x) => {
        expect(decodeFrame(encodeFrame(x))).toEqual(x)
      }),
    )
  })

  test('with a field spoiled: a frame or a ProtocolError, and no prototype is written to', () => {
    const spoil = fc.oneof(fc.jsonValue(), fc.constant(JSON.parse('{"__proto__":{"polluted":1}}') as object))
    fc.assert(
      fc.property(talk, fc.nat(), spoil, (x, at, value) => {
        const keys = Object.keys(x)
        const spoiled = JSON.stringify({ ...x, [keys[at % keys.length]!]: value })
        try {
          decodeFrame(spoiled)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
      }),
    )
  })
})

const page = (list: unknown): string => JSON.stringify({ t: 'records', since: '', list, cursor: 'c', more: false, fresh: true }) // prettier-ignore
const note = (rest: object): object => ({ id: 'a', kind: 'note', title: 't', modified: 0, ...rest })

describe('at and over the bounds', () => {
  const records = (count: number): object[] => Array.from({ length: count }, (_, i) => note({ id: String(i) }))
  const ids = (count: number): string => JSON.stringify({ t: 'export', id: '0'.repeat(32), ids: Array.from({ length: count }, String) }) // prettier-ignore
  const said = (length: number): string => JSON.stringify({ t: 'text', id: '0'.repeat(32), text: 'x'.repeat(length) })
  test.each([
    ['records of a page', page(records(limits.RECORD_PAGE_MAX)), page(records(limits.RECORD_PAGE_MAX + 1))],
    ['ids of an export', ids(limits.EXPORT_IDS_MAX), ids(limits.EXPORT_IDS_MAX + 1)],
    ['a text', said(limits.TEXT_CHARS_MAX), said(limits.TEXT_CHARS_MAX + 1)],
    [
      'a record’s text',
      page([note({ text: 'x'.repeat(limits.RECORD_TEXT_CHARS_MAX) })]),
      page([note({ text: 'x'.repeat(limits.RECORD_TEXT_CHARS_MAX + 1) })]),
    ],
  ])('%s', (_, fits, over) => {
    expect(decodeFrame(fits)).toBeDefined()
    expect(() => decodeFrame(over)).toThrow(ProtocolError)
  })

  test('what is longer than a frame is refused unread', () => {
    expect(() => decodeFrame(page([note({ text: 'x'.repeat(limits.CONTROL_CHARS_MAX) })]))).toThrow('too long')
  })
})

describe('hostile', () => {
  test.each([1_000, 100_000])('%i levels deep, anywhere', (levels) => {
    const deep = '['.repeat(levels) + ']'.repeat(levels)
    for (const key of ['id', 'title', 'text', 'modified', 'thumbnail', 'deleted'])
      expect(() => decodeFrame(page([note({ [key]: 0 })]).replace(`"${key}":0`, `"${key}":${deep}`))).toThrow(ProtocolError)
    expect(() => decodeFrame(page([]).replace('[]', deep))).toThrow(ProtocolError)
    // In a field that nobody knows it is left out.
    const [first] = (decodeFrame(page([note({ x: 0 })]).replace('"x":0', `"x":${deep}`)) as { list: object[] }).list
    expect(first).toEqual(note({}))
  }) // prettier-ignore

  test('names that objects have of their own are ids like any other', () => {
    const list = ['__proto__', 'constructor', 'toString'].map((id) => note({ id }))
    expect(decodeFrame(page(list))).toMatchObject({ list })
  })

  test('an id twice is a page all the same: the keeper merges in order', () => {
    expect(decodeFrame(page([note({}), note({ modified: 1 })]))).toMatchObject({ list: [{}, {}] })
  })
})
