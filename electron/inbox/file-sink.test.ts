import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
  type FileHandle,
} from 'node:fs/promises'
import type * as Fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createHash } from 'node:crypto'
import { openFileSink } from './file-sink.ts'

/** Calls of the disk that fail with this code, as long as it is set. */
const broken = vi.hoisted(() => new Map<string, string>())

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof Fs>()
  const fail = (call: string): void => {
    const code = broken.get(call)
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${call}`), { code })
  }
  const breakable =
    <A extends unknown[], R>(call: string, real: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      fail(call)
      return real(...args)
    }
  const open = async (...args: Parameters<typeof fs.open>): Promise<FileHandle> => {
    const file = await fs.open(...args)
    return Object.assign(file, {
      write: breakable('write', file.write.bind(file) as (...args: unknown[]) => Promise<unknown>),
      sync: breakable('sync', file.sync.bind(file)),
      chmod: breakable('chmod', file.chmod.bind(file)),
    })
  }
  return {
    ...fs,
    open,
    link: breakable('link', fs.link),
    rename: breakable('rename', fs.rename),
    rm: breakable('rm', fs.rm),
    utimes: breakable('utimes', fs.utimes),
  }
})

/** Windows has other modes, and lets only administrators make links. */
const POSIX = process.platform !== 'win32'

let folder = ''
let outside = ''
beforeEach(async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'lanyard-sink-'))
  folder = join(scratch, 'inbox')
  outside = join(scratch, 'outside')
  await mkdir(folder)
  await mkdir(outside)
})
afterEach(async () => {
  broken.clear()
  await rm(join(folder, '..'), { recursive: true, force: true })
})

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text))
const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
const listing = async (): Promise<string[]> => (await readdir(folder)).sort()

async function receive(name: string, text: string, mtime = 0) {
  const sink = await openFileSink(folder, name, mtime)
  await sink.write(bytes(text))
  return sink.finish()
}

describe('a file lands', () => {
  test('under its name, with its bytes, their hash and its time', async () => {
    const sink = await openFileSink(folder, 'photo.jpg', Date.UTC(2020, 1, 2))
    expect(sink.name).toBe('photo.jpg')
    await sink.write(bytes('one '))
    await sink.write(bytes('two'))
    expect(await listing()).toEqual([expect.stringMatching(/^\.photo\.jpg\.[0-9a-f]{8}\.part$/)])
    const landed = await sink.finish()
    const sha256 = createHash('sha256').update('one two').digest('hex')
    expect(landed).toEqual({ name: 'photo.jpg', path: join(folder, 'photo.jpg'), sha256 })
    expect(await listing()).toEqual(['photo.jpg'])
    expect(await read('photo.jpg')).toBe('one two')
    const { mtimeMs, mode } = await stat(join(folder, 'photo.jpg'))
    expect([mtimeMs, mode & 0o777]).toEqual([Date.UTC(2020, 1, 2), POSIX ? 0o644 : 0o666])
    // What comes after the end harms nothing.
    await sink.discard()
    expect(await listing()).toEqual(['photo.jpg'])
  })

  test('of nothing', async () => {
    const sink = await openFileSink(folder, 'empty', 0)
    await sink.finish()
    expect(await read('empty')).toBe('')
  })

  test('is nobody else’s to read while it is not whole', async () => {
    const sink = await openFileSink(folder, 'secret', 0)
    const [part] = await listing()
    expect((await stat(join(folder, part ?? ''))).mode & 0o777).toBe(POSIX ? 0o600 : 0o666)
    await sink.discard()
  })

  test('with a time that no disk knows: the nearest one', async () => {
    await receive('old', '', -5)
    await receive('new', '', Number.MAX_SAFE_INTEGER)
    expect((await stat(join(folder, 'old'))).mtimeMs).toBe(Date.UTC(1980, 0, 1))
    const ahead = (await stat(join(folder, 'new'))).mtimeMs - Date.now()
    expect(ahead).toBeGreaterThan(86_000_000)
    expect(ahead).toBeLessThanOrEqual(86_400_000)
  })

  test('without a time: now', async () => {
    await receive('a', '')
    expect(Math.abs((await stat(join(folder, 'a'))).mtimeMs - Date.now())).toBeLessThan(60_000)
  })

  if (POSIX) {
    test('in a folder that is a link: its owner has put it there', async () => {
      await symlink(folder, join(outside, 'link'))
      const sink = await openFileSink(join(outside, 'link'), 'a', 0)
      await sink.finish()
      expect(await listing()).toEqual(['a'])
    })
  }

  test('with a name whose part would be cut within a character', async () => {
    const name = `${'n'.repeat(39)}😀.txt`
    expect((await receive(name, 'x')).name).toBe(name)
    expect(await listing()).toEqual([name])
  })
})

describe('nothing is ever replaced', () => {
  test('a file of that name stays', async () => {
    await writeFile(join(folder, 'a.txt'), 'mine')
    expect((await receive('a.txt', 'theirs')).name).toBe('a (2).txt')
    expect((await receive('a.txt', 'again')).name).toBe('a (3).txt')
    expect(await Promise.all(['a.txt', 'a (2).txt', 'a (3).txt'].map(read))).toEqual(['mine', 'theirs', 'again'])
  })

  test('nor is a folder', async () => {
    await mkdir(join(folder, 'a'))
    expect((await receive('a', 'x')).name).toBe('a (2)')
  })

  if (POSIX) {
    test('a link of that name is neither followed nor replaced, whether it leads anywhere or not', async () => {
      await writeFile(join(outside, 'target'), 'mine')
      await symlink(join(outside, 'target'), join(folder, 'a'))
      await symlink(join(outside, 'nowhere'), join(folder, 'b'))
      for (const name of ['a', 'b']) expect((await receive(name, 'theirs')).name).toBe(`${name} (2)`)
      expect(await readFile(join(outside, 'target'), 'utf8')).toBe('mine')
      expect(await readdir(outside)).toEqual(['target'])
      expect(await readlink(join(folder, 'a'))).toBe(join(outside, 'target'))
    })

    test('a link that is put there while the file comes', async () => {
      const sink = await openFileSink(folder, 'a', 0)
      await symlink(join(outside, 'x'), join(folder, 'a'))
      await sink.write(bytes('theirs'))
      expect((await sink.finish()).name).toBe('a (2)')
      expect(await readdir(outside)).toEqual([])
    })
  }

  test('twenty of one name at once: each gets its own', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`)
    const landed = await Promise.all(texts.map((text) => receive('same.txt', text)))
    const names = landed.map(({ name }) => name)
    expect(new Set(names).size).toBe(20)
    for (const [i, name] of names.entries()) expect(await read(name)).toBe(texts[i])
    expect(await listing()).toHaveLength(20)
  })
})

