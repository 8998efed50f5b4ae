import { describe, expect, test } from 'vitest'
import { speak } from '#messages/locale'
import { REASONS } from '#protocol/errors.ts'
import type { BatchView, TransferView } from '#transfer/transfer-view.ts'
import { transferNews } from './news.ts'
import { doneWords, transferParts, type PaceView } from './transfer-text.ts'
import { transferWords } from '#messages/words.ts'

const moving: TransferView = {
  id: 'a',
  direction: 'in',
  name: 'a.jpg',
  bytes: 50_000_000,
  total: 200_000_000,
  state: 'moving',
  phase: 'sending',
  lane: 'webrtc',
}
const unknown = { speed: null, secondsLeft: null }
const parts = (view: Partial<TransferView>, pace: PaceView = unknown, place?: string): string =>
  plain(transferParts({ ...moving, ...view }, { pace, other: 'Pixel 8', place }, 'en'))
const plain = (parts: readonly string[]): string => parts.join(' · ').replace(/[\u00a0\u202f]/gu, ' ')
const english = (): unknown => speak(['en'])

describe.each(['en', 'zh-CN'] as const)('in %s', (locale) => {
  test.each(REASONS)('%s has words that are not its code', (reason) => {
    speak([locale])
    const words = transferWords(reason)
    expect(words.length).toBeGreaterThan(2)
    expect(words).not.toBe(reason)
    expect(words).not.toContain('_')
    english()
  })
})

test('a failure without a reason has words too', () => {
  expect(transferWords(undefined)).toBe(transferWords('failed'))
})

describe('the line under a name', () => {
  test.each([
    ['sending', unknown, '50.0 MB of 200 MB'],
    ['sending', { speed: 10_000_000, secondsLeft: 15 }, '50.0 MB of 200 MB · 10.0 MB/s · 15 sec left'],
    ['sending', { speed: 1, secondsLeft: 1e9 }, '50.0 MB of 200 MB · 1B/s'],
    ['queued', unknown, 'Waiting for its turn · 50.0 MB of 200 MB'],
    ['waiting', unknown, 'Waiting for the other side · 50.0 MB of 200 MB'],
    ['checking', unknown, 'Checking… · 200 MB'],
  ] as const)('while %s', (phase, pace, words) => {
    english()
    expect(parts({ phase }, pace)).toBe(words)
  })

  test('at the end', () => {
    english()
    expect(parts({ state: 'done', proof: 'verified' }, unknown, 'Here')).toBe('Arrived and checked · Here · 200 MB')
    expect(parts({ state: 'cancelled' })).toBe('Cancelled')
    expect(parts({ state: 'failed' })).toBe('')
  })

  test.each([
    ['out', 'verified', 'Delivered and checked'],
    ['in', 'verified', 'Arrived and checked'],
    ['out', 'complete', 'All bytes arrived, not checked'],
    ['in', 'complete', 'All bytes arrived, not checked'],
    ['out', 'browser', 'Saved by the browser, not checked'],
    ['in', 'browser', 'Saved by the browser, not checked'],
    ['out', undefined, 'Sent'],
    ['in', undefined, 'Arrived'],
  ] as const)('%s, %s: claims a check only where there is one', (direction, proof, words) => {
    english()
    expect(doneWords({ direction, ...(proof && { proof }) })).toBe(words)
  })

  test.each<[Partial<TransferView>, string]>([
    [{ paused: 'away' }, 'Goes on when Pixel 8 is back · 50.0 MB of 200 MB'],
    [{ paused: 'anew' }, 'Goes on when it is picked again on Pixel 8 · 50.0 MB of 200 MB'],
    [{ paused: 'here' }, 'Paused · 50.0 MB of 200 MB'],
    [{ paused: 'there' }, 'Paused on Pixel 8 · 50.0 MB of 200 MB'],
    [
      { paused: 'disk-full', needBytes: 1.24e9 },
      'The disk is full · Goes on with 1.2 GB more room · 50.0 MB of 200 MB',
    ],
    [{ paused: 'disk-full' }, 'The disk is full · Goes on when there is room · 50.0 MB of 200 MB'],
    [
      { paused: 'disk-full', direction: 'out' },
      'The disk of Pixel 8 is full · Goes on when there is room · 50.0 MB of 200 MB',
    ],
    [
      { paused: 'away', startedOver: true, bytes: 0 },
      'Goes on when Pixel 8 is back · 200 MB · It had changed, so it started over',
    ],
  ])('held up: %o', (view, words) => {
    english()
    expect(parts({ ...view, phase: 'paused' })).toBe(words)
  })

  test('a download waits for a tap, and says so only where the tap is not', () => {
    english()
    expect(parts({ direction: 'out', lane: 'http', bytes: 0 })).toBe('Waiting for a tap on the phone · 200 MB')
    expect(parts({ lane: 'http', bytes: 0, at: '/d/x' })).toBe('200 MB')
    expect(parts({ lane: 'http', at: '/d/x' })).toBe('50.0 MB of 200 MB')
  })
})

describe('news', () => {
  const done = (id: string): TransferView => ({ ...moving, id, name: `${id}.jpg`, state: 'done', proof: 'verified' })
  const news = (before: readonly TransferView[], now: readonly TransferView[], batch?: BatchView): string[] =>
    transferNews({ transfers: before, batches: [] }, { transfers: now, batches: batch ? [batch] : [] })

  test('nothing new is no news', () => {
    expect(news([moving], [{ ...moving, bytes: 60_000_000 }])).toEqual([])
  })

  test('tells what began, arrived, was delivered and failed', () => {
    english()
    expect(news([], [moving])).toEqual(['a.jpg is arriving.'])
    expect(news([], [{ ...moving, direction: 'out' }])).toEqual([])
    expect(news([moving], [done('a')])).toEqual(['a.jpg: Arrived and checked.'])
    expect(news([moving], [{ ...done('a'), direction: 'out' }])).toEqual(['a.jpg: Delivered and checked.'])
    expect(news([moving], [{ ...moving, state: 'failed', reason: 'corrupt' }])[0]).toMatch(/^a\.jpg failed\. /)
  })

  test('many at once are a number', () => {
    english()
    const all = Array.from({ length: 12 }, (_, i) => done(String(i)))
    expect(news([], all)).toEqual(['12 files are done.'])
  })

  test('of a batch: that it comes, and its receipt', () => {
    english()
    const batch: BatchView = {
      id: 'x',
      direction: 'in',
      name: 'Holiday',
      files: 40,
      done: 40,
      failed: 0,
      verified: 40,
      already: 0,
      skipped: 0,
      bytes: 3.2e9,
      total: 3.2e9,
      state: 'done',
      phase: 'sending',
    }
    const inside = Array.from({ length: 12 }, (_, i) => ({ ...done(String(i)), batch: 'x' }))
    expect(news([], [moving], { ...batch, state: 'moving' })).toEqual(['Holiday is arriving.', 'a.jpg is arriving.'])
    expect(news([], inside, batch).map((text) => text.replace(/\s/gu, ' '))).toEqual([
      'Holiday: 40 of 40 files, 3.2 GB, all checksums match.',
    ])
  })
})
