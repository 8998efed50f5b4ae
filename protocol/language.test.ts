import { expect, test } from 'vitest'
import { acceptedLanguages, firstSpoken } from './language.ts'

test.each([
  ['zh-CN,en;q=0.5', ['zh-CN', 'en']],
  ['en;q=0.5, zh-CN', ['zh-CN', 'en']],
  ['de-DE,de;q=0.9,zh-TW;q=0.8,en;q=0.7', ['de-DE', 'de', 'zh-TW', 'en']],
  ['en;q=0.3,zh;q=0.30,fr ; q=1.000', ['fr', 'en', 'zh']],
  ['zh;q=0,en', ['en']],
  ['*', []],
  ['', []],
  ['zh;q=2,en;q=-1,fr;q=abc,<script>,de;;q=1', []],
  [`${'x,'.repeat(600)}zh`, Array.from({ length: 32 }, () => 'x')],
])('%s', (header, tags) => {
  expect(acceptedLanguages(header)).toEqual(tags)
})

test('the first that is spoken, by language alone; null for none', () => {
  expect(firstSpoken(['de', 'zh-Hant-TW', 'en'], ['en', 'zh-CN'])).toBe('zh-CN')
  expect(firstSpoken(['de'], ['en', 'zh-CN'])).toBeNull()
  expect(firstSpoken([], ['en'])).toBeNull()
})
