import { appendFile, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { plainFile } from './plain-file.ts'

let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-plain-'))
  path = join(folder, 'größe.bin')
  await writeFile(path, CONTENT)
  await utimes(path, 1_500_000_000.5, 1_500_000_000.5)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const CONTENT = Buffer.from('0123456789'.repeat(1_000))
const GONE = { code: 'source-changed' }

test('it is described, and read in any order by several at a time', async () => {
  const file = await plainFile(path)
  expect(file).toMatchObject({ name: 'größe.bin', size: 10_000, mtime: 1_500_000_000_500 })
  expect(file.etag).toMatch(/^[0-9a-f]{64}$/)
  const [one, two] = [await file.open(), await file.open()]
  expect(Buffer.from(await one.read(9_990, 10)).toString()).toBe('0123456789')
  expect(Buffer.from(await two.read(3, 4)).toString()).toBe('3456')
  expect(Buffer.from(await one.read(0, 10_000))).toEqual(CONTENT)
  await one.check()
  await expect(one.read(9_999, 2)).rejects.toMatchObject(GONE)
  await one.close()
  await two.close()
})

test('the same version has the same tag, another one another', async () => {
  const { etag } = await plainFile(path)
  expect((await plainFile(path)).etag).toBe(etag)
  await utimes(path, 1, 1)
  expect((await plainFile(path)).etag).not.toBe(etag)
})

test('what is no file is refused', async () => {
  for (const no of [folder, join(folder, 'nothing')]) await expect(plainFile(no)).rejects.toMatchObject(GONE)
})

const CHANGES: Record<string, () => Promise<unknown>> = {
  grew: () => appendFile(path, 'x'),
  'was written again': () => writeFile(path, CONTENT.map((byte) => byte + 1)),
  'was replaced': async () => {
    await writeFile(`${path}2`, CONTENT)
    await rename(`${path}2`, path)
  },
  'was deleted': () => rm(path),
} // prettier-ignore

test.each(Object.keys(CHANGES))('a file that %s is not opened any more', async (change) => {
  const file = await plainFile(path)
  await CHANGES[change]?.()
  await expect(file.open()).rejects.toMatchObject(GONE)
})

test.each(['grew', 'was written again'])('a file that %s while it is open is found out', async (change) => {
  const open = await (await plainFile(path)).open()
  await open.check()
  await CHANGES[change]?.()
  await expect(open.check()).rejects.toMatchObject(GONE)
  await open.close()
})
