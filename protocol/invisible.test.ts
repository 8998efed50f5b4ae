import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withoutInvisible } from './invisible.ts'

const file = new URL('vectors/names.json', import.meta.url)
const { joiners } = JSON.parse(readFileSync(file, 'utf8')) as { joiners: { text: string; kept: string }[] }

test.each(joiners)('%#: $text', ({ text, kept }) => {
  expect(withoutInvisible(text)).toBe(kept)
})

const piece = fc.constantFrom(
  ...['\u200c', '\u200d', '\ufe0f', '\ufe00', '\u180b', '\u180e', '\u115f', '\u1160', '\u200b', '\u202e', '\u034f'],
  ...[
    'م',
    'ا',
    'ی',
    '\u064b',
    'क',
    '\u094d',
    'ර',
    '\u0dd9',
    '\u0dca',
    '\u09b0',
    '\u09cd',
    'a',
    'e',
    '\u0301',
    ' ',
    '.',
  ],
  ...['👨', '👩', '🏽', '❤', '🏴', '\u{e0067}', '\u{e0062}', '\u{e007f}', '1', '\u20e3', '葛', '\u{e0100}', '\u1820'],
)
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))

describe('whatever comes', () => {
  test('what has been cleaned is clean, in normal form, and has lost nothing that is seen', () => {
    const seen = (all: string): string => all.replace(/[\p{Default_Ignorable_Code_Point}]/gu, '').normalize('NFC')
    fc.assert(
      fc.property(text, (all) => {
        const clean = withoutInvisible(all)
        expect(withoutInvisible(clean)).toBe(clean)
        expect(clean.normalize('NFC')).toBe(clean)
        expect(seen(clean)).toBe(seen(all))
        expect(withoutInvisible(withoutInvisible(all, ' '), ' ')).toBe(withoutInvisible(all, ' '))
      }),
      { numRuns: 3_000 },
    )
  })

  test('no character stays on its own, between letters of Latin, or between punctuation', () => {
    const ignorable = /\p{Default_Ignorable_Code_Point}/u
    for (let code = 0; code <= 0x10_ffff; code++) {
      const char = String.fromCodePoint(code)
      if (!ignorable.test(char)) continue
      for (const around of ['a', '.', ' ', '-']) expect(withoutInvisible(around + char + around)).toBe(around + around)
    }
  })

  test('joiners and their letters that undo each other, thousands of them, end', () => {
    const chain = '\u0dd9\u200b\u0dca\u200d\u200c'.repeat(800)
    expect(withoutInvisible(withoutInvisible(chain))).toBe(withoutInvisible(chain))
  })
})
