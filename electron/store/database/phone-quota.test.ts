import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Connection } from './connection.ts'
import { HistoryRows } from './history.ts'
import { openMemory } from './database-file.ts'
import { SyncedRecords } from './records.ts'
import { QuotaFull } from './store.ts'
import { page, record } from './testing/samples.ts'

let connection: Connection
beforeEach(() => {
  connection = openMemory()
})
afterEach(() => {
  connection.close()
})

const KB = 1_024
const LIMITS = { phone: 600 * KB, all: 4_000 * KB }
const text = (n: number): string => `${n} `.repeat(1_000)
const list = (from: number) =>
  Array.from({ length: 10 }, (_, i) => record(`${from + i}`, from, { text: text(from + i) }))

test('of a phone that tells without end no more is kept, and another still has its room', () => {
  const records = new SyncedRecords(connection, LIMITS)
  let pages = 0
  const flood = (): void => {
    for (; pages < 1_000; pages++) records.keep('mean', page(list(pages * 10), { cursor: `${pages}` }))
  }
  expect(flood).toThrow(QuotaFull)
  expect(pages).toBeGreaterThan(5)
  expect(pages).toBeLessThan(50)
  // What it had before stays, and where its copy stands too.
  expect([records.count('mean'), records.cursor('mean')]).toEqual([pages * 10, `${pages - 1}`])
  records.keep('kind', page(list(0)))
  expect(records.count('kind')).toBe(10)
  // After it has deleted some it may go on.
  const gone = Array.from({ length: pages * 10 }, (_, i) => record(`${i}`, 99_999, { deleted: true, title: '' }))
  records.keep('mean', page(gone))
  records.keep('mean', page(list(100_000)))
  expect(records.count('mean')).toBe(10)
})

test('the rows of a phone that is over its share are not added up for each further page', () => {
  const records = new SyncedRecords(connection, LIMITS)
  let n = 0
  const tell = (): void => {
    records.keep('mean', page(list(n++ * 10), { cursor: `${n}` }))
  }
  expect(() => {
    while (n < 1_000) tell()
  }).toThrow(QuotaFull)
  let sums = 0
  const cell = connection.cell.bind(connection)
  connection.cell = (sql, values) => {
    if (sql.includes('octet_length') && !sql.includes('json_each')) sums++
    return cell(sql, values)
  }
  for (let i = 0; i < 50; i++) expect(tell).toThrow(QuotaFull)
  expect(sums).toBe(0)
})

test('what brings nothing is kept of a phone that has its share, also when there is no room for anybody', () => {
  const records = new SyncedRecords(connection, LIMITS)
  let pages = 0
  expect(() => {
    for (; pages < 1_000; pages++) records.keep('mean', page(list(pages * 10), { cursor: `${pages}` }))
  }).toThrow(QuotaFull)
  records.keep('mean', page([record('3', 99_999, { deleted: true, title: '' })], { cursor: 'later' }))
  expect([records.cursor('mean'), records.count('mean')]).toEqual(['later', pages * 10 - 1])
})

test('the same records again and again are not more', () => {
  const records = new SyncedRecords(connection, LIMITS)
  for (let i = 0; i < 100; i++) records.keep('d', page(list(0).map((one) => ({ ...one, modified: i }))))
  expect(records.count('d')).toBe(10)
})

test('what a phone sends without end leaves what a person has sent, and only so many texts of it', () => {
  const history = new HistoryRows(connection)
  const entry = { at: 1, deviceName: 'D', name: 'n', size: 1, result: 'done' } as const
  history.add({ ...entry, device: 'd', direction: 'out', what: 'text', text: 'mine' })
  for (let i = 0; i < 11_000; i++)
    history.add({ ...entry, device: 'd', direction: 'in', what: i % 2 === 0 ? 'text' : 'file' })
  expect(Number(connection.cell(`SELECT count(*) FROM history WHERE direction = 'in' AND what = 'text'`))).toBeLessThan(
    1_100,
  )
  expect(history.find({ text: 'mine', offset: 0, limit: 1 }).total).toBe(1)
  expect(Number(connection.cell('SELECT count(*) FROM history'))).toBeLessThan(10_100)
})
