import { execFile, execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as v from 'valibot'
import { build } from 'vite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { JsonFile } from './json-file.ts'
import { RefusingDisk } from './testing/refusing-disk.ts'

const Names = v.array(v.string())

let folder = ''
let path = ''
let disk: RefusingDisk
let late: (readonly string[] | null)[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-json-'))
  path = join(folder, 'names.json')
  disk = new RefusingDisk()
  late = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = (): JsonFile<readonly string[]> =>
  new JsonFile<readonly string[]>(path, {
    decode: (json) => v.parse(Names, json),
    onLate: (found) => late.push(found),
    disk,
  })
const content = (): Promise<unknown> => readFile(path, 'utf8').then((text) => JSON.parse(text) as unknown)
const put = (names: readonly string[]): Promise<void> => writeFile(path, JSON.stringify(names))

describe('a saved file', () => {
  test('that is not there is none, and is made', async () => {
    const file = open()
    expect([await file.load(), file.notes]).toEqual([null, []])
    await file.save(['a'])
    expect([await content(), await open().load()]).toEqual([['a'], ['a']])
    expect(await readdir(folder)).toEqual(['names.json'])
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o077).toBe(0)
  })

  test('has the newest of many values at once, and is not written for each', async () => {
    const file = open()
    await file.load()
    await Promise.all(Array.from({ length: 30 }, (_, i) => file.save([`${i}`])))
    expect(await content()).toEqual(['29'])
    expect(disk.calls.replace).toBeLessThan(5)
  })

  test('keeps the link that its owner put in its place', async () => {
    const real = join(folder, 'elsewhere.json')
    await writeFile(real, '["a"]')
    await symlink(real, path)
    const file = open()
    expect(await file.load()).toEqual(['a'])
    await file.save(['b'])
    expect(JSON.parse(await readFile(real, 'utf8'))).toEqual(['b'])
  })

  test.each(['', '{', '7', '{"a":1}', '[1]'])('that holds %j is set aside under a number of its own', async (text) => {
    for (const [i, already] of [[], ['names.json.unreadable-1']].entries()) {
      expect(await readdir(folder)).toEqual(already)
      await writeFile(path, `${text}${' '.repeat(i)}`)
      const file = open()
      expect(await file.load()).toBeNull()
      expect(file.notes).toEqual([{ file: 'names.json', what: 'set-aside', detail: `names.json.unreadable-${i + 1}` }])
      expect(await readFile(`${path}.unreadable-${i + 1}`, 'utf8')).toBe(`${text}${' '.repeat(i)}`)
    }
  })

  test('that makes no sense and can’t be set aside is not written over', async () => {
    await writeFile(path, '{')
    disk.refused = { moveAside: 'EPERM' }
    const file = open()
    expect([await file.load(), file.notes]).toMatchObject([null, [{ what: 'unread', detail: 'EPERM' }]])
    await expect(file.save(['b'])).rejects.toThrow('not replaced')
    expect(await readFile(path, 'utf8')).toBe('{')
  })
})

describe.each(['EACCES', 'EPERM', 'EIO', 'EMFILE', 'ENFILE', 'EISDIR', 'ELOOP', 'ENOTDIR', 'EBUSY', 'ESTALE', ''])(
  'one that the disk refuses to read with %j',
  (code) => {
    test('is there, is not written over, and is said', async () => {
      await put(['a'])
      disk.refused = { read: code }
      const file = open()
      expect(await file.load()).toBeNull()
      expect(file.notes).toMatchObject([{ file: 'names.json', what: 'unread' }])
      await expect(file.save(['b'])).rejects.toThrow('not replaced')
      await file.retry()
      expect([await content(), disk.calls.replace, late]).toEqual([['a'], 0, []])
    })

    test('is read later, and what was changed meanwhile is for its owner to join', async () => {
      await put(['a'])
      disk.refused = { read: code }
      const file = open()
      await file.load()
      await file.save(['b']).catch(() => undefined)
      const waiting = file.save(['b', 'c']).catch(() => undefined)
      disk.refused = {}
      await file.retry()
      await waiting
      expect([late, await content(), file.notes]).toEqual([[['a']], ['a'], []])
      await file.save(['a', 'b', 'c'])
      expect(await content()).toEqual(['a', 'b', 'c'])
    })
  },
)

test('one that is gone when it can be looked for again is none', async () => {
  disk.refused = { read: 'EIO' }
  const file = open()
  await file.load()
  disk.refused = {}
  await file.retry()
  expect(late).toEqual([null])
  await file.save(['b'])
  expect(await content()).toEqual(['b'])
})

describe('on a real disk', () => {
  test.each([
    ['a folder', () => mkdir(path)],
    ['a link to itself', () => symlink('names.json', path)],
    ['a link that leads nowhere', () => symlink(join(folder, 'unplugged', 'names.json'), path)],
  ])('%s in its place is not none, and stays', async (_, make) => {
    await make()
    const file = open()
    expect(await file.load()).toBeNull()
    expect(file.notes).toMatchObject([{ what: 'unread' }])
    await expect(file.save(['b'])).rejects.toThrow()
    expect(await readdir(folder)).toEqual(['names.json'])
  })

  // Root may read everything, so another one has to try.
  test.runIf(process.getuid?.() === 0)('after one start as root, the user’s file is still what it was', async () => {
    await put(['a'])
    await chmod(path, 0o600)
    await chmod(folder, 0o777)
    await build({
      configFile: false,
      logLevel: 'warn',
      ssr: { noExternal: true },
      build: { ssr: 'electron/store/testing/as-another.ts', outDir: join(folder, 'built'), emptyOutDir: false },
    })
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'built/as-another.js'), path, '65534'])
    expect(JSON.parse(stdout)).toEqual({
      found: null,
      isSaved: false,
      notes: [{ file: 'names.json', what: 'unread', detail: 'EACCES' }],
    })
    expect(await content()).toEqual(['a'])
  })
})

test('what a crash has left of a write is never read, and goes', async () => {
  await put(['a'])
  await writeFile(`${path}.0a1b2c3d.new`, '["half')
  await writeFile(join(folder, 'other.json.0a1b2c3d.new'), 'of another file')
  expect(await open().load()).toEqual(['a'])
  expect((await readdir(folder)).sort()).toEqual(['names.json', 'other.json.0a1b2c3d.new'])
})

test.skipIf(process.platform === 'win32')('what is no file is not waited for', async () => {
  execFileSync('mkfifo', [path])
  const file = open()
  expect(await file.load()).toBeNull()
  expect(file.notes).toMatchObject([{ what: 'unread', detail: 'ENOTSUP' }])
  await expect(file.save(['b'])).rejects.toThrow('not replaced')
})

test('what could not be written is written when that is possible again', async () => {
  const file = open()
  await file.load()
  disk.refused = { replace: 'ENOSPC' }
  await expect(file.save(['a'])).rejects.toThrow('ENOSPC')
  expect(file.notes).toEqual([{ file: 'names.json', what: 'unwritten', detail: 'ENOSPC' }])
  disk.refused = {}
  await file.retry()
  expect([await content(), file.notes]).toEqual([['a'], []])
})
