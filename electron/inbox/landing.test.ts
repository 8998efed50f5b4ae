import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import type { Landed, Sink } from '#transfer/sink.ts'
import { Inbox } from './inbox.ts'
import type { OfferedFile } from './opening.ts'
import { blockOf, complete, content, give, offerOf, OTHER, PHONE, rootOf, sha256 } from './testing/stage.ts'

/** Windows has other modes, and lets only administrators make links. */
const POSIX = process.platform !== 'win32'

let scratch = ''
let folder = ''
let outside = ''
let inbox: Inbox
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lanyard-inbox-'))
  folder = join(scratch, 'inbox')
  outside = join(scratch, 'outside')
  await mkdir(folder)
  await mkdir(outside)
  inbox = new Inbox({ folder, data: join(scratch, 'data') })
})
afterEach(async () => {
  await inbox.close()
  await rm(scratch, { recursive: true, force: true })
})

const text = (words: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(words))
const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
const listing = async (): Promise<string[]> => (await readdir(folder)).sort()
const open = (bytes: Uint8Array, offer: Partial<OfferedFile>): Promise<Sink> => inbox.open(PHONE, offerOf(bytes, offer))

async function receive(bytes: Uint8Array<ArrayBuffer> | string, offer: Partial<OfferedFile>): Promise<Landed> {
  const all = typeof bytes === 'string' ? text(bytes) : bytes
  return complete(await open(all, offer), all)
}

const LARGE = content(2 * BLOCK_BYTES + 77)

describe.each([
  ['a small file', text('one two')],
  ['a large file', LARGE],
])('%s', (_, bytes) => {
  test('lands under its name, with its bytes, their hash and its time', async () => {
    const mtime = Date.UTC(2020, 1, 2)
    const landed = await receive(bytes, { name: 'photo.jpg', mtime })
    expect(landed).toEqual({ name: 'photo.jpg', path: join(folder, 'photo.jpg'), sha256: sha256(bytes) })
    expect(await listing()).toEqual(['photo.jpg'])
    expect(sha256(await readFile(join(folder, 'photo.jpg')))).toBe(sha256(bytes))
    const { mtimeMs, mode } = await stat(join(folder, 'photo.jpg'))
    expect([mtimeMs, mode & 0o777]).toEqual([mtime, POSIX ? 0o644 : 0o666])
  })

  test('C3 with a true time has that; without one, or with one that can’t be, the time when it came', async () => {
    const [old, ahead] = [Date.UTC(1955, 3, 13), Date.UTC(2040, 0, 1)]
    await receive(bytes, { name: 'old', mtime: old })
    await receive(bytes, { name: 'ahead', mtime: ahead })
    expect([(await stat(join(folder, 'old'))).mtimeMs, (await stat(join(folder, 'ahead'))).mtimeMs]).toEqual([
      old,
      ahead,
    ])
    for (const mtime of [0, -5, -11_644_473_600_000, 1_764_000_000, Number.MAX_SAFE_INTEGER]) {
      await receive(bytes, { name: `none ${mtime}`, mtime })
      expect(Math.abs((await stat(join(folder, `none ${mtime}`))).mtimeMs - Date.now())).toBeLessThan(600_000)
    }
  })

  test('D66 never replaces a file, a folder or a link of its name, whether it leads anywhere or not', async () => {
    await writeFile(join(folder, 'a.txt'), 'mine')
    await mkdir(join(folder, 'b'))
    if (POSIX) await symlink(join(outside, 'nowhere'), join(folder, 'c'))
    expect((await receive(bytes, { name: 'a.txt' })).name).toBe('a (2).txt')
    expect((await receive(bytes, { name: 'a.txt' })).name).toBe('a (3).txt')
    expect((await receive(bytes, { name: 'b' })).name).toBe('b (2)')
    if (POSIX) {
      expect((await receive(bytes, { name: 'c' })).name).toBe('c (2)')
      expect(await readlink(join(folder, 'c'))).toBe(join(outside, 'nowhere'))
    }
    expect([await read('a.txt'), await readdir(outside)]).toEqual(['mine', []])
  })

  test('D66 twenty of one name at once: each gets its own', async () => {
    const landed = await Promise.all(Array.from({ length: 20 }, () => receive(bytes, { name: 'same.txt' })))
    expect(new Set(landed.map(({ name }) => name)).size).toBe(20)
    expect(await listing()).toHaveLength(20)
  })

  test('E75 E76 a block that is too long, too short or beyond the end is not written', async () => {
    const sink = await open(bytes, {})
    const first = blockOf(bytes, 0)
    const longer = new Uint8Array(first.byteLength + 1)
    for (const index of [-1, 0.5, 3, NaN]) {
      await expect(sink.write(index, first)).rejects.toMatchObject({ code: 'overrun' })
    }
    await expect(sink.write(0, longer)).rejects.toMatchObject({ code: 'overrun' })
    await expect(sink.write(0, first.subarray(1))).rejects.toMatchObject({ code: 'overrun' })
    expect((await complete(sink, bytes)).sha256).toBe(sha256(bytes))
  })

  test('E76 with a block missing, or written and not kept, is never finished', async () => {
    const sink = await open(bytes, {})
    await expect(sink.finish()).rejects.toMatchObject({ code: 'corrupt' })
    await sink.write(0, blockOf(bytes, 0))
    await expect(sink.finish()).rejects.toMatchObject({ code: 'corrupt' })
    await sink.discard()
    expect(await listing()).toEqual([])
  })

  test('E77 E80 a block that comes again is the one that counts', async () => {
    const sink = await open(bytes, {})
    const wrong = new Uint8Array(blockOf(bytes, 0).byteLength)
    await sink.write(0, wrong)
    await give(sink, bytes, 0, 0)
    expect((await complete(sink, bytes)).sha256).toBe(sha256(bytes))
    expect(sha256(await readFile(join(folder, 'film.bin')))).toBe(sha256(bytes))
  })

  test('E81 whose root is not that of its blocks gets no name and nothing of it is used again', async () => {
    const offer = offerOf(bytes)
    const sink = await inbox.open(PHONE, offer)
    for (const i of bytes === LARGE ? [0, 1, 2] : [0]) await give(sink, bytes, i)
    await expect(sink.finish(rootOf(text('other')))).rejects.toMatchObject({ code: 'corrupt' })
    await sink.suspend()
    expect([inbox.parts(), await listing()]).toEqual([[], []])
    expect((await inbox.open(PHONE, offer)).have.filter((hash) => hash !== undefined)).toEqual([])
  })

  test('discarded at any time, also twice, leaves nothing', async () => {
    const early = await open(bytes, {})
    const late = await open(bytes, {})
    await give(late, bytes, 0)
    await Promise.all([early.discard(), late.discard()])
    await late.discard()
    expect(await listing()).toEqual([])
  })

  test('discarded after it has landed stays', async () => {
    const sink = await open(bytes, {})
    await complete(sink, bytes)
    await sink.discard()
    expect(await listing()).toEqual(['film.bin'])
  })

  test('D69 whose name runs when it is looked at is named visibly, and nothing else happens', async () => {
    for (const name of [
      'desktop.ini',
      'autorun.inf',
      'a.lnk',
      'a.url',
      'a.scf',
      'a.library-ms',
      '.bashrc',
      'a.desktop',
    ]) {
      const landed = await receive(bytes, { name })
      expect(landed.name).toBe(name === '.bashrc' ? 'bashrc' : name)
      if (POSIX) expect((await stat(landed.path ?? '')).mode & 0o111).toBe(0)
    }
  })
})

