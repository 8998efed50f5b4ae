import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { link, mkdir, mkdtemp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import type * as Fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Walk, type FoundFile } from './walk.ts'

/** Paths whose look, or whose list, fails; and one that is told to be another folder. Root may read everything. */
const disk = vi.hoisted(() => ({ unreadable: new Set<string>(), sameAs: new Map<string, string>() }))
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof Fs>()
  const denied = (path: unknown): void => {
    if (disk.unreadable.has(String(path))) throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
  }
  const lstat = (path: string, options: { bigint: true }) => fs.lstat(disk.sameAs.get(path) ?? path, options)
  const access = async (path: string, mode: number): Promise<void> => {
    denied(path)
    await fs.access(path, mode)
  }
  const opendir = async (path: string, options: object) => {
    denied(`${path}/`)
    return fs.opendir(path, options)
  }
  return { ...fs, lstat, access, opendir }
})

const POSIX = process.platform !== 'win32'
const run = promisify(execFile)

let scratch = ''
let top = ''
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lanyard-walk-'))
  top = join(scratch, 'holiday')
  await mkdir(top)
})
afterEach(async () => {
  disk.unreadable.clear()
  disk.sameAs.clear()
  await rm(scratch, { recursive: true, force: true })
})

async function put(path: string, content = 'x'): Promise<string> {
  const whole = join(scratch, path)
  await mkdir(join(whole, '..'), { recursive: true })
  await writeFile(whole, content)
  return whole
}
async function all(walk: Walk): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  for await (const one of walk) found.push(one)
  return found
}
const shown = (found: readonly FoundFile[]): string[] => found.map(({ path, name }) => [...path, name].join('/'))

describe('what a person chose', () => {
  test('files as they are, folders with all that is in them, in one order', async () => {
    for (const path of ['b', 'a', 'Z', 'sub/2', 'sub/10', 'sub/deep/x', 'another/é', '.hidden'])
      await put(`holiday/${path}`)
    const single = await put('single.txt', 'four')
    await utimes(single, 1_500_000_000.5, 1_500_000_000.5)
    await mkdir(join(top, 'empty'))
    const walk = new Walk([single, top, single])
    const found = await all(walk)
    expect(found[0]).toMatchObject({
      path: [],
      name: 'single.txt',
      absolute: single,
      size: 4,
      mtime: 1_500_000_000_500,
    })
    expect(shown(found.slice(1))).toEqual(
      ['.hidden', 'Z', 'a', 'b', 'another/é', 'sub/10', 'sub/2', 'sub/deep/x'].map((path) => `holiday/${path}`),
    )
    expect(found.map(({ absolute }) => absolute).slice(1)).toEqual(
      shown(found.slice(1)).map((path) => join(scratch, path)),
    )
    expect(walk.summary).toMatchObject({ files: 9, folders: 5, bytes: 12, skipped: [], skippedCount: 0 })
    expect(walk.summary.empty).toEqual([['holiday', 'empty']])
  })

  test('two folders of one name stay two, also where only some disks take the names for one', async () => {
    const dropped = []
    for (const folder of ['1/photos', '2/photos', '3/PHOTOS']) {
      await put(`${folder}/a`)
      dropped.push(join(scratch, folder))
    }
    expect(shown(await all(new Walk(dropped)))).toEqual(['photos/a', 'photos (2)/a', 'PHOTOS (3)/a'])
  })

  test('nothing of it is there any more', async () => {
    const walk = new Walk([join(scratch, 'gone'), top])
    expect(await all(walk)).toEqual([])
    expect(walk.summary).toMatchObject({ files: 0, skipped: [{ path: 'gone', why: 'unreadable' }] })
  })

  if (POSIX) {
    test('a link is what it leads to, under its own name', async () => {
      const file = await put('elsewhere/file')
      await symlink(file, join(scratch, 'to-file'))
      await symlink(join(scratch, 'elsewhere'), join(scratch, 'to-folder'))
      const found = await all(new Walk([join(scratch, 'to-file'), join(scratch, 'to-folder')]))
      expect(shown(found)).toEqual(['to-file', 'to-folder/file'])
    })

    test('names that others would take for paths are offered as names', async () => {
      for (const name of ['a\\b', 'C:x', ' ..']) await put(`holiday/${name}/${name}`)
      expect(shown(await all(new Walk([top])))).toEqual(['holiday/_/_', 'holiday/C_x/C_x', 'holiday/a_b/a_b'])
    })
  }
})

if (POSIX) {
  describe('D71 in a folder that is sent', () => {
    test('links, pipes, sockets and devices are left out and listed, and nothing waits for them', async () => {
      await put('outside/secret')
      await put('holiday/sub/photo')
      await symlink(join(scratch, 'outside'), join(top, 'link-to-folder'))
      await symlink(join(scratch, 'outside', 'secret'), join(top, 'link-to-file'))
      await symlink(join(scratch, 'gone'), join(top, 'link-to-nothing'))
      await symlink('..', join(top, 'sub', 'link-up'))
      await symlink('/dev/zero', join(top, 'link-to-device'))
      await run('mkfifo', [join(top, 'pipe')])
      const server = createServer().listen(join(top, 'socket'))
      await new Promise((resolve) => server.once('listening', resolve))
      const walk = new Walk([top])
      const found = await all(walk)
      server.close()
      expect(shown(found)).toEqual(['holiday/sub/photo'])
      expect(walk.summary.skipped).toEqual([
        ...['device', 'file', 'folder', 'nothing'].map((to) => ({ path: `holiday/link-to-${to}`, why: 'link' })),
        { path: 'holiday/pipe', why: 'pipe' },
        { path: 'holiday/socket', why: 'socket' },
        { path: 'holiday/sub/link-up', why: 'link' },
      ])
      expect(walk.summary.skippedCount).toBe(7)
    })

    test('a device or a pipe that was chosen itself too', async () => {
      await run('mkfifo', [join(scratch, 'pipe')])
      const walk = new Walk(['/dev/zero', join(scratch, 'pipe')])
      expect(await all(walk)).toEqual([])
      expect(walk.summary.skipped).toEqual([
        { path: 'zero', why: 'device' },
        { path: 'pipe', why: 'pipe' },
      ])
    })

    test('a folder that a link took the place of is not entered', async () => {
      await put('outside/secret')
      await put('holiday/a/x')
      await put('holiday/first')
      const walk = new Walk([top])
      const found: FoundFile[] = []
      for await (const one of walk) {
        found.push(one)
        if (one.name !== 'first') continue
        await rename(join(top, 'a'), join(scratch, 'moved'))
        await symlink(join(scratch, 'outside'), join(top, 'a'))
      }
      expect(shown(found)).toEqual(['holiday/first'])
      expect(walk.summary.skipped).toEqual([{ path: 'holiday/a', why: 'link' }])
    })
  })
}

