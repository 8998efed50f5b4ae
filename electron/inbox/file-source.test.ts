import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileSource } from './file-source.ts'

/** Windows has neither pipes nor devices in folders, and lets only administrators make links. */
const POSIX = process.platform !== 'win32'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-source-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const CONTENT = Buffer.from('0123456789'.repeat(1_000))

async function make(name = 'a.bin'): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, CONTENT)
  return path
}

const fifo = (path: string) => promisify(execFile)('mkfifo', [path])

describe('a file to send', () => {
  test('is described and read, piece by piece', async () => {
    const path = await make('größe 图.bin')
    await utimes(path, 1_500_000_000.5, 1_500_000_000.5)
    const source = await fileSource(path)
    expect(source).toMatchObject({ name: 'größe 图.bin', size: 10_000, mtime: 1_500_000_000_500 })
    const open = await source.open()
    const pieces = [await open.read(0, 4_000), await open.read(4_000, 6_000)]
    expect(Buffer.concat(pieces)).toEqual(CONTENT)
    // Its own memory, not a window on somebody else's.
    expect(pieces.map((piece) => piece.buffer.byteLength)).toEqual([4_000, 6_000])
    expect(await open.finish()).toEqual({ sha256: createHash('sha256').update(CONTENT).digest('hex') })
    await open.close()
  })

  test('of nothing', async () => {
    const path = join(folder, 'empty')
    await writeFile(path, '')
    const open = await (await fileSource(path)).open()
    expect(await open.finish()).toEqual({ sha256: createHash('sha256').digest('hex') })
    await open.close()
  })

  if (POSIX) {
    test('may be reached through a link, under the link’s name', async () => {
      await symlink(await make(), join(folder, 'link'))
      expect(await fileSource(join(folder, 'link'))).toMatchObject({ name: 'link', size: 10_000 })
    })
  }
})

describe('blocks in any order', () => {
  const whole = { sha256: createHash('sha256').update(CONTENT).digest('hex') }

  test.each([
    ['the first half is at the receiver already', [[5_000, 5_000]]],
    [
      'one is wanted again',
      [
        [0, 5_000],
        [0, 5_000],
        [5_000, 5_000],
      ],
    ],
    [
      'swapped',
      [
        [5_000, 5_000],
        [0, 5_000],
      ],
    ],
    ['all of it is there', []],
  ] as const)('%s: the hash is that of the whole', async (_, reads) => {
    const open = await (await fileSource(await make())).open()
    for (const [offset, length] of reads) {
      expect(Buffer.from(await open.read(offset, length))).toEqual(CONTENT.subarray(offset, offset + length))
    }
    expect(await open.finish()).toEqual(whole)
    await open.close()
  })

  test('two lanes read side by side', async () => {
    const open = await (await fileSource(await make())).open()
    const pieces = await Promise.all(Array.from({ length: 10 }, (_, i) => open.read(i * 1_000, 1_000)))
    expect(Buffer.concat(pieces)).toEqual(CONTENT)
    expect(await open.finish()).toEqual(whole)
    await open.close()
  })
})

describe('what is no file is refused at once', () => {
  test.each(['nothing', 'folder', ...(POSIX ? ['pipe', 'link to nothing'] : [])])('%s', async (what) => {
    const path = join(folder, what)
    if (what === 'folder') await mkdir(path)
    if (what === 'pipe') await fifo(path)
    if (what === 'link to nothing') await symlink(join(folder, 'gone'), path)
    await expect(fileSource(path)).rejects.toMatchObject({ code: 'source-changed' })
  })

  if (POSIX) {
    test.runIf(process.platform === 'linux')('one that says it is empty and is not', async () => {
      await expect(fileSource('/proc/self/status')).rejects.toMatchObject({ code: 'source-changed' })
    })

    test('a device', async () => {
      await expect(fileSource('/dev/null')).rejects.toMatchObject({ code: 'source-changed' })
    })
  }
})

