import { expect, test } from 'vitest'
import { speak } from '#messages/locale'
import { REASONS } from '#protocol/errors.ts'
import { connectionText } from './connection.ts'
import { phoneWhy } from './why.ts'

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

test.each(REASONS)('%s says what happened or what to do', (reason) => {
  expect(phoneWhy(reason)).toMatch(/\.$/u)
})