describe('D71 what can’t be read is left out and listed', () => {
  test('a file, a folder, and one that goes away', async () => {
    for (const path of ['a', 'locked/x', 'closed/x', 'going/x', 'z']) await put(`holiday/${path}`)
    disk.unreadable.add(join(top, 'a')).add(join(top, 'locked')).add(join(top, 'closed/'))
    const walk = new Walk([top])
    const found: FoundFile[] = []
    for await (const one of walk) {
      found.push(one)
      await rm(join(top, 'going'), { recursive: true, force: true })
    }
    expect(shown(found)).toEqual(['holiday/z'])
    expect(walk.summary.skipped).toEqual(
      ['a', 'locked', 'closed', 'going'].map((name) => ({ path: `holiday/${name}`, why: 'unreadable' })),
    )
  })

  if (process.platform === 'linux') {
    test('a name that is no text is offered as most of them are meant', async () => {
      await writeFile(Buffer.concat([Buffer.from(`${top}/a`), Buffer.from([0xff, 0xfe])]), '')
      const walk = new Walk([top])
      const [found] = await all(walk)
      expect([found?.name, walk.summary.skipped]).toEqual(['aÿþ', []])
    })
  }
})

describe('D72', () => {
  test('hard-linked and sparse files are plain ones', async () => {
    const file = await put('holiday/a', 'hello')
    await link(file, join(top, 'b'))
    await truncate(await put('holiday/sparse'), 12 * 1024 ** 3)
    const walk = new Walk([top])
    expect((await all(walk)).map(({ name, size }) => [name, size])).toEqual([
      ['a', 5],
      ['b', 5],
      ['sparse', 12 * 1024 ** 3],
    ])
    expect(walk.summary.bytes).toBe(12 * 1024 ** 3 + 10)
  })
})

describe('it comes to an end', () => {
  test('in a folder that is in itself', async () => {
    await put('holiday/a/b/x')
    disk.sameAs.set(join(top, 'a', 'b'), top)
    const walk = new Walk([top])
    expect(await all(walk)).toEqual([])
    expect(walk.summary.skipped).toEqual([{ path: 'holiday/a/b', why: 'loop' }])
  })

  test('32 folders deep', async () => {
    const path = Array.from({ length: 34 }, (_, i) => `${i}`).join('/')
    await put(`holiday/${path}/x`)
    await put(`holiday/${path.slice(0, path.indexOf('/31'))}/x`)
    const walk = new Walk([top])
    const [found, ...more] = await all(walk)
    expect([found?.path.length, more]).toEqual([32, []])
    expect(walk.summary.skipped).toEqual([{ path: `holiday/${path.slice(0, path.indexOf('/32'))}`, why: 'too-deep' }])
  })

  test.each([
    ['files', (i: number) => `holiday/${i >> 2}/${i}`, 'holiday/1', 'holiday/1/5', 5],
    ['folders', (i: number) => `holiday/${i >> 1}/${i}/x`, 'holiday/2', 'holiday/1/2', 2],
  ])('after so many %s, without a look at the rest', async (_, path, later, last, count) => {
    for (let i = 0; i < 8; i++) await put(path(i))
    await symlink('nowhere', join(scratch, later, 'z'), 'junction')
    const walk = new Walk([top, join(scratch, 'gone')], undefined, 5)
    expect(await all(walk)).toHaveLength(count)
    expect(walk.summary.skipped).toEqual([{ path: last, why: 'too-many' }])
  })

  test('when nobody wants it any more, at once', async () => {
    for (let i = 0; i < 200; i++) await put(`holiday/${i}`)
    const enough = new AbortController()
    const reason = new Error('enough')
    const found: FoundFile[] = []
    const walking = async (): Promise<void> => {
      for await (const one of new Walk([top], enough.signal)) {
        found.push(one)
        if (found.length === 3) enough.abort(reason)
      }
    }
    await expect(walking()).rejects.toBe(reason)
    expect(found.length).toBeLessThan(100)
    await expect(all(new Walk([top], AbortSignal.abort(reason)))).rejects.toBe(reason)
  })

  test('with a list that is no longer than a person reads', async () => {
    await Promise.all(Array.from({ length: 1_200 }, (_, i) => symlink('nowhere', join(top, `${i}`), 'junction')))
    const walk = new Walk([top])
    expect(await all(walk)).toEqual([])
    expect([walk.summary.skipped.length, walk.summary.skippedCount]).toEqual([1_000, 1_200])
  })
})
