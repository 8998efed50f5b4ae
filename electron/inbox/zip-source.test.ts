import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { fromBufferPromise, RandomAccessReader, fromRandomAccessReaderPromise, type ZipFile } from 'yauzl'
import { TransferError } from '#transfer/errors.ts'
import type { OpenSource, Source } from '#transfer/source.ts'
import { fileSource } from './file-source.ts'
import { zipSource, type ZipEntry } from './zip-source.ts'
import type { OpenEntry } from './zip-contents.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30
const MADE = new Date(2026, 0, 2, 3, 4, 6).getTime()

/** How many files are open. */
let open = 0
afterEach(() => {
  expect(open).toBe(0)
})

const holding = (content: Uint8Array): (() => Promise<OpenEntry>) => {
  return async () => {
    open++
    return {
      read: async (at, length) => new Uint8Array(content.subarray(at, at + length)),
      finish: async () => {},
      close: async () => {
        open--
      },
    }
  }
}

function entry(path: string, content: Uint8Array | string, more: Partial<ZipEntry> = {}): ZipEntry {
  const bytes = Buffer.from(content)
  const parts = path.split('/')
  return {
    path: parts.slice(0, -1),
    name: parts.at(-1)!,
    size: bytes.length,
    mtime: MADE,
    open: holding(bytes),
    ...more,
  }
}

const ZEROS = new Uint8Array(MIB)
/** Bytes that cost nothing to have. */
const zeros = async (): Promise<OpenEntry> => ({ read: async (_at, length) => ZEROS.slice(0, length), finish: async () => {}, close: async () => {} }) // prettier-ignore

async function readAll(source: Source, piece = MIB): Promise<Buffer> {
  const opened = await source.open()
  const parts: Uint8Array[] = []
  for (let at = 0; at < source.size; at += piece) parts.push(await opened.read(at, Math.min(piece, source.size - at)))
  await expect(opened.read(source.size, 1)).rejects.toMatchObject({ code: 'source-changed' })
  await opened.close()
  return Buffer.concat(parts)
}

/** As somebody else's program sees it. */
async function unpack(zip: ZipFile): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for await (const got of zip.eachEntry()) {
    const content = await buffer(await zip.openReadStreamPromise(got))
    expect([got.fileName, got.crc32, got.compressionMethod]).toEqual([got.fileName, crc32(content), 0])
    expect(got.generalPurposeBitFlag & 0x800).toBe(0x800)
    files.set(got.fileName, content)
  }
  return files
}

