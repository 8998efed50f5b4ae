import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withoutInvisible } from '#protocol/invisible.ts'
import { NAME_CHARS_MAX } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import { numbered, safeName, splitName } from './file-names.ts'

const RESERVED = ['con', 'prn', 'aux', 'nul', 'conin$', 'conout$', 'com1', 'com9', 'com¹', 'lpt0', 'lpt³']
/** Pieces of names that are likely to do harm where they meet. */
const nasty = fc.constantFrom(
  ...RESERVED,
  ...['.', ' ', '..', ':', '*', '\0', '\n', '\u001b', '\u007f', '\u202e', '\u200b', '\ufeff', '\u00a0', '\u3000'],
  ...[
    '\u200c',
    '\u200d',
    '\ufe0f',
    'می',
    '\u064b',
    'क\u094d',
    '👨',
    '👩🏽',
    '🏴',
    '\u{e0067}',
    '\u{e007f}',
    '*\ufe0f\u20e3',
  ],
  ...['e\u0301', '\u0301', '<\u0338', 'K\u212a', '\ud83d', '\ude00', '😀', '.tar', '.gz', '.jpg', '$', '~', '字'],
)
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.array(fc.oneof(nasty, fc.string({ maxLength: 3 })), { maxLength: 120 }).map((parts) => parts.join('')),
)

/** The name, or null when it is refused, which is the only other outcome. */
function tried(offered: string): string | null {
  try {
    return safeName(offered)
  } catch (error) {
    expect(error).toBeInstanceOf(TransferError)
    expect((error as TransferError).code).toBe('bad-name')
    return null
  }
}

const always = (check: (name: string) => void): void => {
  fc.assert(
    fc.property(text, (offered) => {
      const name = tried(offered)
      if (name !== null) check(name)
    }),
    { numRuns: 1_000 },
  )
}

describe('whatever is offered', () => {
  test('is the same when it is offered again', () => {
    always((name) => expect(safeName(name)).toBe(name))
  })

  test('is one component, not empty, not hidden, without characters that any system forbids', () => {
    always((name) => {
      // eslint-disable-next-line no-control-regex -- control characters are what this is for
      expect(name).not.toMatch(/[/\\<>:"|?*\u0000-\u001f\u007f-\u009f]/)
      expect(name).toMatch(/^[^.\s].*$/u)
      expect(name).not.toMatch(/[.\s]$/u)
    })
  })

  test('is no device of Windows, however it ends', () => {
    always((name) => {
      const stem = name.split('.')[0]!.trimEnd().toLowerCase()
      expect(RESERVED).not.toContain(stem)
    })
  })

  test('is in normal form, whole characters, nothing invisible', () => {
    always((name) => {
      expect(name.normalize('NFC')).toBe(name)
      expect(name).not.toMatch(/\p{Surrogate}/u)
      expect(name).not.toMatch(/[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u)
      expect(withoutInvisible(name)).toBe(name)
    })
  })

  test('fits on any disk, with a number too', () => {
    always((name) => {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200)
      expect(Buffer.byteLength(numbered(name, 10_000))).toBeLessThanOrEqual(255)
    })
  })

  test('keeps its extension, however long the rest is', () => {
    const extension = fc.stringMatching(/^[a-z0-9]{1,16}$/)
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z字😀]{1,400}$/u), extension, (stem, ending) => {
        expect(safeName(`${stem}.${ending}`).endsWith(`.${ending}`)).toBe(true)
      }),
    )
  })
})

