import { describe, expect, test } from 'vitest'
import { FileClipboard, fileForms, isClipboardOurs, type FileClipboardOptions } from './file-clipboard.ts'

const formats = (platform: NodeJS.Platform, desktop = ''): string[] =>
  fileForms(platform, desktop, '/a b').map(({ format }) => format)

describe('a copied file stands on the clipboard', () => {
  test('on Linux as its desktop’s file manager reads it, first', () => {
    const gnome = 'x-special/gnome-copied-files'
    expect(formats('linux', 'ubuntu:GNOME')).toEqual([gnome, 'text/uri-list'])
    expect(formats('linux', 'XFCE')).toEqual([gnome, 'text/uri-list'])
    expect(formats('linux', 'KDE')).toEqual(['text/uri-list', gnome])
    expect(formats('linux', 'Budgie:LXQt')).toEqual(['text/uri-list', gnome])
  })

  test.runIf(process.platform !== 'win32')('by a URI that says what its name is', () => {
    const path = '/in/a "b" 100% #1?.txt'
    const texts = fileForms('linux', '', path).map(({ bytes }) => bytes.toString())
    expect(texts).toEqual([`copy\nfile:///in/a%20%22b%22%20100%25%20%231%3F.txt`, 'file:///in/a%20%22b%22%20100%25%20%231%3F.txt\r\n']) // prettier-ignore
    expect(fileForms('darwin', '', path).map(({ format, bytes }) => [format, bytes.toString()])).toEqual([
      ['public.file-url', 'file:///in/a%20%22b%22%20100%25%20%231%3F.txt'],
    ])
  })

  test('on Windows by its path in UTF-16', () => {
    const [form] = fileForms('win32', '', 'C:\\图')
    expect(form).toEqual({ format: 'FileNameW', bytes: Buffer.from('C\0:\0\\\0\xfeV\0\0', 'latin1') })
  })
})

const PICTURE = { isEmpty: () => false, toPNG: () => Buffer.from('png') }

/** A clipboard of each kind that keeps what it is given, or nothing. */
function stage(
  kind: 'items' | 'buffers',
  { keeps = true, canWrite = true } = {},
): { readonly files: FileClipboard; readonly there: Map<string, string> } {
  // prettier-ignore
  const there = new Map<string, string>()
  const put = (format: string, bytes: Buffer): void => {
    there.clear()
    if (keeps) there.set(format, bytes.toString())
  }
  const buffers = {
    writeBuffer: put,
    writeImage: () => {
      put('image/png', PICTURE.toPNG())
    },
    has: (format: string) => there.has(format),
  }
  const items = {
    write: async (all: readonly Record<string, Blob>[]) => {
      there.clear()
      for (const item of all)
        for (const [type, blob] of Object.entries(item)) if (keeps) there.set(type, await blob.text())
    },
    has: (type: string) => Promise.resolve(there.has(type)),
  }
  const options: FileClipboardOptions = {
    clipboard: kind === 'items' ? items : buffers,
    newItem: kind === 'items' ? (forms) => forms : null,
    ...{ platform: 'linux', desktop: 'GNOME', canWrite: () => canWrite },
  }
  return { files: new FileClipboard(options), there }
}

const RAW = 'electron application/osclipboard;format='

describe.each(['items', 'buffers'] as const)('with a clipboard of %s', (kind) => {
  test('a file is there in all forms that the clipboard takes, and that is said', async () => {
    const { files, there } = stage(kind)
    expect(await files.copyFile('/a')).toBe('copied')
    const gnome = 'copy\nfile:///a'
    expect(Object.fromEntries(there)).toEqual(
      kind === 'buffers'
        ? { 'x-special/gnome-copied-files': gnome }
        : { [`${RAW}"x-special/gnome-copied-files"`]: gnome, [`${RAW}"text/uri-list"`]: 'file:///a\r\n' },
    )
  })

  test('a picture is there as a picture', async () => {
    const { files, there } = stage(kind)
    expect(await files.copyPicture(PICTURE)).toBe('copied')
    expect(Object.fromEntries(there)).toEqual({ 'image/png': 'png' })
    expect(await files.copyPicture({ ...PICTURE, isEmpty: () => true })).toBe('refused')
  })

  test('what the system dropped is never said to be copied, nor is what it would drop', async () => {
    const dropped = stage(kind, { keeps: false })
    expect([await dropped.files.copyFile('/a'), await dropped.files.copyPicture(PICTURE)]).toEqual(['refused', 'refused']) // prettier-ignore
    const { files, there } = stage(kind, { canWrite: false })
    expect([await files.copyFile('/a'), await files.copyPicture(PICTURE)]).toEqual(['refused', 'refused'])
    expect(there.size).toBe(0)
  })
})

test.each([
  ['linux', {}, null, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, null, false],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, {}, true],
  ['win32', {}, null, true],
  ['darwin', {}, null, true],
] as const)('a write on %s with %j and the focus on %j is believed: %j', (platform, env, focused, isOurs) => {
  expect(isClipboardOurs(focused, platform, env)).toBe(isOurs)
})
