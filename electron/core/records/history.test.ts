import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openMemoryStore } from '#store/database/open-store.ts'
import type { Store } from '#store/database/store.ts'
import type { TransferView } from '#transfer/transfer-view.ts'
import { NO_STORE } from './phone-data.ts'
import { History } from './history.ts'

const FOLDER = join('/', 'home', 'a', 'inbox')
const PIXEL = { id: 'd', name: 'Pixel' }
let store: Store
let past: History
let changes: number

const pastOf = (table = store.history): History =>
  new History({
    table,
    rootOf: (path) => (path.startsWith(`${FOLDER}/`) ? FOLDER : null),
    isExport: (batch) => batch === 'ours',
    onChange: () => changes++,
  })

beforeEach(() => {
  store = openMemoryStore()
  changes = 0
  past = pastOf()
})

const view = (change: Partial<TransferView>): TransferView => ({
  ...{ id: 't', direction: 'in', name: 'a.bin', bytes: 5, total: 5, state: 'done', phase: 'checking', lane: 'webrtc' },
  ...change,
})
const rows = () => past.find({ offset: 0, limit: 100 }).rows

test('a file that came can be shown, and its path is nobody else’s', () => {
  past.moves('r')
  past.ended('r', PIXEL, view({ path: join(FOLDER, 'a.bin'), sha256: 'f'.repeat(64) }), { single: true })
  expect(rows()).toMatchObject([
    { name: 'a.bin', deviceName: 'Pixel', direction: 'in', what: 'file', size: 5, lane: 'webrtc', result: 'done', canShow: true, canAgain: false },
  ]) // prettier-ignore
  expect(rows()[0]!.ms).toBeGreaterThanOrEqual(0)
  expect(JSON.stringify(rows())).not.toContain('home')
  expect(past.one(rows()[0]!.key)).toMatchObject({ path: join(FOLDER, 'a.bin') })
  expect([past.any, changes, past.version]).toEqual([true, 1, 1])
})

test('a file that went can be sent again where it is known which it was', () => {
  const source = {
    name: 'b.bin',
    size: 5,
    mtime: 0,
    mime: '',
    file: '/home/a/b.bin',
    open: () => Promise.reject(new Error()),
  }
  past.ended('r', PIXEL, view({ direction: 'out', name: 'b.bin' }), { single: true, source })
  past.ended('s', PIXEL, view({ direction: 'out', name: 'image.png', state: 'failed', reason: 'peer-left' }), {
    single: true,
  })
  expect(rows()).toMatchObject([
    { name: 'image.png', canAgain: false, result: 'failed', reason: 'peer-left' },
    { name: 'b.bin', canAgain: true },
  ])
})

test('one of very many files has no row of its own; all of them together have', () => {
  past.ended('r', PIXEL, view({}), { single: false })
  expect([rows(), past.any]).toEqual([[], false])
  const batch = { id: 'ours', direction: 'in', name: 'Holiday', files: 214, done: 214, failed: 0, verified: 214, skipped: 0, already: 0, bytes: 9, total: 9, state: 'done', phase: 'sending' } as const // prettier-ignore
  past.batchEnded(PIXEL, batch, view({ path: join(FOLDER, 'Holiday', 'day one', 'a.bin') }))
  expect(rows()).toMatchObject([{ name: 'Holiday', size: 9, what: 'export', canShow: true }])
  expect(past.one(rows()[0]!.key)?.path).toBe(join(FOLDER, 'Holiday'))
})

test('texts are remembered whole, and listed by their beginning', () => {
  past.text(PIXEL, 'out', `first line\n${'x'.repeat(5_000)}`)
  expect(rows()).toMatchObject([{ what: 'text', name: 'first line', canAgain: true, canShow: false }])
  expect(rows()[0]!.text).toHaveLength(300)
  expect(past.one(rows()[0]!.key)?.text).toHaveLength(5_011)
})

test('it outlives the run, and is forgotten when a person wants that', () => {
  past.text(PIXEL, 'in', 'hello')
  expect(pastOf().any).toBe(true)
  past.clear()
  expect([past.any, rows(), pastOf().any]).toEqual([false, [], false])
})

test('a disk that refuses costs the row, not the file', () => {
  const full = {
    ...NO_STORE.history,
    add: () => {
      throw new Error('disk full')
    },
  }
  const poor = pastOf(full)
  poor.text(PIXEL, 'in', 'hello')
  expect([poor.any, changes]).toEqual([false, 0])
})
