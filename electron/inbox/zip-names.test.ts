import fc from 'fast-check'
import { expect, test } from 'vitest'
import { zipNames } from './zip-source.ts'

const names = (...paths: string[]): string[] =>
  zipNames(
    paths.map((path) => {
      const parts = path.split('/')
      return { path: parts.slice(0, -1), name: parts.at(-1) ?? '' }
    }),
  )

test('folders stay, in UTF-8', () => {
  expect(names('a.txt', 'Größe/图/b.jpg', 'Größe/c.jpg')).toEqual(['a.txt', 'Größe/图/b.jpg', 'Größe/c.jpg'])
})

test('names that are alike get numbers, in the order they came', () => {
  expect(names('a.jpg', 'a.jpg', 'A.JPG', 'x/a.jpg', 'a (2).jpg', 'a.jpg')).toEqual([
    'a.jpg', 'a (2).jpg', 'A (3).JPG', 'x/a.jpg', 'a (2) (2).jpg', 'a (4).jpg',
  ]) // prettier-ignore
  expect(names('e\u0301.txt', '\u00e9.txt')).toEqual(['\u00e9.txt', '\u00e9 (2).txt'])
})

test('no file is called as a folder is', () => {
  expect(names('a', 'a/b', 'a/b/c')).toEqual(['a (2)', 'a/b (2)', 'a/b/c'])
})

test('what leads out of the folder does not', () => {
  const places = [
    { path: ['..', '..'], name: 'passwd' },
    { path: ['/etc'], name: 'passwd' },
    { path: ['C:', 'x'], name: 'c:\\windows\\y' },
    { path: ['.', ' .. '], name: '...' },
    { path: [''], name: '' },
    { path: ['a/../..'], name: 'b\0c' },
  ]
  expect(zipNames(places)).toEqual(['_/_/passwd', '_etc/passwd', 'C_/x/c__windows_y', '_/_/_', 'untitled/untitled', 'a_.._/b_c']) // prettier-ignore
})

test('ten thousand of one name take no time', () => {
  const many = zipNames(Array.from({ length: 10_000 }, () => ({ path: ['x'], name: 'a.jpg' })))
  expect([new Set(many).size, many.at(-1)]).toEqual([10_000, 'x/a (10000).jpg'])
})

test('a path that no zip can hold is refused', () => {
  const path = Array.from({ length: 400 }, () => 'x'.repeat(200))
  expect(() => zipNames([{ path, name: 'a' }])).toThrow('bad-name')
})

const component = fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.constantFrom('..', '.', 'a', 'A', 'a (2)', '/', '\\', 'nul', 'C:')) // prettier-ignore
const places = fc.array(fc.record({ path: fc.array(component, { maxLength: 3 }), name: component }), { maxLength: 12 })

test('whatever the names, they are relative, stay within, and are all different', () => {
  fc.assert(
    fc.property(places, (list) => {
      const got = zipNames(list)
      expect(got).toHaveLength(list.length)
      expect(new Set(got.map((name) => name.normalize('NFC').toLowerCase())).size).toBe(list.length)
      for (const [n, name] of got.entries()) {
        const parts = name.split('/')
        expect(parts).toHaveLength(list[n]!.path.length + 1)
        for (const part of parts) expect(part).toMatch(/^(?!\.)[^\\/:\0-\x1f]+$/u) // eslint-disable-line no-control-regex -- none may be left
      }
      const folders = new Set(got.flatMap((name) => name.split('/').slice(0, -1).map((_, n, all) => all.slice(0, n + 1).join('/').toLowerCase()))) // prettier-ignore
      for (const name of got) expect(folders.has(name.toLowerCase())).toBe(false)
    }),
    { numRuns: 500 },
  )
})
