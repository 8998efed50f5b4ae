import { expect, test, vi } from 'vitest'
import type { MenuItemConstructorOptions } from 'electron'
import { speak } from '#messages/locale'
import { macMenu } from './mac-menu.ts'

const entries = (menu: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  menu.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []))
const labels = (menu: readonly MenuItemConstructorOptions[]): (string | undefined)[] =>
  [...menu, ...entries(menu).filter(({ type }) => type !== 'separator')].map(({ label }) => label)

test('every entry has words of ours, in both languages, and no word twice in one menu', () => {
  const actions = { openSettings: vi.fn(), openInbox: vi.fn() }
  speak(['en'])
  const english = labels(macMenu(actions))
  speak(['zh-CN'])
  const chinese = labels(macMenu(actions))
  speak(['en'])
  expect(english).toHaveLength(chinese.length)
  for (const all of [english, chinese]) expect(all.every((label) => label !== undefined && label !== '')).toBe(true)
  expect(chinese.filter((label) => !/\p{Script=Han}/u.test(label ?? ''))).toEqual(['Lanyard'])
  expect(english.filter((label) => /\p{Script=Han}/u.test(label ?? ''))).toEqual([])
  expect(new Set(english).size).toBe(english.length)
})

test('it has what macOS expects by role, and its own entries do what they say', () => {
  const actions = { openSettings: vi.fn(), openInbox: vi.fn() }
  const all = entries(macMenu(actions))
  const roles = all.flatMap(({ role }) => role ?? [])
  for (const role of ['about', 'services', 'hide', 'quit', 'close', 'cut', 'copy', 'paste', 'selectAll', 'minimize'])
    expect(roles).toContain(role)
  for (const { click } of all) (click as (() => void) | undefined)?.()
  expect([actions.openSettings.mock.calls.length, actions.openInbox.mock.calls.length]).toEqual([1, 1])
  expect(all.find(({ accelerator }) => accelerator === 'Cmd+,')).toBeDefined()
})
