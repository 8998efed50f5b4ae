import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Inbox } from '#inbox/inbox.ts'
import { speak } from '#messages/locale'
import type { KeptRecord } from '#store/database/store.ts'
import { exportTexts } from './text-export.ts'
import { writeInto } from './text-export.ts'

speak(['en'])

let folder = ''
let inbox: Inbox
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-texts-'))
  inbox = new Inbox({ folder, data: `${folder}-data` })
  await inbox.start()
})
afterEach(async () => {
  await inbox.close()
  for (const path of [folder, `${folder}-data`]) await rm(path, { recursive: true, force: true })
})

const note = (title: string, text = 'words'): KeptRecord => ({
  id: title,
  device: 'd',
  kind: 'note',
  title,
  text,
  modified: 1,
})
const run = (format: 'txt' | 'json' | 'csv', ...pages: KeptRecord[][]) =>
  exportTexts({ inbox, nameOf: () => 'Pixel', now: () => new Date(2026, 10, 25, 14, 3, 7) }, pages, format)
const STAMP = 'Records 2026-11-25 14.03.07'

test('one text is one file, beside whatever has its name already', async () => {
  expect(await run('txt', [note('Walk')])).toMatchObject({ texts: 1, name: 'Walk.txt', path: join(folder, 'Walk.txt') })
  expect(await run('txt', [], [note('Walk', 'others')])).toMatchObject({ name: 'Walk (2).txt' })
  expect(await readFile(join(folder, 'Walk.txt'), 'utf8')).toBe('Walk\n\nwords\n')
})

test('several are files in a folder, none in the place of another', async () => {
  const written = await run('txt', [note('A'), note('A'), note('a/b')], [note('C')])
  expect(written).toMatchObject({ texts: 4, name: STAMP, path: join(folder, STAMP) })
  expect((await readdir(join(folder, STAMP))).sort()).toEqual(['A (2).txt', 'A.txt', 'C.txt', 'a_b.txt'])
})

test('a list is one file', async () => {
  expect(await run('json', [note('A')], [note('B')])).toMatchObject({ texts: 2, name: `${STAMP}.json` })
  const list: unknown = JSON.parse(await readFile(join(folder, `${STAMP}.json`), 'utf8'))
  expect(list).toMatchObject([{ title: 'A' }, { title: 'B', device: 'Pixel' }])
  await run('csv', [note('A')])
  expect(await readFile(join(folder, `${STAMP}.csv`), 'utf8')).toBe(
    '\uFEFFkind,title,text,modified,device,id\r\nnote,A,words,1970-01-01T00:00:00.001Z,Pixel,A\r\n',
  )
})

test('a very long list goes on in a further file, each of them whole', async () => {
  const page = Array.from({ length: 1_000 }, (_, i) => note(`${i}`, 'x'.repeat(32_768)))
  expect(await run('json', page, page, page, page)).toMatchObject({ texts: 4_000, name: `${STAMP} (2).json` })
  const files = await readdir(folder)
  expect(files.sort()).toEqual([`${STAMP} (2).json`, `${STAMP}.json`])
  const counts = files.map(async (name) => (JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown[]).length)
  expect((await Promise.all(counts)).sort()).toEqual([1_000, 3_000])
})

test('nothing is nothing', async () => {
  for (const format of ['txt', 'json', 'csv'] as const)
    expect(await run(format)).toMatchObject({ texts: 0, path: null })
  expect(await readdir(folder)).toEqual([])
})

test('what is larger than a block is whole, and a failure leaves nothing', async () => {
  const bytes = new Uint8Array(2_500_000).map((_, i) => i % 251)
  const { path } = await writeInto(inbox, { name: 'large.bin', bytes })
  expect(Buffer.compare(await readFile(path!), bytes)).toBe(0)
  await expect(writeInto(inbox, { name: '../evil', bytes })).rejects.toMatchObject({ code: 'bad-name' })
  expect(await readdir(folder)).toEqual(['large.bin'])
})
