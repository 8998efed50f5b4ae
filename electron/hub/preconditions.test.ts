import { describe, expect, test } from 'vitest'
import { httpDate, preconditionStatus, rangeCounts } from './preconditions.ts'

const MADE = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const DATE = 'Fri, 02 Jan 2026 03:04:05 GMT'
const EARLIER = 'Fri, 02 Jan 2026 03:04:04 GMT'
const LATER = 'Fri, 02 Jan 2026 03:04:06 GMT'
const version = { etag: '"a1"', modified: httpDate(MADE) }

test('a date is one of HTTP', () => {
  expect(version.modified).toBe(DATE)
})

describe('preconditions', () => {
  test.each([
    [{}, null],
    [{ 'if-match': '"a1"' }, null],
    [{ 'if-match': '*' }, null],
    [{ 'if-match': '"x", "a1"' }, null],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-match': 'W/"a1"' }, 412],
    [{ 'if-match': 'a1' }, 412],
    [{ 'if-match': '"a1"', 'if-unmodified-since': EARLIER }, null],
    [{ 'if-unmodified-since': DATE }, null],
    [{ 'if-unmodified-since': LATER }, null],
    [{ 'if-unmodified-since': EARLIER }, 412],
    [{ 'if-unmodified-since': 'yesterday' }, null],
    [{ 'if-none-match': '"a1"' }, 304],
    [{ 'if-none-match': 'W/"a1"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"x"' }, null],
    [{ 'if-none-match': '"x"', 'if-modified-since': LATER }, null],
    [{ 'if-modified-since': DATE }, 304],
    [{ 'if-modified-since': EARLIER }, null],
    [{ 'if-modified-since': 'yesterday' }, null],
  ])('%j: %s', (headers, status) => {
    expect(preconditionStatus(headers, version)).toBe(status)
  })

  test('dates mean nothing where none is known', () => {
    const dates = { 'if-unmodified-since': EARLIER, 'if-modified-since': LATER }
    expect(preconditionStatus(dates, { ...version, modified: null })).toBeNull()
  })
})

test.each([
  [undefined, true],
  ['"a1"', true],
  [DATE, true],
  ['W/"a1"', false],
  ['"x"', false],
  ['a1', false],
  ['*', false],
  ['"a1", "x"', false],
  [EARLIER, false],
  [LATER, false],
  ['', false],
])('If-Range %j: %s', (header, counts) => {
  expect(rangeCounts(header === undefined ? {} : { 'if-range': header }, version)).toBe(counts)
})

test('If-Range with a date is never ours where none is known', () => {
  expect(rangeCounts({ 'if-range': DATE }, { ...version, modified: null })).toBe(false)
})
