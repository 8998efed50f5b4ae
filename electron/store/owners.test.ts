import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownersFile } from './owners.ts'

let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-owners-'))
  path = join(folder, 'owners.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = () => ownersFile(path, { onLate: () => undefined })
const pixel = { id: 'a', name: 'Pixel', kind: 'page' } as const

test('names are kept, the last ones count', async () => {
  const file = open()
  expect(await file.load()).toBeNull()
  await Promise.all([file.save([]), file.save([pixel])])
  expect(await open().load()).toEqual([pixel])
})

test.each(['', '{', '{}'])('%j is nothing, and is set aside', async (text) => {
  await writeFile(path, text)
  const file = open()
  expect([await file.load(), file.notes]).toMatchObject([null, [{ what: 'set-aside' }]])
})

test('one entry that makes no sense does not cost the others', async () => {
  await writeFile(path, JSON.stringify([{ id: 1 }, pixel, { id: 'a', name: 'x', kind: 'ghost' }]))
  expect(await open().load()).toEqual([pixel])
})

test('entries that only a newer version understands are still there after a save', async () => {
  const newer = { id: 'b', name: 'Glasses', kind: 'glasses', more: { n: 1 } }
  await writeFile(path, JSON.stringify([newer, pixel]))
  const file = open()
  await file.load()
  await file.save([{ ...pixel, name: 'Pixel 9' }])
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual([{ ...pixel, name: 'Pixel 9' }, newer])
})
