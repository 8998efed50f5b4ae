import { mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openFolder } from './folders.ts'

/** Windows lets only administrators make links; a junction is one that everybody may make. */
const WINDOWS = process.platform === 'win32'
const link = (to: string, at: string): Promise<void> => symlink(to, at, 'junction')

let scratch = ''
let inbox = ''
let outside = ''
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lanyard-folders-'))
  inbox = join(scratch, 'inbox')
  outside = join(scratch, 'outside')
  await mkdir(inbox)
  await mkdir(outside)
})
afterEach(() => rm(scratch, { recursive: true, force: true }))

describe('a folder of the inbox', () => {
  test('is made where it is missing, and said to be', async () => {
    const first = await openFolder(inbox, ['a', 'b', 'c'])
    expect(first.path).toBe(join(inbox, 'a', 'b', 'c'))
    expect(first.made).toEqual([join(inbox, 'a'), join(inbox, 'a', 'b'), first.path])
    // Nobody else's to write, whatever the umask.
    if (!WINDOWS) expect((await stat(first.path)).mode & 0o722).toBe(0o700)
    const second = await openFolder(inbox, ['a', 'b', 'd'])
    expect(second.made).toEqual([second.path])
    await first.recheck()
    await second.recheck()
  })

  test('is the inbox itself where there are none', async () => {
    const open = await openFolder(inbox, [])
    expect(open).toMatchObject({ path: inbox, made: [] })
    await open.recheck()
  })

  test('may be wanted by many at once', async () => {
    const opened = await Promise.all(Array.from({ length: 20 }, () => openFolder(inbox, ['a', 'b'])))
    expect(new Set(opened.map(({ path }) => path)).size).toBe(1)
    expect(opened.flatMap(({ made }) => made).sort()).toEqual([join(inbox, 'a'), join(inbox, 'a', 'b')])
  })

  test('is below an inbox that is a link: its owner has put it there', async () => {
    await link(inbox, join(scratch, 'linked'))
    const open = await openFolder(join(scratch, 'linked'), ['a'])
    await open.recheck()
    expect(await readdir(inbox)).toEqual(['a'])
  })
})

describe('D67 what is no folder is refused, and nothing comes of it', () => {
  test.each([
    ['a link to a folder', () => link(outside, join(inbox, 'sub'))],
    ['a link to nothing', () => link(join(scratch, 'gone'), join(inbox, 'sub'))],
    [
      'a link into the inbox',
      () => mkdir(join(inbox, 'real')).then(() => link(join(inbox, 'real'), join(inbox, 'sub'))),
    ],
    ['a file', () => writeFile(join(inbox, 'sub'), 'mine')],
  ])('%s', async (_, put) => {
    await put()
    for (const folders of [['sub'], ['sub', 'deeper']]) {
      await expect(openFolder(inbox, folders)).rejects.toMatchObject({ code: 'bad-name' })
    }
    expect(await readdir(outside)).toEqual([])
    expect((await readdir(scratch)).sort()).toEqual(['inbox', 'outside'])
  })

  test('a link further down', async () => {
    await mkdir(join(inbox, 'a'))
    await link(outside, join(inbox, 'a', 'sub'))
    await expect(openFolder(inbox, ['a', 'sub', 'x'])).rejects.toMatchObject({ code: 'bad-name' })
    expect(await readdir(outside)).toEqual([])
  })

  test('a way out that nobody has cleaned', async () => {
    for (const folders of [['..', 'outside'], ['a', '..', '..', 'outside'], [outside]]) {
      await expect(openFolder(inbox, folders)).rejects.toMatchObject({ code: 'bad-name' })
    }
    expect(await readdir(outside)).toEqual([])
  })

  test('an inbox that is gone, or is a file', async () => {
    await writeFile(join(scratch, 'file'), '')
    for (const bad of ['gone', 'file']) {
      await expect(openFolder(join(scratch, bad), ['a'])).rejects.toMatchObject({ code: 'disk-error' })
    }
    expect((await readdir(scratch)).sort()).toEqual(['file', 'inbox', 'outside'])
  })
})

describe('D68 what took a folder’s place meanwhile is found out at the end', () => {
  test.each([
    ['a link to a folder outside', 'a', () => link(outside, join(inbox, 'a'))],
    ['a link to the folder itself', 'a', () => link(join(scratch, 'moved'), join(inbox, 'a'))],
    ['another folder', 'a', () => mkdir(join(inbox, 'a', 'b'), { recursive: true })],
    ['nothing', 'a', () => Promise.resolve()],
    ['a file', 'a', () => writeFile(join(inbox, 'a'), '')],
    ['a link further down', 'a/b', () => link(join(scratch, 'moved'), join(inbox, 'a', 'b'))],
  ])('%s', async (_, moved, put) => {
    const open = await openFolder(inbox, ['a', 'b'])
    await open.recheck()
    await rename(join(inbox, moved), join(scratch, 'moved'))
    await put()
    await expect(open.recheck()).rejects.toMatchObject({ code: 'disk-error' })
  })

  test('another inbox', async () => {
    const open = await openFolder(inbox, [])
    await rename(inbox, join(scratch, 'moved'))
    await expect(open.recheck()).rejects.toMatchObject({ code: 'disk-error' })
    await mkdir(inbox)
    await expect(open.recheck()).rejects.toMatchObject({ code: 'disk-error' })
  })
})