describe('table D', () => {
  test.each(['../x', 'a/../../x', '..\\x', '/etc/passwd', 'C:\\x', '\\\\srv\\share', '//srv/x', '\\\\?\\C:\\x'])(
    'D58 a path is refused: %s',
    (name) => expect(tried(name)).toBeNull(),
  )

  test.each(['..', ' .. ', 'a/b', '/', '\\', 'x'.repeat(NAME_CHARS_MAX + 1)])('and so is %j', (name) => {
    expect(tried(name)).toBeNull()
  })

  test.each([
    ['D59', 'CON', 'CON_'],
    ['D59', 'nul.txt', 'nul_.txt'],
    ['D59', 'COM1.log', 'COM1_.log'],
    ['D59', 'LPT¹', 'LPT¹_'],
    ['D59', 'CONIN$', 'CONIN$_'],
    ['D59', 'AUX ', 'AUX_'],
    ['D59', 'con .txt', 'con_ .txt'],
    ['D59', 'con\u3000.txt', 'con_\u3000.txt'],
    ['D59', 'C\u200bON', 'CON_'],
    ['D59', 'console.txt', 'console.txt'],
    ['D58', 'C:x', 'C_x'],
    ['D58', 'z:', 'z_'],
    ['D60', 'a:b.txt', 'a_b.txt'],
    ['D60', '10:30 notes.txt', '10_30 notes.txt'],
    ['D60', 'file.txt:stream', 'file.txt_stream'],
    ['D60', 'file.txt::$DATA', 'file.txt__$DATA'],
    ['D61', 'a\0b\nc\u001bd\u007fe', 'a_b_c_d_e'],
    ['D61', 'a\ud800b\udc00', 'a_b_'],
    ['D62', 'photo\u202egpj.exe', 'photogpj.exe'],
    ['D62', '\ufeffa\u200bb', 'ab'],
    // What an invisible character kept apart is one letter without it.
    ['D62', 'e\u200b\u0301.txt', 'é.txt'],
    ['D62', '.\u200b.', 'untitled'],
    ['D64', 'name. . .', 'name'],
    ['D64', '.bashrc', 'bashrc'],
    ['D64', '.', 'untitled'],
    ['D64', '', 'untitled'],
    ['D64', '   ', 'untitled'],
    ['D64', '...', 'untitled'],
    ['D65', 'e\u0301.txt', 'é.txt'],
  ])('%s %j becomes %j', (_, offered, name) => {
    expect(safeName(offered)).toBe(name)
  })

  test.each([`${'x'.repeat(251)}.txt`, `${'x'.repeat(296)}.txt`, `${'😀'.repeat(100)}.txt`])(
    'D63 a long name is cut at the stem and marked: %#',
    (offered) => {
      const name = safeName(offered)
      expect(name).toMatch(/^(?:x+|(?:😀)+)~[0-9a-f]{8}\.txt$/u)
      expect(Buffer.byteLength(name)).toBeGreaterThan(190)
    },
  )

  test('D63 a long name of families is cut between them, and a word where nothing joins it any more', () => {
    const family = '👨\u200d👩\u200d👧'
    expect(safeName(`${family.repeat(20)}.jpg`)).toMatch(new RegExp(`^(?:${family})+~[0-9a-f]{8}\\.jpg$`, 'u'))
    const name = safeName(`${'می\u200c'.repeat(200)}خ.pdf`)
    expect(name).toMatch(/^(?:می\u200c)+می~[0-9a-f]{8}\.pdf$|^(?:می\u200c)+م~[0-9a-f]{8}\.pdf$/u)
  })

  test('D63 one character that goes on for ever is cut too', () => {
    expect(safeName(`a${'\u0330'.repeat(300)}.jpg`)).toMatch(/^\u1e01?a?\u0330+~[0-9a-f]{8}\.jpg$/u)
  })

  test('D63 names that differ only in what is cut off stay different', () => {
    expect(safeName(`${'x'.repeat(300)}a.txt`)).not.toBe(safeName(`${'x'.repeat(300)}b.txt`))
  })
})

test.each([
  ['photo.jpg', 'photo', '.jpg'],
  ['a.b.c', 'a.b', '.c'],
  ['backup.tar.gz', 'backup', '.tar.gz'],
  ['noextension', 'noextension', ''],
  ['x.averyverylongextension', 'x.averyverylongextension', ''],
  ['v1.0 final draft', 'v1.0 final draft', ''],
])('%s is %s and %s', (name, stem, extension) => {
  expect(splitName(name)).toEqual([stem, extension])
  expect([numbered(name, 1), numbered(name, 2)]).toEqual([name, `${stem} (2)${extension}`])
})

test.each(['👨🏽\u200d👩🏻\u200d👧🏿\u200d👦', '🏳\ufe0f\u200d🌈', 'क्\u200dष', '1\ufe0f\u20e3', '🇩🇪', 'é̂'])(
  'C2 a name too long is cut between characters, wherever the cut falls: %s',
  (one) => {
    const segments = new Intl.Segmenter('und')
    for (let before = 0; before < 30; before++) {
      const all = ('x'.repeat(before) + one.repeat(90)).normalize('NFC')
      const stem = safeName(`${all}.jpg`).replace(/~[0-9a-f]{8}\.jpg$/u, '')
      const ends = [...segments.segment(all)].map(({ index }) => index)
      expect([all.startsWith(stem), ends.includes(stem.length)]).toEqual([true, true])
    }
  },
)
