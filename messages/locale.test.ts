import { expect, test } from 'vitest'
import { baseLocale, getLocale } from '#messages/runtime'
import { pickLocale, speak } from './locale.ts'

test.each([
  [['zh-CN'], 'zh-CN'],
  [['zh'], 'zh-CN'],
  [['zh-Hans'], 'zh-CN'],
  [['zh-Hant-TW', 'en'], 'zh-CN'],
  [['zh_CN.UTF-8'], 'zh-CN'],
  [['ZH-cn'], 'zh-CN'],
  [['de-DE', 'zh-CN', 'en'], 'zh-CN'],
  [['en-GB', 'zh-CN'], 'en'],
  [['de'], 'en'],
  [[], 'en'],
])('%j is answered in %s', (preferred, locale) => {
  expect(pickLocale(preferred)).toBe(locale)
})

test('who speaks none of ours gets English; the phone page and the hub (electron/hub/page.ts) count on that name', () => {
  expect(baseLocale).toBe('en')
})

test('the messages follow', () => {
  speak(['zh'])
  expect(getLocale()).toBe('zh-CN')
  speak(['en'])
  expect(getLocale()).toBe('en')
})
