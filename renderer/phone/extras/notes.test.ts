import { beforeEach, describe, expect, test } from 'vitest'
import { RecordLogState } from '#transfer/records/record-log.ts'
import { StoredValue } from './stored-value.ts'
import { Notes, titleOf } from './notes.svelte.ts'
import { PageStore } from '#phone/page-store.ts'
import { MemoryStorage } from './testing/memory-storage.ts'

const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xd9])
let storage: MemoryStorage
const store = (of: Storage) => new PageStore(() => of)
let changes: number
let ids: number

/** The page, loaded (again). */
function load(thumbnail: () => Promise<Uint8Array | null> = async () => JPEG): Notes {
  return new Notes({
    kept: new StoredValue('records', RecordLogState, store(storage)),
    newId: () => `id${ids++}`,
    now: () => 1_000,
    thumbnail,
    changed: () => changes++,
  })
}
const photo = (name = 'a.jpg', bytes = 'photo'): File => new File([bytes], name, { type: 'image/jpeg' })
const shown = (notes: Notes) => notes.list.map(({ kind, title }) => `${kind} ${title}`)

beforeEach(() => {
  storage = new MemoryStorage()
  changes = 0
  ids = 0
})

describe('texts', () => {
  test('a note, a link and a clip are what was written, the newest first', () => {
    const notes = load()
    notes.write('bread\nmilk', false)
    notes.write(' https://Example.org ', false)
    notes.write('pasted', true)
    expect(shown(notes)).toEqual(['clip pasted', 'link https://example.org/', 'note bread'])
    expect(notes.list.at(-1)?.text).toBe('bread\nmilk')
    expect(changes).toBe(3)
  })

  test('an edit keeps the id, is newer and on top; a link that is none any more is a note', () => {
    const notes = load()
    notes.write('https://example.org', false)
    notes.write('other', false)
    const [, before] = notes.list
    notes.edit('id0', 'no link')
    expect(shown(notes)).toEqual(['note no link', 'note other'])
    expect(notes.list[0]?.id).toBe('id0')
    expect(notes.list[0]?.modified).toBeGreaterThan(before!.modified)
    notes.edit('nobody', 'x')
    expect(notes.list).toHaveLength(2)
  })

  test('what is removed is a deletion for the computer, and can be taken back', () => {
    const notes = load()
    notes.write('one', false)
    notes.remove('id0')
    expect(notes.list).toEqual([])
    const { list, cursor } = notes.log.page('')
    expect(list).toMatchObject([{ id: 'id0', deleted: true }])
    notes.undo()
    expect(shown(notes)).toEqual(['note one'])
    expect(notes.log.page(cursor).list).toMatchObject([{ id: 'id0', text: 'one' }])
    expect(notes.removed).toBeNull()
  })
})

describe('files', () => {
  test('a picture is offered with its thumbnail, its bytes are given when they are asked for', async () => {
    const notes = load()
    const file = photo()
    await notes.offer([file, new File(['text'], 'b.txt', { type: 'text/plain' })])
    expect(shown(notes)).toEqual(['file a.jpg', 'file b.txt'])
    expect(notes.list[0]).toMatchObject({ size: 5, mime: 'image/jpeg', thumbnail: '_9j_2Q', lost: false })
    expect(notes.list[1]).not.toHaveProperty('thumbnail')
    notes.write('a note', false)
    expect(notes.give(['id0', 'id2', 'nobody'])).toEqual({ files: [file], absent: ['id2', 'nobody'] })
    const all = notes.give(null)
    expect(all.files.map(({ name }) => name).sort()).toEqual(['a.jpg', 'b.txt'])
    expect(all.absent).toEqual([])
  })

  test('over a reload the record and its thumbnail stay; picked again it is the same one', async () => {
    await load().offer([photo()])
    const notes = load()
    expect(notes.list).toMatchObject([{ id: 'id0', thumbnail: '_9j_2Q', lost: true }])
    expect(notes.give(null)).toEqual({ files: [], absent: ['id0'] })
    await notes.offer([photo('a.jpg', 'other size')])
    expect(notes.list).toHaveLength(2)
    const again = photo()
    await notes.offer([again])
    expect(notes.list.find(({ id }) => id === 'id0')?.lost).toBe(false)
    expect(notes.give(['id0']).files).toEqual([again])
    expect(notes.list).toHaveLength(2)
  })

  test('one that was removed while its picture was made stays away, and is not given', async () => {
    let made: (jpeg: Uint8Array | null) => void = () => undefined
    const notes = load(() => new Promise((resolve) => (made = resolve)))
    const offered = notes.offer([photo()])
    notes.remove('id0')
    made(JPEG)
    await offered
    expect(notes.list).toEqual([])
    expect(notes.give(['id0'])).toEqual({ files: [], absent: ['id0'] })
    notes.undo()
    expect(notes.give(['id0']).files).toHaveLength(1)
  })

  test('a picture that the browser cannot show is offered without', async () => {
    const notes = load(async () => null)
    await notes.offer([photo()])
    expect(notes.list[0]).not.toHaveProperty('thumbnail')
  })
})

describe('what is kept', () => {
  test('where there is no room it is said, shown all the same, and what was kept before stays', () => {
    const notes = load()
    notes.write('small', false)
    storage.room = 1_000
    notes.write('x'.repeat(2_000), false)
    expect(notes.noRoom).toBe(true)
    expect(notes.list).toHaveLength(2)
    expect(shown(load())).toEqual(['note small'])
    notes.remove('id1')
    expect(notes.noRoom).toBe(false)
  })

  test('what the computer got and this page could not keep is sent anew from what is left', () => {
    const notes = load()
    notes.write('small', false)
    storage.room = 1_000
    notes.write('x'.repeat(2_000), false)
    const { cursor } = notes.log.page('')
    const after = load()
    after.write('later', false)
    expect(after.log.page(cursor)).toMatchObject({ fresh: true, list: [{ text: 'small' }, { text: 'later' }] })
  })

  test('what was kept by something else is nothing', () => {
    for (const text of ['', 'null', '{', '{"entries":[{"seq":1}]}', '[1]']) {
      storage.setItem('lanyard-records', text)
      expect(load().list).toEqual([])
    }
  })

  test('it moves to where the link is kept', () => {
    const notes = load()
    notes.write('one', false)
    const before = storage
    storage = new MemoryStorage()
    notes.moveTo(store(storage))
    expect(before.length).toBe(0)
    expect(shown(load())).toEqual(['note one'])
  })
})

test('a title is the first line that says something', () => {
  expect(titleOf('\n  bread and lemons \nmilk')).toBe('bread and lemons')
  expect(titleOf('one')).toBe('one')
  expect(titleOf('one\r\ntwo')).toBe('one')
})

test('a long one is cut, and no character in two', () => {
  const title = titleOf('🍋'.repeat(5_000))
  expect([...title]).toHaveLength(80)
  expect(title).toBe(`${'🍋'.repeat(79)}…`)
})
