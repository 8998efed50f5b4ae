import { createHash } from 'node:crypto'
import { execFile } from 'node:child_process'
import {
  appendFile,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { existing } from './existing.ts'

const POSIX = process.platform !== 'win32'
const TIME = Date.UTC(2024, 4, 5, 6, 7, 8)
const MIB = 1_048_576
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

let scratch = ''
let inbox = ''
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lanyard-existing-'))
  inbox = join(scratch, 'inbox')
  await mkdir(join(inbox, 'a', 'b'), { recursive: true })
})
afterEach(() => rm(scratch, { recursive: true, force: true }))

const CONTENT = Buffer.from('0123456789')
async function put(path: string, content: Buffer = CONTENT, time = TIME): Promise<string> {
  const whole = join(inbox, path)
  await writeFile(whole, content)
  await utimes(whole, time / 1000, time / 1000)
  return whole
}
const look = (
  path: string,
  { size = CONTENT.length, mtime = TIME, signal }: { size?: number; mtime?: number; signal?: AbortSignal } = {},
) => {
  const folders = path.split('/')
  const name = folders.pop()!
  return existing(inbox, { folders, name }, { size, mtime }, signal)
}

describe('a file that is there already', () => {
  test.each([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 17])(
    'of %i bytes has all its blocks and stays as it is',
    async (size) => {
      const content = Buffer.alloc(size, 'lanyard ')
      const path = await put('a/b/photo.jpg', content)
      const before = await stat(path)
      const sink = (await look('a/b/photo.jpg', { size }))!
      const blocks = Array.from({ length: Math.ceil(size / MIB) }, (_, i) =>
        sha256(content.subarray(i * MIB, (i + 1) * MIB)),
      )
      expect([sink.name, sink.have]).toEqual(['photo.jpg', blocks])
      await sink.suspend()
      expect(await sink.finish()).toEqual({ name: 'photo.jpg', path, sha256: sha256(content) })
      const after = await stat(path)
      expect([after.mtimeMs, after.ctimeMs, after.ino]).toEqual([before.mtimeMs, before.ctimeMs, before.ino])
    },
  )

  test('may be as far from the time as FAT rounds', async () => {
    await put('x')
    for (const mtime of [TIME - 2_000, TIME + 2_000]) expect(await look('x', { mtime })).not.toBeNull()
    for (const mtime of [TIME - 3_000, TIME + 3_000]) expect(await look('x', { mtime })).toBeNull()
  })

  test('C3 may have another time, where the disk could not keep its own', async () => {
    await put('x', CONTENT, Date.UTC(1980, 0, 1))
    const old = Date.UTC(1955, 3, 13)
    const known = (kept: number | null) =>
      existing(inbox, { folders: [], name: 'x' }, { size: CONTENT.length, mtime: old, keptTime: () => kept })
    expect(await known(Date.UTC(1980, 0, 1))).not.toBeNull()
    expect(await known(Date.UTC(1980, 0, 2))).toBeNull()
    expect(await known(null)).toBeNull()
  })

  test('may have landed under a number', async () => {
    await put('x.txt', Buffer.from('another file'))
    await put('x (2).txt', CONTENT, TIME + 60_000)
    const path = await put('x (3).txt')
    expect(await (await look('x.txt'))?.finish()).toMatchObject({ name: 'x (3).txt', path })
  })
})

describe('is not taken for it', () => {
  test.each([
    ['one of another size', () => put('x', Buffer.from('short'))],
    ['one whose time nobody knows', () => put('x', CONTENT, 0)],
    ['C3 one whose time can’t be', () => put('x', CONTENT, 1_764_000_000)],
    ['one that is not there', () => Promise.resolve()],
    ['a folder', () => mkdir(join(inbox, 'x'))],
    ['one behind a gap in the numbers', () => put('x (2)')],
  ])('%s', async (what, make) => {
    await make()
    expect(
      await look(
        'x',
        what.includes('nobody knows') ? { mtime: 0 } : what.includes('can’t be') ? { mtime: 1_764_000_000 } : {},
      ),
    ).toBeNull()
  })

  if (POSIX) {
    test('D67 one behind a link, be it of a folder or of the file', async () => {
      await put('real')
      await symlink(join(inbox, 'real'), join(inbox, 'x'))
      await symlink(join(inbox, 'a'), join(inbox, 'linked'))
      await put('a/y')
      expect(await look('x')).toBeNull()
      expect(await look('linked/y')).toBeNull()
      expect(await look('a/y')).not.toBeNull()
    })

    test('a pipe, at once', async () => {
      await promisify(execFile)('mkfifo', [join(inbox, 'x')])
      const time = (await stat(join(inbox, 'x'))).mtimeMs
      expect(await look('x', { size: 0, mtime: Math.trunc(time) })).toBeNull()
    })
  }
})

describe('what is in the inbox is not this transfer’s to touch', () => {
  test('a block that differs is not written, and discarding leaves the file', async () => {
    const path = await put('x')
    const sink = (await look('x'))!
    await expect(sink.write(0, new Uint8Array(10))).rejects.toMatchObject({ code: 'source-changed' })
    await sink.discard()
    expect(await readFile(path)).toEqual(CONTENT)
    expect((await readdir(inbox)).sort()).toEqual(['a', 'x'])
  })

  test.each([
    ['grew', (path: string) => appendFile(path, 'x')],
    ['was written again', (path: string) => writeFile(path, 'abcdefghij')],
    [
      'was replaced',
      async (path: string) => {
        await rm(path)
        await put('x')
      },
    ],
    ['went away', (path: string) => rm(path)],
  ])('one that %s after it was hashed is not said to have come', async (_, change) => {
    const path = await put('x')
    // Holds the number of the file on disk: a new file would get it again.
    await link(path, join(scratch, 'held'))
    const sink = (await look('x'))!
    await change(path)
    await expect(sink.finish()).rejects.toMatchObject({ code: 'source-changed' })
  })
})

test('hashing ends when nobody wants it any more', async () => {
  await put('x', Buffer.alloc(MIB))
  const reason = new Error('enough')
  await expect(look('x', { size: MIB, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})
