import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OwnerStore } from './owners.ts'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-owners-'))
  file = join(folder, 'owners.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('names are kept, the last ones count', async () => {
  const store = new OwnerStore(file)
  expect(await store.load()).toEqual([])
  const pixel = { id: 'a', name: 'Pixel', kind: 'page' } as const
  await Promise.all([store.save([]), store.save([pixel])])
  expect(await new OwnerStore(file).load()).toEqual([pixel])
})

test.each(['', '{', '{}', '[{"id":1}]', '[{"id":"a","name":"x","kind":"ghost"}]'])('%j is nothing', async (text) => {
  await writeFile(file, text)
  expect(await new OwnerStore(file).load()).toEqual([])
})