describe('a file that is not the one that was offered', () => {
  const CHANGES: Record<string, (path: string) => Promise<unknown>> = {
    shrank: (path) => truncate(path, 5_000),
    'was written again': (path) =>
      writeFile(
        path,
        CONTENT.map((byte) => byte + 1),
      ).then(() => utimes(path, 1, 1)),
    'was replaced': async (path) => rename(await make('other'), path),
    'became a folder': (path) => rm(path).then(() => mkdir(path)),
    // Opening a pipe waits for its other end, which would never come.
    ...(POSIX && { 'became a pipe': (path: string) => rm(path).then(() => fifo(path)) }),
    'was deleted': (path) => rm(path),
  }

  test.each(Object.keys(CHANGES))('F97 %s before it was opened', async (change) => {
    const path = await make()
    const source = await fileSource(path)
    await CHANGES[change]?.(path)
    await expect(source.open()).rejects.toMatchObject({ code: 'source-changed' })
  })

  test.each(['was written again', 'shrank'])('F97 %s while it was read', async (change) => {
    const path = await make()
    const open = await (await fileSource(path)).open()
    await open.read(0, 4_000)
    await CHANGES[change]?.(path)
    const rest = open.read(4_000, 6_000).then(() => open.finish())
    await expect(rest).rejects.toMatchObject({ code: 'source-changed' })
    await open.close()
  })

  test('one to which was only added is what it was', async () => {
    const path = await make()
    const source = await fileSource(path)
    await appendFile(path, 'before')
    const open = await source.open()
    const start = await open.read(0, 4_000)
    await appendFile(path, 'meanwhile')
    expect(Buffer.concat([start, await open.read(4_000, 6_000)])).toEqual(CONTENT)
    expect(await open.finish()).toEqual({ sha256: createHash('sha256').update(CONTENT).digest('hex') })
    await open.close()
  })

  test('one that was written again and is larger now is another', async () => {
    const path = await make()
    const source = await fileSource(path)
    const open = await source.open()
    await open.read(0, 10_000)
    await writeFile(path, Buffer.alloc(20_000))
    await expect(open.finish()).rejects.toMatchObject({ code: 'source-changed' })
    await open.close()
    await expect(source.open()).rejects.toMatchObject({ code: 'source-changed' })
  })

  test('deleted while it was read: its bytes are still there, and they are sent', async () => {
    const path = await make()
    const open = await (await fileSource(path)).open()
    await rm(path)
    expect(Buffer.from(await open.read(0, 10_000))).toEqual(CONTENT)
    await expect(open.finish()).resolves.toHaveProperty('sha256')
    await open.close()
  })

  test('F97 replaced by another of its name while it was read', async () => {
    const path = await make()
    const open = await (await fileSource(path)).open()
    await open.read(0, 4_000)
    await rename(await make('other'), path)
    await open.read(4_000, 6_000)
    await expect(open.finish()).rejects.toMatchObject({ code: 'source-changed' })
    await open.close()
  })

  test('F97 a large one is looked at every 64 MiB, not only at its end', async () => {
    const path = join(folder, 'large')
    await writeFile(path, '')
    await truncate(path, 200 * 1_048_576)
    const open = await (await fileSource(path)).open()
    await open.read(0, 1_048_576)
    await utimes(path, 1, 1)
    let failedAt = 0
    for (let block = 1; block < 200 && failedAt === 0; block++) {
      await open.read(block * 1_048_576, 1_048_576).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'source-changed' })
        failedAt = block
      })
    }
    expect(failedAt).toBe(63)
    await open.close()
  })

  test('can be sent as it is now', async () => {
    const path = await make()
    const source = await fileSource(path)
    await appendFile(path, 'x')
    const again = await source.again?.()
    expect(again).toMatchObject({ name: 'a.bin', size: 10_001 })
    await (await again?.open())?.close()
  })
})