test('a file of nothing', async () => {
  expect((await receive('', { name: 'empty' })).sha256).toBe(sha256(text('')))
  expect(await read('empty')).toBe('')
})

test('blocks in any order', async () => {
  const sink = await open(LARGE, {})
  await give(sink, LARGE, 2, 0, 1)
  expect((await sink.finish()).sha256).toBe(sha256(LARGE))
})

test('a large file is nobody else’s to read while it is not whole, and no file of ours is among those that a person sees', async () => {
  const sink = await open(LARGE, { name: `${'n'.repeat(36)}😀.bin` })
  const [part = ''] = await listing()
  expect(part).toMatch(/^\.n{36}😀\.[0-9a-f]{8}\.part$/u)
  expect((await stat(join(folder, part))).mode & 0o777).toBe(POSIX ? 0o600 : 0o666)
  await sink.discard()
})

test('a small file is not on the disk at all before it is whole', async () => {
  const sink = await open(text('x'), {})
  await give(sink, text('x'), 0)
  expect(await listing()).toEqual([])
  await sink.discard()
})

describe('folders', () => {
  test('are made as they are offered', async () => {
    const landed = await receive('x', { name: 'a.txt', path: ['holiday', 'day 1'] })
    expect(landed.path).toBe(join(folder, 'holiday', 'day 1', 'a.txt'))
    await receive('y', { name: 'a.txt', path: ['holiday', 'day 1'] })
    expect((await readdir(join(folder, 'holiday', 'day 1'))).sort()).toEqual(['a (2).txt', 'a.txt'])
  })

  test.each([[['..']], [['a', '../b']], [['/etc']], [['C:']], [['a\\b']], [Array<string>(33).fill('a')]])(
    'that lead elsewhere are refused: %j',
    async (path) => {
      await expect(open(text('x'), { path })).rejects.toMatchObject({ code: 'bad-name' })
      expect([await listing(), await readdir(outside)]).toEqual([[], []])
    },
  )

  test('a file in the place of a folder is refused', async () => {
    await writeFile(join(folder, 'sub'), 'mine')
    await expect(open(text('x'), { path: ['sub'] })).rejects.toMatchObject({ code: 'bad-name' })
  })

  if (POSIX) {
    test('D67 a link in the inbox that leads outside is refused; nothing is made outside', async () => {
      await symlink(outside, join(folder, 'sub'))
      for (const path of [['sub'], ['sub', 'deeper']]) {
        for (const bytes of [text('x'), LARGE]) {
          await expect(open(bytes, { path })).rejects.toMatchObject({ code: 'bad-name' })
        }
      }
      expect(await readdir(outside)).toEqual([])
    })

    test('D67 the inbox itself may be a link: its owner has put it there', async () => {
      await symlink(folder, join(outside, 'link'))
      const linked = new Inbox({ folder: join(outside, 'link'), data: join(scratch, 'data') })
      for (const bytes of [text('x'), LARGE]) await complete(await linked.open(PHONE, offerOf(bytes)), bytes)
      await linked.close()
      expect(await listing()).toEqual(['film (2).bin', 'film.bin'])
    })

    test.each([
      ['small', text('x')],
      ['large', LARGE],
    ])('D68 a link that takes a folder’s place while a %s file comes gets nothing', async (_, bytes) => {
      const sink = await open(bytes, { path: ['sub'] })
      await give(sink, bytes, 0)
      await rm(join(folder, 'sub'), { recursive: true })
      await symlink(outside, join(folder, 'sub'))
      await expect(complete(sink, bytes)).rejects.toMatchObject({ code: 'disk-error' })
      await sink.suspend()
      expect(await readdir(outside)).toEqual([])
    })

    test('D68 a link at the final name is neither followed nor replaced', async () => {
      const sink = await open(LARGE, { name: 'a' })
      await symlink(join(outside, 'x'), join(folder, 'a'))
      expect((await complete(sink, LARGE)).name).toBe('a (2)')
      expect(await readdir(outside)).toEqual([])
    })
  }
})