describe('where there are no hard links (FAT, some network disks)', () => {
  beforeEach(() => {
    broken.set('link', 'EPERM')
  })

  test('files land all the same, and replace nothing', async () => {
    await writeFile(join(folder, 'a.txt'), 'mine')
    expect((await receive('a.txt', 'theirs')).name).toBe('a (2).txt')
    expect((await receive('b.txt', 'more')).name).toBe('b.txt')
    expect(await listing()).toEqual(['a (2).txt', 'a.txt', 'b.txt'])
    expect(await Promise.all(['a.txt', 'a (2).txt', 'b.txt'].map(read))).toEqual(['mine', 'theirs', 'more'])
  })

  test('twenty of one name at once', async () => {
    const landed = await Promise.all(Array.from({ length: 20 }, (_, i) => receive('same', `text ${i}`)))
    for (const [i, { name }] of landed.entries()) expect(await read(name)).toBe(`text ${i}`)
    expect(await listing()).toHaveLength(20)
  })

  test('when the last step fails, no empty file is left under the name', async () => {
    broken.set('rename', 'EIO')
    const sink = await openFileSink(folder, 'a', 0)
    await expect(sink.finish()).rejects.toMatchObject({ code: 'disk-error' })
    await sink.discard()
    expect(await listing()).toEqual([])
  })

  test('modes and times that the disk does not know are no reason to fail', async () => {
    broken.set('chmod', 'EPERM').set('utimes', 'EPERM')
    expect((await receive('a', 'x', 1_000_000_000_000)).name).toBe('a')
  })
})

describe('when the disk does not do as it is told', () => {
  test.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EFBIG', 'disk-full'],
    ['EIO', 'disk-error'],
    ['EROFS', 'disk-error'],
  ])('%s while writing is %s, and nothing is left', async (code, reason) => {
    const sink = await openFileSink(folder, 'a', 0)
    await sink.write(bytes('x'))
    broken.set('write', code)
    await expect(sink.write(bytes('y'))).rejects.toMatchObject({ code: reason })
    await sink.discard()
    await sink.discard()
    expect(await listing()).toEqual([])
  })

  test('the last bytes do not get to the disk', async () => {
    const sink = await openFileSink(folder, 'a', 0)
    broken.set('sync', 'ENOSPC')
    await expect(sink.finish()).rejects.toMatchObject({ code: 'disk-full' })
    await sink.discard()
    expect(await listing()).toEqual([])
  })

  test('the part file can’t be removed: the file has its name, once', async () => {
    const sink = await openFileSink(folder, 'a', 0)
    broken.set('rm', 'EBUSY')
    expect((await sink.finish()).name).toBe('a')
    broken.clear()
    expect((await listing()).filter((name) => !name.endsWith('.part'))).toEqual(['a'])
  })

  test('a folder that is not there, or is none', async () => {
    await writeFile(join(outside, 'file'), '')
    for (const bad of [join(folder, 'gone'), join(outside, 'file')]) {
      await expect(openFileSink(bad, 'a', 0)).rejects.toMatchObject({ code: 'disk-error' })
    }
  })

  test('a folder that goes away while the file comes', async () => {
    const sink = await openFileSink(folder, 'a', 0)
    await sink.write(bytes('x'))
    await rm(folder, { recursive: true })
    await expect(sink.finish()).rejects.toMatchObject({ code: 'disk-error' })
    await sink.discard()
    await expect(stat(folder)).rejects.toThrow()
  })

  test('a name that is a path: nothing is made', async () => {
    await expect(openFileSink(folder, '../evil', 0)).rejects.toMatchObject({ code: 'bad-name' })
    expect(await listing()).toEqual([])
  })
})

describe('discarded', () => {
  test('at any time, it leaves nothing', async () => {
    const early = await openFileSink(folder, 'a', 0)
    const late = await openFileSink(folder, 'b', 0)
    await late.write(bytes('x'))
    await Promise.all([early.discard(), late.discard()])
    expect(await listing()).toEqual([])
  })
})