describe('many files as one zip', () => {
  test('are unpacked by another program as they were, with folders, names and times', async () => {
    const big = randomBytes(3 * MIB + 7)
    const entries = [
      entry('a.txt', 'a'),
      entry('Größe/图 🎉.bin', big),
      entry('Größe/nothing', ''),
      entry('a.txt', 'b'),
    ]
    const source = zipSource('Bilder.zip', entries)
    const bytes = await readAll(source)
    expect([source.name, source.mime, bytes.length]).toEqual(['Bilder.zip', 'application/zip', source.size])
    const zip = await fromBufferPromise(bytes)
    const files = await unpack(zip)
    expect([...files.keys()]).toEqual(['a.txt', 'Größe/图 🎉.bin', 'Größe/nothing', 'a (2).txt'])
    expect([...files.values()].map((file) => file.toString('latin1'))).toEqual(['a', big.toString('latin1'), '', 'b'])
  })

  test('keep their times, as far as a zip knows them', async () => {
    const made = Date.UTC(2026, 1, 3)
    const old = Date.UTC(1955, 3, 13)
    const times = [MADE, old, new Date(2107, 11, 31, 23, 59, 59).getTime(), 0, -11_644_473_600_000, 1_764_000_000, NaN]
    const bytes = await readAll(zipSource('x.zip', times.map((mtime, n) => entry(`${n}`, '', { mtime })), new Date(made))) // prettier-ignore
    const got: number[] = []
    for await (const one of (await fromBufferPromise(bytes)).eachEntry())
      got.push(one.getLastModDate({ forceDosFormat: true }).getTime())
    expect(got).toEqual([MADE, new Date(1980, 0, 1).getTime(), new Date(2107, 11, 31, 23, 59, 58).getTime(), made, made, made, made]) // prettier-ignore
  })

  test('keep them to the second and in any time zone, where 32 bits can say them and they are known', async () => {
    const old = Date.UTC(1955, 3, 13)
    const times = [MADE + 1_999, old, old + 1_000, Date.UTC(2040, 0, 1), Date.UTC(1880, 0, 1), 0]
    const zip = (mtimes: readonly number[]) => zipSource('x.zip', mtimes.map((mtime, n) => entry(`${n}`, 'x', { mtime })), new Date(MADE)) // prettier-ignore
    const bytes = await readAll(zip(times))
    expect((await unpack(await fromBufferPromise(bytes))).size).toBe(times.length)
    const got: (number | null)[] = []
    for await (const one of (await fromBufferPromise(bytes)).eachEntry()) {
      const field = one.extraFields.find(({ id }) => id === 0x5455)?.data
      got.push(field === undefined ? null : field.readInt32LE(1))
      // The same stands before the bytes, for who reads from the front.
      const local = bytes.readUInt16LE(one.relativeOffsetOfLocalHeader + 28)
      expect(local).toBe(field === undefined ? 0 : 9)
    }
    expect(got).toEqual([MADE / 1_000 + 1, old / 1_000, old / 1_000 + 1, null, null, null])
    expect(zip([old]).etag).not.toBe(zip([old + 1_000]).etag)
  })

  test('made while the clock is not set', async () => {
    const none = { mtime: 0 }
    const source = zipSource('x.zip', [entry('a', 'a', none)], new Date(5_000), [['empty']])
    expect([...(await unpack(await fromBufferPromise(await readAll(source)))).keys()]).toEqual(['a', 'empty/'])
  })

  test('none are a zip as well', async () => {
    const bytes = await readAll(zipSource('x.zip', []))
    expect((await unpack(await fromBufferPromise(bytes))).size).toBe(0)
  })

  test('files of this computer', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lanyard-zip-'))
    const content = randomBytes(2 * MIB)
    await writeFile(join(dir, 'a.bin'), content)
    const file = await fileSource(join(dir, 'a.bin'))
    const files = await unpack(await fromBufferPromise(await readAll(zipSource('x.zip', [{ ...file, path: ['in'] }]))))
    expect(files.get('in/a.bin')?.equals(content)).toBe(true)
    await rm(dir, { recursive: true })
  })

  test('the tag is that of names, sizes and times', () => {
    const tag = (...entries: ZipEntry[]): string => zipSource('x.zip', entries).etag
    const same = tag(entry('a', 'x'))
    expect(tag(entry('a', 'x'))).toBe(same)
    for (const other of [
      [entry('b', 'x')],
      [entry('a', 'xx')],
      [entry('a', 'x', { mtime: MADE + 5_000 })],
      [entry('a', 'x'), entry('b', '')],
    ])
      // prettier-ignore
      expect(tag(...other)).not.toBe(same)
  })
})

describe('reading', () => {
  const entries = Array.from({ length: 9 }, (_, n) => entry(`folder/${n}.bin`, randomBytes(50_000 * n)))

  test('in any order gives the same bytes, by several at once', async () => {
    const source = zipSource('x.zip', entries)
    const bytes = await readAll(source)
    const [one, two] = [await source.open(), await source.open()]
    for (let n = 0; n < 30; n++)
      for (const opened of [one, two]) {
        const at = Math.floor(Math.random() * source.size)
        const length = Math.min(source.size - at, 1 + Math.floor(Math.random() * 200_000))
        expect(Buffer.from(await opened.read(at, length)).equals(bytes.subarray(at, at + length))).toBe(true)
      }
    await Promise.all([one.close(), two.close()])
  })

  test('every piece has memory of its own, and pieces of any size are the same whole', async () => {
    const source = zipSource('x.zip', entries)
    const whole = await readAll(source)
    expect((await readAll(source, 7_919)).equals(whole)).toBe(true)
    const opened = await source.open()
    expect((await opened.read(10, 20)).buffer.byteLength).toBe(20)
    expect(await opened.finish()).toEqual({})
    await opened.close()
  })

  test('going on does not begin again, and going back reads nothing but what is asked for', async () => {
    let opens = 0
    let read = 0
    const files = Array.from({ length: 4 }, (_, n) => entry(`${n}`, randomBytes(5 * MIB)))
    const counted = files.map((file) => ({
      ...file,
      open: async () => {
        opens++
        const opened = await file.open()
        return { ...opened, read: (at: number, length: number) => ((read += length), opened.read(at, length)) }
      },
    }))
    const source = zipSource('x.zip', counted)
    const bytes = await readAll(source, 100_000)
    expect([opens, read]).toEqual([4, 20 * MIB])
    const opened = await source.open()
    expect(Buffer.from(await opened.read(18 * MIB, 1_000)).equals(bytes.subarray(18 * MIB, 18 * MIB + 1_000))).toBe(
      true,
    )
    await opened.close()
    expect([opens, read]).toEqual([5, 20 * MIB + 1_000])
  })
})

