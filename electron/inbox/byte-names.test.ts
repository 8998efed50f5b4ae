import { expect, test } from 'vitest'
import { pathOfUri } from './byte-names.ts'

test.runIf(process.platform !== 'win32').each([
  ['file:///home/me/a%20b', '/home/me/a b'],
  ["file:///it's/100%25/%24HOME/$HOME", "/it's/100%/$HOME/$HOME"],
  ['file:///caf%C3%A9', '/café'],
  ['file:///caf%E9', '/caf\udce9'],
  ['file://localhost/x', '/x'],
  ['FILE:///x', '/x'],
  ['file:///%ZZ', '/%ZZ'],
])('%s names %j', (uri, path) => {
  expect(pathOfUri(uri)).toBe(path)
})

test.each(['', 'file:', 'file:x', 'a/file:///x', 'file://elsewhere/x', 'https://x/y', 'file:///a%00b', '/x'])(
  'what names no file of this computer: %j',
  (text) => {
    expect(pathOfUri(text)).toBeNull()
  },
)
