import { expect, test } from 'vitest'
import { titleOf } from './title.ts'

test('a title is the first line that says something', () => {
  expect(titleOf('\n  bread and lemons \nmilk')).toBe('bread and lemons')
  expect(titleOf('one')).toBe('one')
  expect(titleOf('one\r\ntwo')).toBe('one')
})

test('a long one is cut, and no character in two', () => {
  const title = titleOf('🍋'.repeat(5_000))
  expect([...title]).toHaveLength(80)
  expect(title).toBe(`${'🍋'.repeat(79)}…`)
})