describe('a file that is another now', () => {
  const changed = async () => {
    throw new TransferError('source-changed')
  }
  const nothing = async () => {}
  const CHANGES: Record<string, () => Promise<OpenEntry>> = {
    shrank: async () => ({ read: changed, finish: nothing, close: nothing }),
    'gives too few bytes': async () => ({ read: async () => new Uint8Array(3), finish: nothing, close: nothing }),
    'says so itself at its end': async () => ({ ...(await zeros()), finish: changed }),
    'can’t be opened any more': changed,
  }

  test.each(Object.keys(CHANGES))(
    '%s: the rest is a zip without it, the same from wherever it is read',
    async (change) => {
      const bad = { ...entry('b', 'xxxxxxxxxx'), open: CHANGES[change]! }
      const around = [entry('a', randomBytes(3 * MIB)), bad, entry('c', randomBytes(3 * MIB)), entry('d', '')]
      const source = zipSource('x.zip', around, new Date(MADE), [['a folder']])
      const bytes = await readAll(source)
      expect(bytes.length).toBe(source.size)
      const files = await unpack(await fromBufferPromise(bytes))
      expect([...files.keys()]).toEqual(['a', 'c', 'd', 'a folder/'])
      expect(source.left()).toEqual({ skipped: 1, skippedNames: ['b'] })
      for (const piece of [7_919, 2 * MIB]) expect((await readAll(source, piece)).equals(bytes)).toBe(true)
      // Its end alone, and by somebody who begins there.
      const other = zipSource('x.zip', around, new Date(MADE), [['a folder']])
      const opened = await other.open()
      const tail = await opened.read(source.size - 400, 400)
      await opened.close()
      expect(Buffer.from(tail).equals(bytes.subarray(-400))).toBe(true)
    },
  )

  test('with 70,000 others, whose list needs the larger records', { timeout: 60_000 }, async () => {
    const source = zipSource('x.zip', [...many(70_000, 3), { ...entry('bad', 'xxx'), open: CHANGES['shrank']! }])
    const zip = await fromBufferPromise(await readAll(source, 8 * MIB))
    expect([zip.entryCount, (await unpackedSizes(zip)).length]).toEqual([70_000, 70_000])
  })

  test('read by two at once, it is left out once', async () => {
    const source = zipSource('x.zip', [{ ...entry('b', 'xxxxxxxxxx'), open: CHANGES['shrank']! }, entry('a', 'a')])
    const [one, other] = await Promise.all([source.open(), source.open()])
    const all = await Promise.all([one.read(0, source.size), other.read(0, source.size)])
    await Promise.all([one.close(), other.close()])
    for (const bytes of all) expect([...(await unpack(await fromBufferPromise(Buffer.from(bytes)))).keys()]).toEqual(['a']) // prettier-ignore
  })

  test('with all others, as when their drive is pulled out: nothing travels in their place', async () => {
    let isGone = false
    let opens = 0
    const files = Array.from({ length: 1_000 }, (_, n) => entry(`${n}`, ZEROS))
    const there = files.map((file) => ({ ...file, open: () => (opens++, isGone ? changed() : file.open()) }))
    const opened = await zipSource('x.zip', there).open()
    await opened.read(0, 2 * MIB)
    isGone = true
    const reading = async () => {
      for (let at = 2 * MIB; at < 1_000 * MIB; at += MIB) await opened.read(at, MIB)
    }
    await expect(reading()).rejects.toMatchObject({ code: 'source-changed' })
    expect(opens).toBeLessThan(1_010)
    await opened.close()
  })

  test('with the half of them, whatever became of those that were sent: the others arrive', async () => {
    let opens = 0
    const sent = new Set<number>()
    const files = Array.from({ length: 200 }, (_, n) => entry(`${n}`, ZEROS.subarray(0, MIB / 4)))
    const some = files.map((file, n) => ({
      ...file,
      open: async () => {
        opens++
        if (sent.has(n) || (n >= 50 && n < 150)) return changed()
        const opened = await file.open()
        return { ...opened, finish: async () => void sent.add(n) }
      },
    }))
    const source = zipSource('x.zip', some)
    const opened = await source.open()
    for (let at = 0; at < source.size; at += MIB) await opened.read(at, Math.min(MIB, source.size - at))
    await opened.close()
    expect([source.left().skipped, opens < 1_000]).toEqual([100, true])
  })

  test('after its list was given away nothing can be left out any more', async () => {
    let isGone = false
    const goes = { ...entry('a', 'x'), open: async () => (isGone ? changed() : zeros()) }
    const source = zipSource('x.zip', [goes, entry('b', 'y')])
    const bytes = await readAll(source)
    isGone = true
    const opened = await source.open()
    await expect(opened.read(0, 100)).rejects.toMatchObject({ code: 'source-changed' })
    // What is behind it needs nothing of it.
    expect(Buffer.from(await opened.read(100, bytes.length - 100)).equals(bytes.subarray(100))).toBe(true)
    await opened.close()
  })

  test('when no file is left, that is no zip', async () => {
    const opened = await zipSource('x.zip', [{ ...entry('b', 'x'), open: changed }]).open()
    await expect(opened.read(0, 50)).rejects.toMatchObject({ code: 'source-changed' })
    await opened.close()
  })
})

