import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attachment } from './disposition.ts'

const SHAPE = /^attachment; filename="([\x20-\x7e]*)"; filename\*=UTF-8''([\w!#$&+.^`|~%-]*)$/

/** Read back by the book: RFC 8187. */
function readBack(header: string): { plain: string; full: string } {
  const [, plain = '', full = ''] = SHAPE.exec(header) ?? []
  return { plain, full: decodeURIComponent(full) }
}

test.each([
  ['film.mp4', 'film.mp4', 'film.mp4'],
  ['größe 图.pdf', 'gr__e _.pdf', 'größe 图.pdf'],
  ['🎉.zip', '_.zip', '🎉.zip'],
  ['say "hi" \\ 100%.txt', 'say _hi_ _ 100_.txt', 'say "hi" _ 100%.txt'],
  ["it's (1)*;=,.txt", "it's (1)*;=,.txt", "it's (1)*;=,.txt"],
  ['a%41.txt', 'a_41.txt', 'a%41.txt'],
  ['../../etc/passwd', '.._.._etc_passwd', '.._.._etc_passwd'],
  ['a\r\nSet-Cookie: x=1', 'a__Set-Cookie: x=1', 'a__Set-Cookie: x=1'],
  ['', 'untitled', 'untitled'],
  ['\ud800.txt', '_.txt', '_.txt'],
])('%j', (name, plain, full) => {
  expect(readBack(attachment(name))).toEqual({ plain, full })
})

test('a long name keeps its end', () => {
  const { full } = readBack(attachment(`${'🎉'.repeat(5_000)}.tar.gz`))
  expect(full).toMatch(/🎉\.tar\.gz$/u)
  expect(full.length).toBeLessThanOrEqual(255)
})

test('any name makes a header that is one, and comes back', () => {
  const names = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
  fc.assert(
    fc.property(names, (name) => {
      const header = attachment(name)
      expect(header).toMatch(SHAPE)
      const { plain, full } = readBack(header)
      expect(plain).not.toMatch(/["\\/]/)
      if (!/[\p{Surrogate}\p{Cc}/\\]/u.test(name) && name !== '' && name.length < 255) expect(full).toBe(name)
    }),
    { numRuns: 1_000 },
  )
})
