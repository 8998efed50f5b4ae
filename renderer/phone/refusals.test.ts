import { expect, test } from 'vitest'
import { speak } from '#messages/locale'
import { REASONS } from '#protocol/errors.ts'
import { Refusals, type Refused } from './refusals.svelte.ts'

const OTHERS = ['stranger', 'left-out', 'not-sent', 'not-remembered'] as const

test('a refusal stays until it is taken away, whatever comes after it', () => {
  speak(['en'])
  const refusals = new Refusals()
  for (const what of ['malformed', 'left-out', 'malformed', 'connection-lost'] as Refused[]) refusals.add(what)
  expect(refusals.list.map(({ times }) => times)).toEqual([1, 2])
  const [one, other] = refusals.list
  refusals.dismiss(other!.words)
  expect(refusals.list).toEqual([one])
})

test.each(['en', 'zh-CN'] as const)('%s: all that can be refused, a thousand times each, is a short list of sentences', (locale) => {
  speak([locale])
  const refusals = new Refusals()
  for (let i = 0; i < 1000; i++) for (const what of [...REASONS, ...OTHERS]) refusals.add(what)
  expect(refusals.list.length).toBeLessThanOrEqual(REASONS.length + OTHERS.length)
  expect(new Set(refusals.list.map(({ words }) => words)).size).toBe(refusals.list.length)
  for (const { words, times } of refusals.list) {
    expect(words).toMatch(/[.。]$/u)
    expect(times).toBeGreaterThanOrEqual(1000)
  }
}) // prettier-ignore