describe('folders without files', () => {
  test('are in it, beside files whose names are theirs on other disks', async () => {
    const folders = [['top', 'empty'], ['top', 'EMPTY'], ['top', 'a:b']] // prettier-ignore
    const source = zipSource('x.zip', [entry('top/empty', 'file'), entry('top/x', 'x')], new Date(MADE), folders)
    const bytes = await readAll(source)
    const zip = await fromBufferPromise(bytes)
    const names = [...(await unpack(zip)).keys()]
    expect(names).toEqual(['top/empty (2)', 'top/x', 'top/empty/', 'top/EMPTY/', 'top/a_b/'])
    expect(bytes.length).toBe(source.size)
  })
})

test('closed in the middle of a long read, it ends and lets go of its file', async () => {
  const source = zipSource('x.zip', [
    { path: [], name: 'a', size: 100 * GIB, mtime: 0, open: counted },
    entry('b', 'b'),
  ])
  const opened = await source.open()
  // Behind the file, where its checksum is.
  const late = opened.read(100 * GIB + 33, 10)
  const seen = late.then(
    () => 'read',
    (error: unknown) => String(error),
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  await opened.close()
  expect(await seen).toContain('closed')
})

test('closed between two reads, it lets go of its file', async () => {
  const source = zipSource('x.zip', [{ path: [], name: 'a', size: 100 * MIB, mtime: 0, open: counted }])
  const opened = await source.open()
  await opened.read(0, 5 * MIB)
  expect(open).toBe(1)
  await opened.close()
  expect(open).toBe(0)
  await expect(opened.read(100, 10)).rejects.toThrow('closed')
})

async function counted(): Promise<OpenEntry> {
  open++
  const opened = await zeros()
  const close = async () => {
    open--
  }
  // As a disk does, it lets others go first.
  const yielding = () => new Promise((resolve) => setImmediate(resolve))
  return { ...opened, read: (at, length) => yielding().then(() => opened.read(at, length)), close }
}

describe('how large it will be', () => {
  test('is what it is, whatever the files', async () => {
    const file = fc.record({ name: fc.string({ unit: 'grapheme', maxLength: 20 }), path: fc.array(fc.constantFrom('a', 'ü', '图'), { maxLength: 3 }), size: fc.oneof(fc.nat(40), fc.nat(70_000)) }) // prettier-ignore
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 40 }), async (files) => {
        const source = zipSource('x.zip', files.map((one) => ({ ...one, mtime: MADE, open: zeros }))) // prettier-ignore
        const bytes = await readAll(source)
        expect(bytes.length).toBe(source.size)
        expect(await unpackedSizes(await fromBufferPromise(bytes))).toEqual(files.map(({ size }) => size))
      }),
      { numRuns: 60 },
    )
  })

  test.each([10_000, 65_534, 65_535, 70_000])('%d files', async (count) => {
    const source = zipSource('x.zip', many(count, 3))
    const zip = await fromBufferPromise(await readAll(source, 8 * MIB))
    expect(zip.entryCount).toBe(count)
    const sizes = await unpackedSizes(zip)
    expect([sizes.length, sizes.every((size) => size === 3)]).toEqual([count, true])
  })

  // By the format's own numbers: APPNOTE.TXT 4.3 and 4.5.3, and Info-ZIP's for a time.
  const STAMP = 9
  const LOCAL = 30 + 3 + STAMP
  const CENTRAL = 46 + 3 + STAMP
  const ENDS = 56 + 20 + 22
  test.each([
    [[4 * GIB - 2], LOCAL + 16 + CENTRAL + ENDS],
    [[4 * GIB - 1], LOCAL + 24 + CENTRAL + 28 + ENDS],
    [[4 * GIB + 1], LOCAL + 24 + CENTRAL + 28 + ENDS],
    [[12 * GIB, 5], 2 * LOCAL + 24 + 16 + 2 * CENTRAL + 28 + 12 + ENDS],
    [[3 * GIB, 3 * GIB], 2 * (LOCAL + 16 + CENTRAL) + ENDS],
    [[3 * GIB, 3 * GIB, 0], 3 * (LOCAL + 16 + CENTRAL) + 12 + ENDS],
  ])('E83: files of %j bytes', (sizes, around) => {
    const entries = sizes.map((size, n) => ({ path: [], name: `${n}.b`, size, mtime: MADE, open: zeros }))
    expect(zipSource('x.zip', entries).size).toBe(sizes.reduce((sum, size) => sum + size, around))
  })
})

