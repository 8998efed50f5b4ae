import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dropStale, handOver, isTooLong, takeOver } from './handover.ts'

let data = ''
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'lanyard-handover-'))
})
afterEach(() => rm(data, { recursive: true, force: true }))

const lists = (): Promise<string[]> => readdir(join(data, 'handed'))

test('paths arrive as they are, also those that are no text, and nothing of them stays', async () => {
  const odd = ['/a b/"quoted" \'too\'', '/100 %/%F', '/new\nline', '/-dash', '/图片', '/caf\udce9', '/\u{1F4F7}']
  const many = [...odd, ...Array.from({ length: 2_000 }, (_, n) => `/photos/IMG_${n}.JPG`)]
  const told = await handOver(data, many)
  // As Electron's channel can carry it: short, and a string.
  expect(JSON.stringify(told).length).toBeLessThan(80)
  expect(await takeOver(data, JSON.parse(JSON.stringify(told)))).toEqual(many)
  expect(await lists()).toEqual([])
  expect(await takeOver(data, told)).toEqual([])
})

test('nothing to hand over is nothing, and leaves no folder', async () => {
  expect(await handOver(data, [])).toBeNull()
  expect(await readdir(data)).toEqual([])
})

test.each([null, undefined, 'x', {}, { list: 7 }, { list: '../settings.json' }, { list: 'a/b.json' }, { list: '' }])(
  'what is no handover gives no paths: %j',
  async (said) => {
    await writeFile(join(data, 'settings.json'), '["/etc/passwd"]')
    expect(await takeOver(data, said)).toEqual([])
    expect(await readdir(data)).toEqual(['settings.json'])
  },
)

test.each(['', '{', '"text"', '[1]', '[""]', '{"0":"a"}'])('a list with %j in it gives no paths', async (text) => {
  const told = await handOver(data, ['/a'])
  await writeFile(join(data, 'handed', told?.list ?? ''), text)
  expect(await takeOver(data, told)).toEqual([])
  expect(await lists()).toEqual([])
})

test('a list that nobody came for goes after a day, and nothing else does', async () => {
  const [old, fresh] = [await handOver(data, ['/old']), await handOver(data, ['/fresh'])]
  await writeFile(join(data, 'handed', 'mine.txt'), '')
  const before = new Date(Date.now() - 90_000_000)
  for (const name of [old?.list ?? '', 'mine.txt']) await utimes(join(data, 'handed', name), before, before)
  await dropStale(data)
  expect((await lists()).sort()).toEqual([fresh?.list, 'mine.txt'].sort())
})

test.runIf(process.platform !== 'win32')('a command line is too long only where somebody is there to be hurt', () => {
  const argv = Array.from({ length: 2_000 }, (_, n) => `/photos/IMG_${n}.JPG`)
  expect(isTooLong(argv, data)).toBe(false)
  // As Chromium makes it: it leads nowhere.
  symlinkSync('host-1234', join(data, 'SingletonLock'))
  expect(isTooLong(argv, data)).toBe(true)
  expect(isTooLong(['/opt/lanyard', '图'.repeat(6_000)], data)).toBe(true)
  expect(isTooLong(argv.slice(0, 200), data)).toBe(false)
})
