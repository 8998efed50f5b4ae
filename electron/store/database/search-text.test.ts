import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clean, fold, gramsOf, gramsToFind, isLong, keepExact, readExact, wordsOf } from './search-text.ts'

describe('folded text', () => {
  test.each([
    ['Straße', 'STRASSE'],
    ['ΟΔΟΣ', 'οδος'],
    ['Ｌａｎｙａｒｄ', 'lanyard'],
    ['ﬁle', 'FILE'],
    ['Ünïcode', 'u\u0308ni\u0308code'],
    ['，', ','],
  ])('%s is %s', (one, other) => {
    expect(fold(one)).toBe(fold(other))
  })

  test('folds to itself, each character', () => {
    const characters = Array.from({ length: 0x11_0000 }, (_, code) => String.fromCodePoint(code))
    const unequal = characters.filter((character) => {
      const folded = fold(character)
      return fold(folded) !== folded
    })
    expect(unequal).toEqual([])
  })

  test('folds to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fold(fold(text))).toBe(fold(text))
      }),
    )
  })
})

test('what the database can’t hold is replaced, and names come back exactly', () => {
  expect(clean('a\0b\ud800c😀\udc00')).toBe('a\ufffdb\ufffdc😀\ufffd')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(readExact(keepExact(text))).toBe(text)
    }),
  )
  expect(keepExact('a\0\ud800')).toBe(clean(keepExact('a\0\ud800')))
})

describe('a query', () => {
  test('is its words, once each, and of a thousand only some', () => {
    expect(wordsOf('  Two\u3000words\u0001two\t')).toEqual(['two', 'words'])
    expect(wordsOf(' \0 ')).toEqual(['\ufffd'])
    expect(wordsOf(' \t\u0001')).toEqual([])
    expect(wordsOf(Array.from({ length: 1000 }, (_, i) => i).join(' ')).length).toBe(16)
    expect(wordsOf('x'.repeat(1e6))).toEqual(['x'.repeat(256)])
  })

  test('of any part of a word asks for parts that the word has', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    const part = fc.tuple(word, word, word).map((parts) => parts.map((text) => wordsOf(text).join('')))
    fc.assert(
      fc.property(part, ([before = '', found = '', after = '']) => {
        fc.pre(found !== '')
        const grams = gramsOf(before + found + after)
        for (const gram of gramsToFind(found)) expect(grams).toContain(gram)
      }),
    )
  })

  test('of more than three characters is looked at besides', () => {
    expect([isLong('abc'), isLong('abcd'), isLong('😀😀😀'), isLong('😀😀😀😀')]).toEqual([false, true, false, true])
  })
})

test('grams are whole characters of one word', () => {
  expect([...gramsOf('a😀b cd')]).toEqual(['a', 'a😀', 'a😀b', '😀', '😀b', 'b', 'c', 'cd', 'd'])
})
