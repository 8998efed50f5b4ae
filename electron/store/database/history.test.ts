import { afterEach, beforeEach, expect, test } from 'vitest'
import { openMemoryStore } from './open-store.ts'
import { HISTORY_MAX, type HistoryEntry, type Store } from './store.ts'

let store: Store
beforeEach(() => {
  store = openMemoryStore()
})
afterEach(() => store.close())

const FILE: Omit<HistoryEntry, 'key'> = {
  at: 1_764_000_000_000,
  device: '0123456789abcdef',
  deviceName: 'Pixel',
  direction: 'in',
  what: 'file',
  name: 'Straße.jpg',
  size: 5_000_000_000,
  lane: 'channel',
  ms: 12.5,
  result: 'done',
  path: '/inbox/Straße.jpg',
  sha256: 'ab'.repeat(32),
}
const TEXT: Omit<HistoryEntry, 'key'> = {
  at: 1,
  device: 'other',
  deviceName: 'Tablet',
  direction: 'out',
  what: 'text',
  name: '',
  size: 9,
  result: 'failed',
  reason: 'gone',
  text: '明天 at 9\0',
}
const find = (text?: string, device?: string) => store.history.find({ text, device, offset: 0, limit: 200 })

test('entries come back as they were, newest first', () => {
  store.history.add(FILE)
  store.history.add(TEXT)
  const { rows, total } = find()
  expect([rows, total]).toEqual([
    [
      { ...TEXT, key: 2, text: '明天 at 9\ufffd' },
      { ...FILE, key: 1 },
    ],
    2,
  ])
  expect(store.history.one(1)).toEqual({ ...FILE, key: 1 })
  expect(store.history.one(3)).toBeUndefined()
})

test.each([
  ['strasse', 1],
  ['天', 1],
  ['pixel JPG', 1],
  ['pixel 天', 0],
  ['%', 0],
  ["'", 0],
  ['e', 2],
])('a search for %s', (text, total) => {
  store.history.add(FILE)
  store.history.add(TEXT)
  expect(find(text).total).toBe(total)
  expect(find(text).rows.length).toBe(total)
})

test('of one device', () => {
  store.history.add(FILE)
  store.history.add(TEXT)
  expect(find('', 'other').rows.map(({ what }) => what)).toEqual(['text'])
  expect(find('strasse', 'other')).toEqual({ rows: [], total: 0 })
})

test('is cleared, and begins anew', () => {
  store.history.add(FILE)
  store.history.clear()
  expect(find()).toEqual({ rows: [], total: 0 })
  store.history.add(TEXT)
  expect(find().total).toBe(1)
  // What was on the screen before does not become something else.
  expect(store.history.one(1)).toBeUndefined()
})

test('has an end, and pages', () => {
  for (let at = 0; at < HISTORY_MAX + 20; at++) store.history.add({ ...FILE, at })
  const page = (offset: number) => store.history.find({ offset, limit: 200 }).rows.map(({ at }) => at)
  expect(find().total).toBe(HISTORY_MAX)
  expect([page(0)[0], page(200)[0], page(HISTORY_MAX - 1)]).toEqual([HISTORY_MAX + 19, HISTORY_MAX - 181, [20]])
  // How quick it is: npm run bench -- --only records.
  expect(find('nowhere to be found').total).toBe(0)
})
