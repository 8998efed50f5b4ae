import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { Suspended } from '#transfer/errors.ts'
import {
  blockOf,
  complete,
  content,
  DATA,
  give,
  IN,
  offerOf,
  OTHER,
  PHONE,
  rootOf,
  sha256,
  Stage,
} from './testing/stage.ts'

const FILE = content(4 * BLOCK_BYTES + 9)
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const here = (have: readonly (string | undefined)[]): number[] =>
  have.flatMap((hash, i) => (hash === undefined ? [] : i))

/** A file of which these blocks arrived before it was suspended. */
async function suspended(stage: Stage, ...blocks: number[]) {
  const offer = offerOf(FILE)
  const sink = await stage.inbox.open(PHONE, offer)
  await give(sink, FILE, ...blocks)
  await sink.suspend()
  return { offer, part: `${IN}/${stage.parts[0] ?? ''}`, journal: `${DATA}/${stage.journals[0] ?? ''}` }
}

describe('what is kept', () => {
  test('is listed with what there is of it, while it is not arriving', async () => {
    const stage = new Stage()
    const { offer } = await suspended(stage, 0, 4)
    const at = stage.clock.now()
    const expected = {
      deviceId: PHONE,
      id: offer.id,
      name: 'film.bin',
      folders: [],
      size: FILE.byteLength,
      mtime: 0,
      at,
    }
    expect(stage.inbox.parts()).toMatchObject([{ ...expected, kept: BLOCK_BYTES + 9 }])
    expect([stage.inbox.partsOf(PHONE).length, stage.inbox.partsOf(OTHER).length]).toEqual([1, 0])
    const sink = await stage.inbox.open(PHONE, offer)
    expect(stage.inbox.parts()).toEqual([])
    await complete(sink, FILE)
    expect([stage.inbox.parts(), stage.parts, stage.journals]).toEqual([[], [], []])
  })

  test('is removed when a person says so, but not while it arrives', async () => {
    const stage = new Stage()
    const { offer } = await suspended(stage, 0)
    const key = stage.inbox.parts()[0]?.key ?? ''
    const sink = await stage.inbox.open(PHONE, offer)
    await stage.inbox.removePart(key)
    expect(here(sink.have)).toEqual([0])
    await sink.suspend()
    await stage.inbox.removePart(key)
    await stage.inbox.removePart('nothing')
    expect([stage.inbox.parts(), stage.parts, stage.journals]).toEqual([[], [], []])
  })

  test('survives the end of the program without a word (kill -9), as far as it was made safe', async () => {
    const stage = new Stage()
    const offer = offerOf(FILE)
    const sink = await stage.inbox.open(PHONE, offer)
    await give(sink, FILE, 0, 2)
    stage.clock.pass(5_000)
    await expect.poll(() => stage.journals).toHaveLength(1)
    await give(sink, FILE, 3)
    const again = await stage.restart().open(PHONE, offer)
    expect(here(again.have)).toEqual([0, 2])
    expect((await complete(again, FILE)).sha256).toBe(sha256(FILE))
  })

  test('is nothing when nothing was kept: no part is left', async () => {
    const stage = new Stage()
    const sink = await stage.inbox.open(PHONE, offerOf(FILE))
    await sink.write(0, blockOf(FILE, 0))
    await sink.suspend()
    expect([stage.inbox.parts(), stage.parts]).toEqual([[], []])
  })

  test('a block that is being written again is kept no more, whatever happens then', async () => {
    const stage = new Stage()
    const { offer } = await suspended(stage, 0, 1)
    const sink = await stage.inbox.open(PHONE, offer)
    await sink.write(1, new Uint8Array(BLOCK_BYTES))
    const again = await stage.restart().open(PHONE, offer)
    expect(here(again.have)).toEqual([0])
  })

  test('is kept 7 days, and then goes with its part', async () => {
    const stage = new Stage()
    await suspended(stage, 0)
    stage.clock.pass(7 * DAY_MS - HOUR_MS)
    await stage.restart().start()
    expect(stage.inbox.parts()).toHaveLength(1)
    stage.clock.pass(2 * HOUR_MS)
    await stage.restart().start()
    expect([stage.inbox.parts(), stage.parts, stage.journals]).toEqual([[], [], []])
  })

  test.each([DAY_MS, -DAY_MS, HOUR_MS, -HOUR_MS])('G107: stays where the clock jumps by %d ms', async (jump) => {
    const stage = new Stage()
    const { offer } = await suspended(stage, 0)
    stage.clock.ms += jump
    expect(stage.inbox.parts()).toHaveLength(1)
    await stage.restart().start()
    expect(stage.inbox.parts()).toHaveLength(1)
    const sink = await stage.inbox.open(PHONE, offer)
    expect(here(sink.have)).toEqual([0])
    // And what comes now is made safe all the same.
    await give(sink, FILE, 1)
    stage.clock.pass(10_000)
    await sink.suspend()
    stage.clock.ms -= jump
    expect(here((await stage.restart().open(PHONE, offer)).have)).toEqual([0, 1])
  })

  test('more than 5 GB in all: the oldest go first, the newest stays', async () => {
    const stage = new Stage()
    for (const name of ['a', 'b', 'c']) {
      const sink = await stage.inbox.open(PHONE, offerOf(FILE, { name }))
      await give(sink, FILE, 0)
      await sink.suspend()
      stage.clock.pass(HOUR_MS)
    }
    // What matters is what the journals say: 2 GB of each are kept.
    for (const path of stage.journals) {
      const journal = JSON.parse(stage.disk.text(`${DATA}/${path}`)) as object
      const hashes = Array<string>(2_000).fill('0'.repeat(64))
      stage.disk.put(`${DATA}/${path}`, JSON.stringify({ ...journal, hashes, size: 2_000 * BLOCK_BYTES }))
    }
    await stage.restart().start()
    expect(
      stage.inbox
        .parts()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['b', 'c'])
    expect(stage.parts).toHaveLength(2)
  })
})

