import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TransferError } from '#transfer/errors.ts'
import { offeredName, pathIn, safeName, safePath, type SafePath } from './file-names.ts'

interface Offered {
  readonly path: string[]
  readonly name: string
}
interface Vectors {
  readonly landing: (Offered & { folders: string[]; lands: string })[]
  readonly refused: Offered[]
}
const file = new URL('../../protocol/vectors/names.json', import.meta.url)
const { landing, refused } = JSON.parse(readFileSync(file, 'utf8')) as Vectors

/** Where it lands, or null when it is refused, which is the only other outcome. */
function tried({ path, name }: Offered): SafePath | null {
  try {
    return safePath(path, name)
  } catch (error) {
    expect(error).toBeInstanceOf(TransferError)
    expect((error as TransferError).code).toBe('bad-name')
    return null
  }
}

describe('golden values', () => {
  test.each(landing)('%#: $path $name', ({ path, name, folders, lands }) => {
    expect(safePath(path, name)).toEqual({ folders, name: lands })
  })

  test.each(refused)('D58 %#: $path $name is refused', (offered) => {
    expect(tried(offered)).toBeNull()
  })
})

const nasty = fc.constantFrom(
  ...['.', '..', ' ', '', '/', '\\', ':', 'C:', '//srv', '\\\\?\\', '~', '\0', '\u202e', '\u200b', '\ufeff'],
  ...['CON', 'nul.txt', 'com1', 'LPT¹', 'CONIN$', 'e\u0301', '\u0301', '😀', '字', '\ud83d', '.part', 'a', 'b.tar.gz'],
)
const part = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z字😀 .]{1,60}$/u) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 260 }) },
  { weight: 3, arbitrary: fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 120 }) },
)
const offer = fc.record({ path: fc.array(part, { maxLength: 34 }), name: part })
/** One that is likely to be taken, however long and deep it is. */
const honest = fc.record({
  path: fc.array(fc.stringMatching(/^[a-zé字]{1,90}$/u), { maxLength: 32 }),
  name: fc.stringMatching(/^[a-z字]{1,250}\.[a-z]{1,5}$/u),
})

const always = (check: (lands: SafePath, offered: Offered) => void): void => {
  fc.assert(
    fc.property(fc.oneof(offer, honest), (offered) => {
      const lands = tried(offered)
      if (lands !== null) check(lands, offered)
    }),
    { numRuns: 2_000 },
  )
}
const all = ({ folders, name }: SafePath): string[] => [...folders, name]

describe('whatever is offered', () => {
  test('never leaves the root', () => {
    const root = resolve('inbox')
    always((lands) => {
      const path = pathIn(root, lands.folders, lands.name)
      expect(path).toBe(join(root, ...all(lands)))
      expect(path.startsWith(join(root, '/'))).toBe(true)
    })
  })

  test('lands in the same place when where it landed is offered', () => {
    always((lands) => expect(safePath(lands.folders, lands.name)).toEqual(lands))
  })

  test('is never empty, in normal form, no device, at most 200 bytes at each step', () => {
    always((lands) => {
      for (const one of all(lands)) {
        expect(one).toMatch(/^[^.\s/\\:](?:.*[^.\s/\\:])?$/u)
        expect(one.normalize('NFC')).toBe(one)
        expect(one).not.toMatch(/^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:[.\s]|$)/iu)
        expect(Buffer.byteLength(one)).toBeLessThanOrEqual(200)
      }
    })
  })

  test('D63 is at most 240 characters and 32 folders deep as a whole, and keeps its extension', () => {
    always((lands) => {
      expect(all(lands).join('/').length).toBeLessThanOrEqual(240)
      expect(lands.folders.length).toBeLessThanOrEqual(32)
    })
    fc.assert(
      fc.property(honest, ({ path, name }) => {
        expect(safePath(path, name).name.endsWith(name.slice(name.lastIndexOf('.')))).toBe(true)
      }),
    )
  })

  test('D63 files of one folder stay in one folder, and those of two in two', () => {
    const folders = fc.array(fc.stringMatching(/^[a-z]{1,80}$/), { minLength: 1, maxLength: 32 })
    fc.assert(
      fc.property(folders, honest, honest, (path, one, other) => {
        expect(safePath(path, one.name).folders).toEqual(safePath(path, other.name).folders)
        expect(safePath([...path.slice(0, -1), `${path.at(-1)}x`], 'a').folders).not.toEqual(
          safePath(path, 'a').folders,
        )
      }),
    )
  })
})

describe('a name of this disk', () => {
  test('is offered so that nobody takes it for a path', () => {
    fc.assert(
      fc.property(part, (name) => {
        const own = name.replaceAll('/', '').slice(0, 4_000)
        expect(() => safeName(offeredName(own))).not.toThrow()
      }),
      { numRuns: 1_000 },
    )
    expect(['a\\b', 'C:x', ' .. ', 'a..b', '.env', 'x: y'].map(offeredName)).toEqual([
      'a_b',
      'C_x',
      '_',
      'a..b',
      '.env',
      'x_ y',
    ])
  })
})

test('D58 the last look refuses what all others missed', () => {
  const root = resolve('inbox')
  for (const name of ['..', '../x', '.', '', '/etc/passwd', 'a/../..']) {
    expect(() => pathIn(root, [], name), name).toThrow(TransferError)
  }
  expect(() => pathIn(root, ['..'], 'inbox2')).toThrow(TransferError)
  expect(pathIn(root, [], '..a')).toBe(join(root, '..a'))
})
