import { expect, test } from 'vitest'
import type { BatchView, TransferView } from '#transfer/transfer-view.ts'
import { aloneOf, rowsOf } from './rows.ts'

const file = (id: string, part: Partial<TransferView> = {}): TransferView => ({
  id,
  direction: 'in',
  name: `${id}.jpg`,
  bytes: 0,
  total: 1,
  state: 'moving',
  phase: 'sending',
  lane: 'webrtc',
  ...part,
})
const batch = (id: string, part: Partial<BatchView> = {}): BatchView => ({
  id,
  direction: 'in',
  name: '',
  files: 31,
  done: 0,
  failed: 0,
  verified: 0,
  already: 0,
  skipped: 0,
  bytes: 0,
  total: 1,
  state: 'moving',
  phase: 'sending',
  ...part,
})
const ids = (transfers: TransferView[], batches: BatchView[]): string[] =>
  rowsOf(transfers, batches).map((row) =>
    row.batch === undefined ? row.id : `${row.id}(${row.files.map(({ id }) => id).join()})`,
  )

test('a batch of more than 30 is one row, where its newest file would be, with what moves and what failed', () => {
  const inside = [
    file('b', { batch: 'x' }),
    file('c', { batch: 'x', phase: 'queued' }),
    file('d', { batch: 'x', state: 'done' }),
    file('e', { batch: 'x', state: 'failed' }),
    file('f', { batch: 'x', phase: 'paused' }),
  ]
  expect(ids([file('a'), ...inside, file('g')], [batch('x')])).toEqual(['a', 'x(b,e,f)', 'g'])
})

test('30 files or fewer are rows of their own; their receipt comes at the end', () => {
  const two = [file('a', { batch: 'x' }), file('b', { batch: 'x' })]
  expect(ids(two, [batch('x', { files: 30 })])).toEqual(['a', 'b'])
  expect(ids(two, [batch('x', { files: 30, state: 'done' })])).toEqual(['x()', 'a', 'b'])
  expect(ids(two.slice(1), [batch('x', { files: 1, state: 'done' })])).toEqual(['b'])
})

test('a batch without a file on the list is first while it moves, and last after', () => {
  expect(ids([file('a')], [batch('x'), batch('y', { state: 'done' })])).toEqual(['x()', 'a', 'y()'])
})

test('files of a batch that nobody knows are rows, and are told of', () => {
  const files = [file('a', { batch: 'gone' })]
  expect(ids(files, [])).toEqual(['a'])
  expect(aloneOf(files, [])).toEqual(files)
})

test('files inside a row are not told of one by one', () => {
  const files = [file('a'), file('b', { batch: 'x' }), file('c', { batch: 'y' })]
  expect(aloneOf(files, [batch('x'), batch('y', { files: 2 })]).map(({ id }) => id)).toEqual(['a', 'c'])
})