describe('F93 a journal that makes no sense', () => {
  test.each([
    ['empty', () => ''],
    ['cut off', (text: string) => text.slice(0, 100)],
    ['no JSON', () => '\0\0\0\0'],
    ['of another version', (text: string) => text.replace('"v":1', '"v":2')],
    ['of more blocks than the file has', (text: string) => text.replace('"size":4194313', '"size":1')],
    ['of another transfer', (text: string) => text.replace(/"id":"[0-9a-f]{8}/u, '"id":"00000000')],
    ['with a hash that is none', (text: string) => text.replace(/"hashes":\["[0-9a-f]{8}/u, '"hashes":["x')],
  ])('%s: it goes, its part too, and the file comes from the beginning', async (_, change) => {
    const stage = new Stage()
    const { offer, journal } = await suspended(stage, 0, 1)
    stage.disk.put(journal, change(stage.disk.text(journal)))
    await stage.restart().start()
    expect([stage.inbox.parts(), stage.journals, stage.parts]).toEqual([[], [], []])
    const sink = await stage.inbox.open(PHONE, offer)
    expect(here(sink.have)).toEqual([])
    expect((await complete(sink, FILE)).sha256).toBe(sha256(FILE))
  })

  test('and a ledger that makes none costs the memory of what has landed, nothing else', async () => {
    const stage = new Stage()
    const { offer } = await suspended(stage, 0, 1)
    const ledger = stage.disk.tree(DATA).find((path) => path.endsWith('.log')) ?? ''
    stage.disk.put(`${DATA}/${ledger}`, 'nonsense\n{"t":"part"}\n{"t":"landed","id":7}\n\0')
    expect(here((await stage.restart().open(PHONE, offer)).have)).toEqual([0, 1])
  })
})

describe('F94 a part that somebody touched while it was paused', () => {
  test.each([true, false])('edited: only what is still right is used (restarted: %s)', async (restarted) => {
    const stage = new Stage()
    const { offer, part } = await suspended(stage, 0, 1, 2, 4)
    stage.disk.edit(part, (bytes) => {
      bytes[BLOCK_BYTES + 5]! ^= 1
      return bytes
    })
    if (restarted) stage.restart()
    const sink = await stage.inbox.open(PHONE, offer)
    expect(here(sink.have)).toEqual([0, 2, 4])
    expect((await complete(sink, FILE)).sha256).toBe(sha256(FILE))
    expect(sha256(stage.disk.bytes(`${IN}/film.bin`))).toBe(sha256(FILE))
  })

  test.each([
    ['shorter', BLOCK_BYTES + 9, [0]],
    ['longer', FILE.byteLength + 1_000, [0, 1, 2, 4]],
  ])('made %s', async (_, size, left) => {
    const stage = new Stage()
    const { offer, part } = await suspended(stage, 0, 1, 2, 4)
    stage.disk.edit(part, (bytes) => {
      const out = new Uint8Array(size)
      out.set(bytes.subarray(0, size))
      return out
    })
    const sink = await stage.restart().open(PHONE, offer)
    expect(here(sink.have)).toEqual(left)
    await complete(sink, FILE)
    expect(sha256(stage.disk.bytes(`${IN}/film.bin`))).toBe(sha256(FILE))
  })

  test.each([true, false])('deleted: from the beginning (restarted: %s)', async (restarted) => {
    const stage = new Stage()
    const { offer, part } = await suspended(stage, 0, 1)
    stage.disk.take(part)
    if (restarted) stage.restart()
    const sink = await stage.inbox.open(PHONE, offer)
    expect(here(sink.have)).toEqual([])
    expect((await complete(sink, FILE)).sha256).toBe(sha256(FILE))
  })

  test('a link in its place is not followed, nor removed', async () => {
    const stage = new Stage()
    const { offer, part } = await suspended(stage, 0, 1)
    stage.disk.put('/outside/precious', 'mine')
    stage.disk.take(part)
    stage.disk.symlink('/outside/precious', part)
    const sink = await stage.restart().open(PHONE, offer)
    expect(here(sink.have)).toEqual([])
    await complete(sink, FILE)
    expect(stage.disk.text('/outside/precious')).toBe('mine')
  })
})

describe('F98 a source that changed', () => {
  test.each([
    ['size', { size: FILE.byteLength - 1 }],
    ['time', { mtime: 5 }],
    ['name', { name: 'other.bin' }],
    ['folder', { path: ['sub'] }],
  ])('another %s by the same id: from the beginning, and the old part goes', async (_, change) => {
    const stage = new Stage()
    const { offer } = await suspended(stage, 0, 1)
    const sink = await stage.inbox.open(PHONE, { ...offer, ...change })
    expect(here(sink.have)).toEqual([])
    expect(stage.parts).toHaveLength(1)
    await sink.discard()
    expect([stage.parts, stage.journals, stage.inbox.parts()]).toEqual([[], [], []])
  })
})

test('F99 another device that says the same id, size and time gets nothing of it, and harms nothing', async () => {
  const stage = new Stage()
  const { offer } = await suspended(stage, 0, 1)
  const thief = await stage.restart().open(OTHER, offer)
  expect(here(thief.have)).toEqual([])
  await thief.discard()
  expect(stage.inbox.landed(OTHER, offer.id)).toBeNull()
  const sink = await stage.inbox.open(PHONE, offer)
  expect(here(sink.have)).toEqual([0, 1])
  await complete(sink, FILE)
  expect(stage.inbox.landed(OTHER, offer.id)).toBeNull()
})

describe('F100 a journal or a ledger that was written in by somebody else', () => {
  const PRECIOUS = '/outside/.film.bin.0123abcd.part'

  test.each([
    ['part', '../outside/.film.bin.0123abcd.part'],
    ['part', PRECIOUS],
    ['part', 'photo.jpg'],
    ['part', '.photo.jpg'],
    ['folders', ['..', 'outside']],
    ['folders', ['sub']],
    ['folders', ['/outside']],
    ['name', '../outside/x'],
  ])(
    '%s = %j: nothing outside is read, written or removed, and nothing inside but our own parts',
    async (field, value) => {
      const stage = new Stage()
      const { offer, journal } = await suspended(stage, 0, 1)
      stage.disk.put(PRECIOUS, 'mine')
      stage.disk.put(`${IN}/photo.jpg`, 'mine')
      stage.disk.put(`${IN}/.photo.jpg`, 'mine')
      stage.disk.symlink('/outside', `${IN}/sub`)
      const part = '.film.bin.0123abcd.part'
      const text = JSON.parse(stage.disk.text(journal)) as object
      stage.disk.put(journal, JSON.stringify({ ...text, part, [field]: value }))
      const line = {
        t: 'part',
        device: PHONE,
        id: offer.id,
        folders: [],
        name: 'film.bin',
        part,
        size: 9,
        [field]: value,
      }
      const ledger = `${DATA}/${stage.disk.tree(DATA).find((path) => path.endsWith('.log')) ?? ''}`
      stage.disk.put(
        ledger,
        `${stage.disk.text(ledger)}${JSON.stringify(line)}\n${JSON.stringify({ ...line, t: 'naming', root: '0'.repeat(64) })}\n`,
      )
      const sink = await stage.restart().open(PHONE, offer)
      expect(here(sink.have)).toEqual([])
      await complete(sink, FILE)
      expect([PRECIOUS, `${IN}/photo.jpg`, `${IN}/.photo.jpg`].map((path) => stage.disk.text(path))).toEqual([
        'mine',
        'mine',
        'mine',
      ])
      expect(stage.disk.tree('/outside')).toEqual(['.film.bin.0123abcd.part'])
    },
  )

  test('a part that nobody wrote down is a person’s own', async () => {
    const stage = new Stage()
    stage.disk.put(`${IN}/.mine.0123abcd.part`, 'mine')
    await stage.restart().start()
    expect(stage.disk.text(`${IN}/.mine.0123abcd.part`)).toBe('mine')
  })

  test('a folder, or a link, by the name of a part stays', async () => {
    const stage = new Stage()
    const { part, journal } = await suspended(stage, 0)
    stage.disk.take(part)
    stage.disk.take(journal)
    stage.disk.folder(`${part}/deeper`)
    await stage.restart().start()
    expect(stage.disk.tree(IN)).toHaveLength(2)
  })
})

test('an end while files are being opened leaves none open', async () => {
  const stage = new Stage()
  await stage.inbox.start()
  const opening = Array.from({ length: 4 }, (_, i) => stage.inbox.open(PHONE, offerOf(FILE, { name: `f${i}` })))
  await stage.inbox.close()
  await Promise.all(opening)
  await expect(stage.inbox.open(PHONE, offerOf(FILE))).rejects.toThrow(Suspended)
  const count = (...names: readonly string[]): number => stage.disk.calls.filter((call) => names.includes(call)).length
  expect(count('create', 'reopen', 'append')).toBeGreaterThanOrEqual(4)
  expect(count('file.close')).toBe(count('create', 'reopen', 'append'))
})

describe('what has landed is remembered', () => {
  test.each([
    ['a small file', content(10)],
    ['a large file', FILE],
  ])('%s, also after a crash and a restart', async (_, bytes) => {
    const stage = new Stage()
    const offer = offerOf(bytes)
    expect(stage.inbox.landed(PHONE, offer.id)).toBeNull()
    await complete(await stage.inbox.open(PHONE, offer), bytes)
    const received = { root: rootOf(bytes), name: 'film.bin', path: `${IN}/film.bin` }
    expect(stage.inbox.landed(PHONE, offer.id)).toEqual(received)
    stage.disk.crash()
    await stage.restart().start()
    expect(stage.inbox.landed(PHONE, offer.id)).toEqual(received)
    expect([stage.files, stage.parts]).toEqual([['film.bin'], []])
  })

  test('the last 10,000; the log does not grow without end', async () => {
    const stage = new Stage()
    const offers = Array.from({ length: 10_050 }, (_, i) => offerOf(new Uint8Array(0), { name: `f${i}` }))
    for (let at = 0; at < offers.length; at += 500) {
      await Promise.all(
        offers.slice(at, at + 500).map(async (offer) => (await stage.inbox.open(PHONE, offer)).finish()),
      )
    }
    await stage.inbox.close()
    await stage.restart().start()
    expect(stage.inbox.landed(PHONE, offers.at(-1)?.id ?? '')).not.toBeNull()
    expect(stage.inbox.landed(PHONE, offers[0]?.id ?? '')).toBeNull()
    const ledger = stage.disk.tree(DATA).find((path) => path.endsWith('.log')) ?? ''
    expect(stage.disk.text(`${DATA}/${ledger}`).trim().split('\n')).toHaveLength(10_000)
  })
})
