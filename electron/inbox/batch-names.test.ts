import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BatchNames, collisionKey } from './batch-names.ts'

const placed = (names: BatchNames, ...path: string[]): string => {
  const { folders, name } = names.reserve(path.slice(0, -1), path.at(-1)!)
  return [...folders, name].join('/')
}

describe('D65 in one batch', () => {
  test.each([
    ['two spellings by case', ['README', 'readme', 'Readme'], ['README', 'readme (2)', 'Readme (3)']],
    ['é composed and not', ['\u00e9.txt', 'e\u0301.txt'], ['\u00e9.txt', '\u00e9 (2).txt']],
    [
      'ß, its capital and ss',
      ['stra\u00dfe', 'STRA\u1e9eE', 'strasse'],
      ['stra\u00dfe', 'STRA\u1e9eE (2)', 'strasse (3)'],
    ],
    ['the two small sigmas', ['\u03c2', '\u03c3'], ['\u03c2', '\u03c3 (2)']],
    ['what cleaning makes one', ['a?', 'a*', 'CON', 'con_'], ['a_', 'a_ (2)', 'CON_', 'con_ (2)']],
    ['a name that looks numbered', ['a (2).txt', 'a.txt', 'A.txt'], ['a (2).txt', 'a.txt', 'A (3).txt']],
    ['no relation', ['a', 'b'], ['a', 'b']],
  ])('%s', (_, offered, names) => {
    const batch = new BatchNames()
    expect(offered.map((name) => placed(batch, name))).toEqual(names)
  })

  test('names are one only within one folder, whose own name may be spelled differently', () => {
    const batch = new BatchNames()
    expect(placed(batch, 'a', 'x')).toBe('a/x')
    expect(placed(batch, 'b', 'x')).toBe('b/x')
    expect(placed(batch, 'x')).toBe('x')
    expect(placed(batch, 'A', 'X')).toBe('A/X (2)')
  })

  test.each([
    ['a file where a folder is', [['a', 'b'], ['a']]],
    ['a folder where a file is', [['a'], ['a', 'b']]],
    [
      'deeper',
      [
        ['x', 'a', 'b', 'c'],
        ['x', 'a'],
      ],
    ],
    [
      'spelled differently',
      [
        ['x', 'README'],
        ['X', 'readme', 'b'],
      ],
    ],
    ['spelled differently, the other way round', [['\u00e9', 'b'], ['e\u0301']]],
  ])('%s is refused, and leaves no trace', (_, [first, second]) => {
    const batch = new BatchNames()
    placed(batch, ...first!)
    expect(() => placed(batch, ...second!)).toThrow(expect.objectContaining({ code: 'bad-name' }))
    expect(placed(batch, ...first!)).toBe([...first!.slice(0, -1), `${first!.at(-1)} (2)`].join('/'))
  })

  test('a refused file’s folders are free for files', () => {
    const batch = new BatchNames()
    placed(batch, 'a', 'b')
    expect(() => placed(batch, 'new', '..')).toThrow(expect.objectContaining({ code: 'bad-name' }))
    expect(() => placed(batch, 'a', 'b', 'c')).toThrow(expect.objectContaining({ code: 'bad-name' }))
    expect(placed(batch, 'new')).toBe('new')
  })

  test('a number never is a folder’s name', () => {
    const batch = new BatchNames()
    placed(batch, 'a (2)', 'x')
    expect([placed(batch, 'a'), placed(batch, 'a')]).toEqual(['a', 'a (3)'])
  })
})

test('a file that did not come gives its name back, once', () => {
  const batch = new BatchNames()
  const first = batch.reserve([], 'a')
  first.release()
  const again = batch.reserve([], 'A')
  expect(again.name).toBe('A')
  first.release()
  expect(batch.reserve([], 'a').name).toBe('a (2)')
})

test('no two files of a batch have one name, and the same batch gets the same names', () => {
  const name = fc.constantFrom(
    'a',
    'A',
    'a (2)',
    'A (3)',
    '\u00e9',
    'e\u0301',
    '\u00c9',
    'CON',
    'con_',
    '.a',
    'b?',
    'b*',
  )
  const offers = fc.array(fc.tuple(fc.array(name, { maxLength: 2 }), name), { maxLength: 40 })
  const run = (list: [string[], string][]): string[] => {
    const batch = new BatchNames()
    return list.flatMap(([path, name]) => {
      try {
        return [placed(batch, ...path, name)]
      } catch {
        return []
      }
    })
  }
  fc.assert(
    fc.property(offers, (list) => {
      const names = run(list)
      expect(new Set(names.map(collisionKey)).size).toBe(names.length)
      // Nor is one the folder of another.
      const keys = names.map(collisionKey)
      for (const key of keys) expect(keys.some((other) => other.startsWith(`${key}/`))).toBe(false)
      expect(run(list)).toEqual(names)
    }),
  )
})

test('50,000 files of one name take no more than their turn', () => {
  const batch = new BatchNames()
  let last = ''
  for (let i = 0; i < 50_000; i++) last = batch.reserve(['d'], 'same.txt').name
  expect(last).toBe('same (50000).txt')
})
