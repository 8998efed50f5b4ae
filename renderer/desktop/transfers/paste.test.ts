import { expect, test } from 'vitest'
import { contentOf, isTooLong } from './paste.svelte.ts'

/** What an event carries: files by name, those of the disk with a `/`, and text by its type. */
function carrying(files: readonly string[], texts: Readonly<Record<string, string>> = {}): DataTransfer {
  return { files: files.map((name) => new File(['x'], name)), getData: (type: string) => texts[type] ?? '' } as never
}
const isOnDisk = ({ name }: File): boolean => name.startsWith('/')
const meant = (data: DataTransfer | null): unknown => {
  const content = contentOf(data, isOnDisk)
  return content === null || 'text' in content ? content : content.files.map(({ name }) => name)
}
const text = 'a\tb'
const html = '<table></table>'

test.each([
  ['cells of a spreadsheet', carrying(['image.png'], { 'text/plain': text, 'text/html': html }), { text }],
  ['a picture of a browser', carrying(['image.png'], { 'text/html': '<img>' }), ['image.png']],
  ['a picture and empty text', carrying(['image.png'], { 'text/plain': ' \n' }), ['image.png']],
  ['files, whose names are beside them', carrying(['/a', '/b'], { 'text/plain': '/a\n/b' }), ['/a', '/b']],
  ['a folder and text', carrying(['/folder'], { 'text/plain': text }), ['/folder']],
  ['a file and a picture that is none', carrying(['/a', 'image.png'], { 'text/plain': text }), ['/a', 'image.png']],
  ['selected text', carrying([], { 'text/plain': text, 'text/html': html }), { text }],
  ['a link', carrying([], { 'text/uri-list': '# of a page\r\nhttps://a.example/\r\n' }), { text: 'https://a.example/' }],
  ['an image dragged with its link', carrying(['a.png'], { 'text/uri-list': 'https://a.example/a.png' }), { text: 'https://a.example/a.png' }],
  ['nothing', carrying([]), null],
  ['empty text', carrying([], { 'text/plain': '  ' }), null],
  ['no data', null, null],
] as const)('%s', (_, data, expected) => {
  expect(meant(data)).toEqual(expected)
}) // prettier-ignore

test('a text may have 32,768 characters; files have none', () => {
  const of = (length: number): boolean => isTooLong({ text: 'x'.repeat(length) })
  expect([of(32_768), of(32_769), isTooLong({ files: [] })]).toEqual([false, true, false])
})
