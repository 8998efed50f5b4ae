import { beforeAll, describe, expect, test } from 'vitest'
import { speak } from '#messages/locale'
import type { BatchView } from '#transfer/transfer-view.ts'
import { batchName, batchParts, receipt } from './transfer-text.ts'

const done: BatchView = {
  id: 'x',
  direction: 'out',
  name: '',
  files: 214,
  done: 214,
  failed: 0,
  verified: 214,
  already: 0,
  skipped: 0,
  bytes: 3.2e9,
  total: 3.2e9,
  state: 'done',
  phase: 'sending',
}
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/gu, ' ')
const parts = (batch: BatchView, pace = { speed: null as number | null, secondsLeft: null as number | null }): string =>
  plain(batchParts(batch, pace, 'Pixel 8', 'en').join(' · '))

beforeAll(() => speak(['en']))

describe('the receipt', () => {
  test.each<[string, Partial<BatchView>, string]>([
    ['all checked', {}, '214 of 214 files, 3.2 GB, all checksums match'],
    ['some checked', { verified: 180 }, '214 of 214 files, 3.2 GB, 180 of them checked'],
    ['none checked', { verified: 0 }, '214 of 214 files, 3.2 GB, not checked'],
    ['some failed', { state: 'failed', done: 212, failed: 2 }, '212 of 214 files. 2 failed.'],
    ['cancelled', { state: 'cancelled', done: 120 }, 'Cancelled: 120 of 214 files'],
    ['one file', { files: 1, done: 1, verified: 1 }, '1 of 1 file, 3.2 GB, all checksums match'],
  ])('of one with %s', (_, part, words) => {
    expect(plain(receipt({ ...done, ...part }, 'en'))).toBe(words)
  })

  test('never says that all match where a file is missing', () => {
    expect(receipt({ ...done, done: 213, verified: 213 }, 'en')).not.toContain('match')
  })
})

test('while it moves: files, bytes, speed, time left', () => {
  const batch: BatchView = { ...done, files: 10_000, done: 2_140, bytes: 642e6, state: 'moving' }
  const pace = { speed: 40e6, secondsLeft: 65 }
  expect(parts(batch, pace)).toBe('2,140 of 10,000 files · 642 MB of 3.2 GB · 40.0 MB/s · 2 min left')
  expect(parts({ ...batch, phase: 'paused', paused: 'away' }, pace)).toBe(
    '2,140 of 10,000 files · 642 MB of 3.2 GB · Goes on when Pixel 8 is back',
  )
})

test('what was there already is counted: it is part of what is done', () => {
  expect(parts({ ...done, already: 3 })).toMatch(/^214 of 214 files.*3 were there already$/)
})

test('what was left out is counted', () => {
  expect(parts({ ...done, skipped: 3 })).toContain('3 left out')
})

test('a crowd is called by its number', () => {
  expect(batchName(done, 'en')).toBe('214 files')
  expect(batchName({ ...done, name: 'Holiday' }, 'en')).toBe('Holiday')
})
