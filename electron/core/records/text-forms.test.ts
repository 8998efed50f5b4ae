import { describe, expect, test } from 'vitest'
import type { KeptRecord } from '#store/database/store.ts'
import { asCsv, asJson, asPlain, fileNameOf } from './text-export.ts'

const record = (change: Partial<KeptRecord>): KeptRecord => ({
  id: 'r',
  device: 'd',
  kind: 'note',
  title: 'Title',
  modified: Date.UTC(2026, 10, 25, 14, 3, 7),
  ...change,
})
const named = (): string => 'Pixel'

describe('CSV', () => {
  test('is quoted where it has to be', () => {
    const line = asCsv(record({ title: 'a "b", c', text: 'two\nlines', id: ' x' }), named)
    expect(line).toBe('note,"a ""b"", c","two\nlines",2026-11-25T14:03:07.000Z,Pixel," x"\r\n')
  })

  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    ' =1',
    '\t=1',
    '\n=1',
    '\r@x',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '\u200b=1',
    '\tx',
  ])('what a spreadsheet would run is made harmless: %j', (text) => {
    for (const change of [{ title: text }, { text }, { id: text }, { kind: text }]) {
      const cells = asCsv(record(change), named)
      expect(cells).toMatch(/(?:^|,)"?'/u)
      expect(cells).not.toMatch(/(?:^|,)"?[\s\u200b]*[=+\-@＝＋－＠]/u)
    }
  })

  test('what only has such a character is left as it is', () => {
    expect(asCsv(record({ title: 'a=b', text: '1-2' }), named)).toContain(',a=b,1-2,')
  })
})

test('JSON has what a person would look for, and no more', () => {
  expect(JSON.parse(asJson(record({ text: '"quoted"', thumbnail: 'abc' }), named))).toEqual({
    id: 'r',
    kind: 'note',
    title: 'Title',
    text: '"quoted"',
    modified: '2026-11-25T14:03:07.000Z',
    device: 'Pixel',
  })
  expect(JSON.parse(asJson(record({ modified: 0 }), named))).toMatchObject({ modified: '' })
})

test.each([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 8.64e15 + 1, 1e300, Infinity, NaN, -1, 0.5])(
  'a row that has no date (%d) is written without one',
  (modified) => {
    expect(JSON.parse(asJson(record({ modified }), named))).toMatchObject({ title: 'Title' })
    expect(asCsv(record({ modified }), named)).toMatch(/^note,Title,,[^,]*,Pixel,r\r\n$/u)
  },
)

test.each([
  [{ title: 'T', text: 'words' }, 'T\n\nwords\n'],
  [{ title: 'T', text: '' }, 'T\n'],
  [{ title: '', text: 'words' }, 'words\n'],
  [{ title: 'Buy…', text: 'Buy milk' }, 'Buy milk\n'],
  [{ title: 'Buy milk', text: '  Buy milk\nand eggs' }, '  Buy milk\nand eggs\n'],
])('plain text says nothing twice: %j', (change, text) => {
  expect(asPlain(record(change))).toBe(text)
})

test.each([
  [{ title: 'A walk' }, 'A walk.txt'],
  [{ title: '../../etc/passwd' }, '.._.._etc_passwd.txt'],
  [{ title: 'C:\\x' }, 'C_x.txt'],
  [{ title: '', text: 'First line\nsecond' }, 'First line.txt'],
  [{ title: '  \n ', text: '' }, 'Records.txt'],
  [{ title: '会'.repeat(100) }, `${'会'.repeat(60)}.txt`],
  [{ title: 'ends with dots...' }, 'ends with dots.txt'],
])('a file is named by the title: %j', (change, name) => {
  expect(fileNameOf(record(change), 'Records')).toBe(name)
})
