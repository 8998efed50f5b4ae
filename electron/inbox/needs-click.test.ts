import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { needsClick, numbered, safePath } from './file-names.ts'

const lands = (name: string, ...path: string[]): boolean => needsClick(safePath(path, name))
const GUID = '{21EC2020-3AEA-1069-A2DD-08002B30309D}'

test.each([
  ...['desktop.ini', 'AutoRun.INF', 'a.lnk', 'a.URL', 'a.scf', 'a.library-ms', 'photos.jpg.desktop'],
  ...['a.lnk. .', 'a.l\u200bnk', 'b.desktop ', 'c.lnk.', 'd.l\u200bnk', 'e.url\u00ad', 'autorun.inf..', '.desktop.ini'],
  ...['. .desktop.ini', '\u202edesktop.ini', 'desktop.\u200dini', 'a.l\u034fnk', 'a.lnk\u{e0061}', 'a.lnk\u3000.'],
  ...[
    'a.ｌｎｋ',
    'ｄｅｓｋｔｏｐ．ｉｎｉ',
    'a.ln\u212a',
    'a.ⓛⓝⓚ',
    'DESKTOP.ıNı',
    'a.lnk::$DATA',
    'a.url:$data',
    'a.lnk::$DATA.',
  ],
  ...[
    'a.desklink',
    'a.MAPIMail',
    'a.ZFSendToTarget',
    'a.shb',
    'a.AppImage',
    'a.website',
    'a.searchConnector-ms',
    'a.fileloc',
  ],
  // A stick that is plugged in: X Desktop Group's autostart.
  ...['autorun', '.autorun', 'autorun.sh', 'AUTORUN.EXE', '.autoopen', 'autorun '],
  ...[
    'a.lnk\u2026',
    'a\u2024lnk',
    'a.lnk \u00a0\u3000. .',
    'a.lnk\u2028',
    'a.lnk\u3164',
    'a.\u2113nk',
    'a.l\ufe0fnk',
    'x.lnk\u180e',
  ],
  ...[`control.${GUID}`, `${'x'.repeat(300)}.lnk`, `${'👨\u200d👩\u200d👧'.repeat(30)}.desktop`, 'می\u200cخ.lnk'],
])('D69 %j needs a click', (name) => {
  expect(lands(name)).toBe(true)
})

test.each([
  ...[
    'setup.exe',
    'disk.iso',
    'disk.vhd',
    'a.cpl',
    'a.hta',
    'folder.jpg',
    '.DS_Store',
    'a.app',
    'autorun.txt',
    'my autorun',
  ],
  'photo.jpg',
  'desktop.ini.txt',
  'lnk',
  'a.urls',
  'report.pdf',
  '.bashrc',
  'a.lnk:x',
  'می\u200cخواهم.pdf',
])('%j does not', (name) => {
  expect(lands(name)).toBe(false)
})

test('D69 nor does anything in a folder, unless the folder itself is something that a system acts on', () => {
  expect(lands('a.jpg', 'links', 'url')).toBe(false)
  for (const folder of [
    `tools.${GUID}`,
    `x.${GUID.toLowerCase()} `,
    'a.lnk',
    'autorun.inf.',
    'Tool.app',
    'x.prefPane ',
    'Q.workflow',
  ]) {
    expect(lands('a.jpg', 'ok', folder, 'deep'), folder).toBe(true)
  }
})

describe('whatever a name becomes', () => {
  const piece = fc.constantFrom(
    ...['.', ' ', ':', '$DATA', 'lnk', 'url', '.lnk', '.desktop', 'desktop', '.ini', 'autorun', '.inf', '.l', 'nk'],
    ...[
      '\u200b',
      '\u200d',
      '\u200c',
      '\u00ad',
      '\ufe0f',
      '\u034f',
      'ｌ',
      'ı',
      'İ',
      'a',
      'x'.repeat(90),
      '字'.repeat(50),
      '(2)',
    ],
  )
  const names = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''))

  const placeOf = (path: string[], name: string) => {
    try {
      return safePath(path, name)
    } catch {
      return { folders: [], name: 'refused' }
    }
  }

  test('what any system would act on never lands without a click, cut or not, with a number or without', () => {
    /** As Windows and the desktops take it that act on it: by its end, whatever the case. */
    const isActedOn = (name: string): boolean => /\.(?:lnk|url|desktop)$|^(?:desktop\.ini|autorun\.inf)$/iu.test(name)
    fc.assert(
      fc.property(names, fc.array(names, { maxLength: 3 }), fc.integer({ min: 1, max: 12 }), (name, path, n) => {
        const place = placeOf(path, name)
        if (isActedOn(numbered(place.name, n))) expect(needsClick(place)).toBe(true)
        for (const folder of place.folders) if (isActedOn(folder)) expect(needsClick(place)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })
})
