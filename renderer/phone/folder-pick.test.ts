import { describe, expect, test } from 'vitest'
import { fromInput, type PickedFiles } from './folder-pick.ts'
import { fromDrop } from './extras/dropped.ts'

const shown = ({ files }: PickedFiles): string[] => files.map(({ path, file }) => [...path, file.name].join('/'))
const picked = (name: string, relative = ''): File =>
  Object.assign(new File([], name), { webkitRelativePath: relative })

/** A folder as browsers tell of it: by the hundred, then with an empty list. */
interface Tree {
  readonly [name: string]: Tree | File | Error
}
function entryOf(name: string, what: Tree | File | Error): FileSystemEntry {
  if (what instanceof File) {
    return { name, isFile: true, isDirectory: false, file: (done: (file: File) => void) => done(what) } as never
  }
  if (what instanceof Error) {
    return {
      name,
      isFile: true,
      isDirectory: false,
      file: (_: unknown, fail: (e: Error) => void) => fail(what),
    } as never
  }
  const createReader = () => {
    const rest = Object.entries(what).map(([inner, inside]) => entryOf(inner, inside))
    return { readEntries: (done: (entries: FileSystemEntry[]) => void) => done(rest.splice(0, 100)) }
  }
  return { name, isFile: false, isDirectory: true, createReader } as never
}
const dropped = (tree: Tree): Promise<PickedFiles> =>
  fromDrop(
    Object.entries(tree).map(([name, what]) => ({ webkitGetAsEntry: () => entryOf(name, what) }) as DataTransferItem),
  )

describe('an input', () => {
  test('of files gives files, of a folder files with the folders they are in', () => {
    const pick = fromInput([picked('a.jpg'), picked('b.jpg', 'holiday/b.jpg'), picked('c', 'holiday/2026/é/c')])
    expect(shown(pick)).toEqual(['a.jpg', 'holiday/b.jpg', 'holiday/2026/é/c'])
    expect(pick.files[0]?.path).toEqual([])
    expect(pick.left).toBe(0)
  })

  test('E82 gives no more than a batch may have, and none that is too deep', () => {
    const one = picked('a')
    const many = fromInput(Array.from({ length: 200_003 }, () => one))
    expect([many.files.length, many.left]).toEqual([200_000, 3])
    const deep = fromInput([picked('a', `${'d/'.repeat(32)}a`), picked('b', `${'d/'.repeat(33)}b`)])
    expect([deep.files.map(({ file }) => file.name), deep.left]).toEqual([['a'], 1])
  })
})

describe('a drop', () => {
  test('gives files, and what is in folders, however many the browser tells of at a time', async () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`${i}`, picked(`${i}`)]))
    const pick = await dropped({ 'a.txt': picked('a.txt'), holiday: { many, 'b.txt': picked('b.txt'), empty: {} } })
    expect(shown(pick).sort()).toEqual(
      ['a.txt', 'holiday/b.txt', ...Object.keys(many).map((name) => `holiday/many/${name}`)].sort(),
    )
    expect([pick.left, pick.leftNames]).toEqual([1, ['holiday/empty/']])
  })

  test('names folders that have nothing in them, also when there is nothing else', async () => {
    expect(await dropped({ none: {} })).toEqual({ files: [], left: 1, leftNames: ['none/'] })
    expect((await dropped({ around: { none: {} }, a: picked('a') })).leftNames).toEqual(['around/none/'])
    expect(await dropped({})).toEqual({ files: [], left: 0, leftNames: [] })
  })

  test('counts what the browser can’t read, and gives the rest', async () => {
    const broken = { name: 'x', isFile: false, createReader: () => ({ readEntries: (_: unknown, no: (e: Error) => void) => no(new Error('NotFound')) }) } // prettier-ignore
    const pick = await dropped({ d: { a: picked('a'), b: new Error('NotReadable') } })
    expect([shown(pick), pick.left, pick.leftNames]).toEqual([['d/a'], 1, ['d/b']])
    const other = await fromDrop([
      { webkitGetAsEntry: () => broken } as never,
      { webkitGetAsEntry: () => null, getAsFile: () => null } as never,
    ])
    expect([other.files, other.left]).toEqual([[], 1])
  })

  test('ends 32 folders deep', async () => {
    let tree: Tree = { a: picked('a'), b: picked('b') }
    for (let depth = 33; depth > 0; depth--)
      tree = { [`${depth}`]: tree, ...(depth === 33 && { 'in 32': picked('in 32') }) }
    const pick = await dropped(tree)
    expect(pick.files.map(({ path, file }) => [path.length, file.name])).toEqual([[32, 'in 32']])
    expect(pick.left).toBe(1)
  })

  test('asks for all entries before it waits: the browser forgets them then', async () => {
    const asked: string[] = []
    const item = (name: string) =>
      ({ webkitGetAsEntry: () => (asked.push(name), entryOf(name, picked(name))) }) as unknown as DataTransferItem
    const pick = fromDrop([item('a'), item('b')])
    expect(asked).toEqual(['a', 'b'])
    expect(shown(await pick)).toEqual(['a', 'b'])
  })
})

describe('a browser that knows nothing of folders', () => {
  test('gives files all the same, from an input and from a drop', async () => {
    const plain = new File(['x'], 'a.txt')
    expect(shown(fromInput([plain]))).toEqual(['a.txt'])
    const item = { kind: 'file', getAsFile: () => plain } as unknown as DataTransferItem
    const text = { kind: 'string', getAsFile: () => null } as unknown as DataTransferItem
    expect(shown(await fromDrop([item, text]))).toEqual(['a.txt'])
  })
})
