import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { formatBytes, formatDuration, formatNumber, formatSpeed, formatTime, percent } from './format.ts'

// Intl puts no-break and narrow spaces between number and unit; which ones is its own affair.
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/gu, ' ')

describe('sizes', () => {
  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [9_849, '9.8 kB'],
    [12_300, '12 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [1_460_000, '1.5 MB'],
    [99_940_000, '99.9 MB'],
    [99_960_000, '100 MB'],
    [4_294_967_296, '4.3 GB'],
    [2.5e15, '2500 TB'],
    [-1, '0 bytes'],
  ])('%d is %s', (bytes, words) => {
    expect(plain(formatBytes(bytes, 'en')).replace(',', '')).toBe(words)
  })

  test('in Chinese', () => {
    expect(plain(formatBytes(1_460_000, 'zh-CN'))).toBe('1.5 MB')
    expect(plain(formatBytes(7, 'zh-CN'))).toBe('7字节')
  })
})

test.each([
  [0, '0B/s'],
  [840, '840B/s'],
  [48_500_000, '48.5 MB/s'],
  [125_000_000, '125 MB/s'],
])('a speed of %d is %s', (speed, words) => {
  expect(plain(formatSpeed(speed, 'en'))).toBe(words)
})

test('a speed in Chinese', () => {
  expect(plain(formatSpeed(48_500_000, 'zh-CN'))).toMatch(/^48\.5 MB\/(秒|s)$/u)
})

describe('times', () => {
  test.each([
    [0, '1 sec'],
    [0.2, '1 sec'],
    [9.4, '10 sec'],
    [11, '15 sec'],
    [55, '55 sec'],
    [56, '1 min'],
    [59.5, '1 min'],
    [61, '2 min'],
    [3600, '1 hr'],
    [3601, '1 hr 1 min'],
    [7190, '2 hr'],
    [9000, '2 hr 30 min'],
  ])('%d s is %s', (seconds, words) => {
    expect(plain(formatDuration(seconds, 'en'))).toBe(words)
  })

  test('in Chinese', () => {
    expect(formatDuration(90, 'zh-CN').replace(/\s/gu, '')).toBe('2分钟')
  })
})

test('no number is too much for any of them', () => {
  const number = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(Infinity, -Infinity, NaN, 8.64e15 + 1))
  fc.assert(
    fc.property(number, number, (one, other) => {
      for (const format of [formatBytes, formatDuration, formatNumber, formatSpeed, formatTime]) {
        for (const locale of ['en', 'zh-CN'] as const) expect(format(one, locale)).not.toMatch(/NaN|∞|Infinity/u)
      }
      expect(percent(one, other)).toBeGreaterThanOrEqual(0)
      expect(percent(one, other)).toBeLessThanOrEqual(100)
    }),
  )
})

test('a time that no clock has is nothing to read', () => {
  expect(formatTime(Number.MAX_SAFE_INTEGER, 'en')).toBe('')
  expect(plain(formatTime(Date.UTC(2026, 10, 25, 12), 'en'))).toMatch(/^Nov 2\d, 2026, /u)
})

test.each([
  [0, 100, 0],
  [999, 1000, 99],
  [1000, 1000, 100],
  [5, 0, 100],
  [1001, 1000, 100],
  [-1, 10, 0],
])('%d of %d is %d percent', (bytes, total, whole) => {
  expect(percent(bytes, total)).toBe(whole)
})
