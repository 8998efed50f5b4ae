import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unsentFile, type Unsent } from './unsent.ts'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-unsent-'))
  file = join(folder, 'unsent.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = () => unsentFile(file, { onLate: () => undefined })
const load = () => open().load()
const spot = { absolute: '/home/a/f', path: [], name: 'f', size: 7, mtime: 1_700_000_000_000 }
const ONE: Unsent = { device: '0123456789abcdef', id: 'a'.repeat(32), local: { kind: 'file', spot } }
const TEXT: Unsent = { device: ONE.device, id: 'd'.repeat(32), text: 'at seven' }
const ZIP: Unsent = { ...ONE, id: 'b'.repeat(32), local: { kind: 'zip', name: 'f.zip', made: 5, spots: [spot, spot] } }

test('comes back as it was, is nobody else’s to read, and nothing lies beside it', async () => {
  expect(await load()).toBeNull()
  await open().save([ONE, { ...ZIP, batch: { id: 'c'.repeat(32), name: 'f' } }, TEXT])
  expect(await load()).toEqual([ONE, { ...ZIP, batch: { id: 'c'.repeat(32), name: 'f' } }, TEXT])
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o077).toBe(0)
  expect(await readdir(folder)).toEqual(['unsent.json'])
})

test('F93: one that makes no sense does not cost the others; a file that does not is put aside, and it is said', async () => {
  await writeFile(
    file,
    JSON.stringify({
      files: [{ ...ONE, id: '../x' }, ONE, null, { ...ONE, local: { kind: 'x' } }, { ...TEXT, text: '' }],
    }),
  )
  expect(await load()).toEqual([ONE])
  for (const text of ['', '{"files":', '[]', '7']) {
    await writeFile(file, text)
    const again = open()
    expect([await again.load(), again.notes]).toMatchObject([null, [{ what: 'set-aside' }]])
  }
  expect((await readdir(folder)).sort()).toEqual([1, 2, 3, 4].map((number) => `unsent.json.unreadable-${number}`))
})

test('entries that only a newer version understands are still there after a save', async () => {
  const newer = { ...ONE, id: 'e'.repeat(32), local: { kind: 'clip', frames: [1, 2] } }
  await writeFile(file, JSON.stringify({ files: [newer, ONE, TEXT] }))
  const again = open()
  expect(await again.load()).toEqual([ONE, TEXT])
  await again.save([TEXT])
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ files: [TEXT, newer] })
})