const many = (count: number, size: number): ZipEntry[] =>
  Array.from({ length: count }, (_, n) => ({ path: [], name: `${n}.txt`, size, mtime: MADE, open: zeros }))

async function unpackedSizes(zip: ZipFile): Promise<number[]> {
  const sizes: number[] = []
  for await (const { uncompressedSize } of zip.eachEntry()) sizes.push(uncompressedSize)
  return sizes
}

/** The end of something large, as a program sees it that looks for the list of files. */
class Tail extends RandomAccessReader {
  readonly #tail: Buffer
  readonly #from: number
  constructor(tail: Buffer, from: number) {
    super()
    this.#tail = tail
    this.#from = from
  }
  override read(out: Buffer, offset: number, length: number, position: number, done: (error: Error | null) => void) {
    this.#tail.copy(out, offset, position - this.#from, position - this.#from + length)
    done(null)
  }
}

async function tailOf(source: Source, look: () => void): Promise<{ tail: Buffer; from: number }> {
  const opened: OpenSource = await source.open()
  const from = source.size - MIB
  for (let at = 0; at < from; at += MIB) {
    await opened.read(at, Math.min(MIB, from - at))
    look()
  }
  const tail = Buffer.from(await opened.read(from, MIB))
  await opened.close()
  return { tail, from }
}

/** Its sums go over every byte, at a few hundred MB/s: too long for every day, so LANYARD_SOAK asks for the rest. */
const SOAK = process.env['LANYARD_SOAK'] !== undefined

test.each(SOAK ? [[4 * GIB + 1, 5], [3 * GIB, 2 * GIB, 5]] : [[512 * MIB, 5]])('E83: %d bytes and more are made with flat memory, and found by their list', { timeout: SOAK ? 1_200_000 : 120_000 }, async (...sizes) => {
  const source = zipSource('x.zip', sizes.map((size, n) => ({ path: [], name: `${n}.b`, size, mtime: MADE, open: zeros })))
  await tailOf(zipSource('x.zip', [{ path: [], name: 'warm', size: 64 * MIB, mtime: MADE, open: zeros }]), () => {})
  const before = process.memoryUsage.rss()
  let peak = before
  const { tail, from } = await tailOf(source, () => (peak = Math.max(peak, process.memoryUsage.rss())))
  expect(peak - before).toBeLessThan(100 * MIB)
  const zip = await fromRandomAccessReaderPromise(new Tail(tail, from), source.size)
  expect(await unpackedSizes(zip)).toEqual(sizes)
}) // prettier-ignore