describe('the same transfer', () => {
  test('E78 of the same device goes on with what is there; of another device it is a new one', async () => {
    const offer = offerOf(LARGE)
    const sink = await inbox.open(PHONE, offer)
    await give(sink, LARGE, 1)
    await sink.suspend()
    const other = await inbox.open(OTHER, offer)
    expect(other.have.filter((hash) => hash !== undefined)).toEqual([])
    await other.discard()
    const again = await inbox.open(PHONE, offer)
    expect([...again.have]).toEqual([undefined, sha256(blockOf(LARGE, 1))])
    expect((await complete(again, LARGE)).sha256).toBe(sha256(LARGE))
  })

  test('E78 twice at once is refused; the first goes on', async () => {
    for (const bytes of [text('x'), LARGE]) {
      const offer = offerOf(bytes)
      const sink = await inbox.open(PHONE, offer)
      await expect(inbox.open(PHONE, offer)).rejects.toMatchObject({ code: 'not-allowed' })
      await complete(sink, bytes)
    }
    expect(await listing()).toHaveLength(2)
  })

  test('E79 after its end takes no more', async () => {
    const sink = await open(LARGE, {})
    await complete(sink, LARGE)
    await expect(sink.write(0, blockOf(LARGE, 0))).rejects.toMatchObject({ code: 'failed' })
    await expect(sink.finish()).rejects.toMatchObject({ code: 'failed' })
  })
})

test('goes on where it was after the program ended, on this disk', async () => {
  const offer = offerOf(LARGE, { mtime: 1_700_000_000_000, path: ['sub'] })
  await give(await inbox.open(PHONE, offer), LARGE, 2, 0)
  await inbox.close()
  inbox = new Inbox({ folder, data: join(scratch, 'data') })
  await inbox.start()
  expect(inbox.partsOf(PHONE)).toMatchObject([{ name: 'film.bin', kept: BLOCK_BYTES + 77, size: LARGE.byteLength }])
  const sink = await inbox.open(PHONE, offer)
  expect(sink.have.map((hash) => hash !== undefined)).toEqual([true, false, true])
  const landed = await complete(sink, LARGE)
  expect(landed.sha256).toBe(sha256(LARGE))
  expect(inbox.landed(PHONE, offer.id)).toMatchObject({ root: rootOf(LARGE), path: landed.path })
  expect((await lstat(landed.path ?? '')).mtimeMs).toBe(1_700_000_000_000)
  expect(await readdir(join(folder, 'sub'))).toEqual(['film.bin'])
})

test('a folder that is not there, or is none', async () => {
  await writeFile(join(outside, 'file'), '')
  for (const bad of [join(folder, 'gone'), join(outside, 'file')]) {
    const none = new Inbox({ folder: bad, data: join(scratch, 'data') })
    await expect(none.open(PHONE, offerOf(text('x')))).rejects.toMatchObject({ code: 'disk-error' })
  }
})
