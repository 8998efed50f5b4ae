import { expect, test } from 'vitest'
import { speak } from '#messages/locale'
import { REASONS } from '#protocol/errors.ts'
import { connectionText, whyText } from './status-text.ts'

speak(['en'])

test.each([
  ['connecting', '', 'Connecting…'],
  ['connected', '', 'Connected'],
  ['connected', 'Studio', 'Connected to Studio'],
  ['lost', 'Studio', 'The connection is lost.'],
  ['refused', '', 'Not connected.'],
] as const)('%s', (connection, desktopName, text) => {
  expect(connectionText({ connection, desktopName })).toBe(text)
})

test.each([...REASONS, 'no-random', 'no-socket', 'no-way'] as const)(
  '%s says what happened or what to do',
  (reason) => {
    for (const canTry of [true, false])
      expect(whyText({ connection: 'refused', reason, canTry, meanwhile: null })).toMatch(/\.$/u)
  },
)

test('a connection that is there needs no reason', () => {
  expect(whyText({ connection: 'connected', reason: 'connection-lost', canTry: false, meanwhile: null })).toBe('')
})

test('what happens meanwhile is said of a connection that is lost, and of no other', () => {
  const all = ['offline', 'full', 'looking', 'slept', 'jumped'] as const
  const lost = all.map((meanwhile) =>
    whyText({ connection: 'lost', reason: 'connection-lost', canTry: false, meanwhile }),
  )
  expect(new Set(lost).size).toBe(5)
  const others = all.map((meanwhile) =>
    whyText({ connection: 'refused', reason: 'replaced', canTry: false, meanwhile }),
  )
  expect(new Set(others).size).toBe(1)
  expect(lost).not.toContain(others[0])
})
