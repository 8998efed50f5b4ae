import { describe, expect, test } from 'vitest'
import { speak } from '#messages/locale'
import { REASONS } from '#protocol/errors.ts'
import type { TransferView } from '#transfer/view.ts'
import { transferNews } from './news.ts'
import { sentWords, transferParts } from './transfer-text.ts'
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
    ['queued', unknown, 'Waiting for its turn · 200 MB'],
    ['waiting', unknown, 'Waiting for the other side · 50.0 MB of 200 MB'],
    ['checking', unknown, 'Checking… · 200 MB'],
  ] as const)('while %s', (phase, pace, words) => {
    english()
    expect(plain(transferParts({ ...moving, phase }, pace, 'x', 'en'))).toBe(words)
  })

  test('at the end', () => {
    english()
    const parts = (state: TransferView['state']): string =>
      plain(transferParts({ ...moving, state }, unknown, 'Arrived', 'en'))
    expect(parts('done')).toBe('Arrived · 200 MB')
    expect(parts('cancelled')).toBe('Cancelled')
    expect(parts('failed')).toBe('')
  })

  test('claims a check only where there is one', () => {
    english()
    expect(sentWords(moving)).toBe('Delivered and checked')
    expect(sentWords({ ...moving, lane: 'legacy' })).toBe('Sent')
  })
})

describe('news', () => {
  const done = (id: string): TransferView => ({ ...moving, id, name: `${id}.jpg`, state: 'done' })

  test('nothing new is no news', () => {
    expect(transferNews([moving], [{ ...moving, bytes: 60_000_000 }])).toEqual([])
  })

  test('tells what began, arrived, was delivered and failed', () => {
    english()
    expect(transferNews([], [moving])).toEqual(['a.jpg is arriving.'])
    expect(transferNews([], [{ ...moving, direction: 'out' }])).toEqual([])
    expect(transferNews([moving], [done('a')])).toEqual(['a.jpg has arrived.'])
    expect(transferNews([moving], [{ ...done('a'), direction: 'out' }])).toEqual(['a.jpg was delivered.'])
    expect(transferNews([moving], [{ ...moving, state: 'failed', reason: 'corrupt' }])[0]).toMatch(/^a\.jpg failed\. /)
  })

  test('many at once are a number', () => {
    english()
    const all = Array.from({ length: 12 }, (_, i) => done(String(i)))
    expect(transferNews([], all)).toEqual(['12 files are done.'])
  })
})
