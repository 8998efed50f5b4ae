import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import sqlite from 'node-sqlite3-wasm'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from './open-store.ts'
import { page, record } from './testing/samples.ts'
import type { Store } from './store.ts'

let folder = ''
let file = ''
let lines: string[]
const opened: Store[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-store-'))
  file = join(folder, 'deep', 'lanyard.db')
  lines = []
})
afterEach(async () => {
  for (const store of opened.splice(0)) store.close()
  await rm(folder, { recursive: true, force: true })
})

const open = (): Store => {
  const store = openStore(file, (line) => lines.push(line))
  opened.push(store)
  return store
}
const close = (store: Store): void => {
  opened.splice(opened.indexOf(store), 1)
  store.close()
}
const beside = async (): Promise<string[]> => (await readdir(join(folder, 'deep'))).sort()
const count = (): number => open().records.count()

/** A file with some records, closed. */
async function filled(records = 300): Promise<void> {
  const store = open()
  const list = Array.from({ length: records }, (_, i) => record(`r${i}`, i, { text: `text ${i} `.repeat(30) }))
  store.records.keep('d', page(list, { fresh: true, cursor: 'c\0\ud800' }))
  store.history.add({
    at: 1,
    device: 'd',
    deviceName: 'D',
    direction: 'in',
    what: 'file',
    name: 'n',
    size: 1,
    result: 'done',
  })
  close(store)
}

test('what was kept is there again, and nothing lies beside the file', async () => {
  await filled()
  expect(await beside()).toEqual(['lanyard.db'])
  const store = open()
  expect([store.records.count(), store.records.cursor('d'), store.history.find({ offset: 0, limit: 9 }).total]).toEqual(
    [300, 'c\0\ud800', 1],
  )
  expect([store.note, lines]).toEqual([null, []])
})

test('is nobody else’s to read', async () => {
  await filled(1)
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o077).toBe(0)
})

test('a fresh sync goes on after a restart where it was, and then removes what is gone', () => {
  const first = open()
  first.records.keep('d', page([record('old', 1)], { fresh: true }))
  first.records.keep('d', page([record('a', 1)], { fresh: true, more: true, cursor: 'n.1' }))
  close(first)
  const second = open()
  expect([second.records.cursor('d'), second.records.count()]).toEqual(['n.1', 2])
  second.records.keep('d', page([record('b', 1)], { since: 'n.1', more: true, cursor: 'n.2' }))
  close(second)
  const third = open()
  third.records.keep('d', page([record('c', 1)], { since: 'n.2', cursor: 'n.3' }))
  expect(third.records.find({ sort: 'oldest', offset: 0, limit: 9 }).rows.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
})

/** As it is on the disk the moment a program is killed. */
async function killed(): Promise<void> {
  const store = open()
  store.records.keep('d', page([record('a', 1)], { fresh: true }))
  await cp(join(folder, 'deep'), join(folder, 'killed'), { recursive: true })
  expect((await readdir(join(folder, 'killed'))).sort()).toEqual(['lanyard.db', 'lanyard.db-wal', 'lanyard.db.lock'])
  file = join(folder, 'killed', 'lanyard.db')
}

test('what was kept before the program was killed is there, and its lock is no hindrance', async () => {
  await killed()
  expect([count(), lines]).toEqual([1, []])
})

test('a log that was cut off costs what was not kept yet, no more', async () => {
  await killed()
  const log = `${file}-wal`
  await writeFile(log, Buffer.concat([await readFile(log), Buffer.alloc(3000, 7)]))
  expect([count(), lines]).toEqual([1, []])
})

test('a start that was killed while it made the file is no hindrance', async () => {
  await mkdir(join(folder, 'deep', 'lanyard.db.fresh.lock'), { recursive: true })
  await writeFile(join(folder, 'deep', 'lanyard.db.fresh'), 'half')
  await writeFile(file, '')
  expect([count(), lines]).toEqual([0, []])
  for (const store of opened.splice(0)) store.close()
  expect(await beside()).toEqual(['lanyard.db'])
})

describe('a file that can’t be read is set aside, and it is said', () => {
  const spoil = async (from: number, bytes: number) => {
    const content = await readFile(file)
    content.fill(0x5a, from, from + bytes)
    await writeFile(file, content)
  }
  test.each([
    ['something else', () => writeFile(file, 'no database at all, but some text that is long enough')],
    ['a few bytes', () => writeFile(file, 'x')],
    ['cut off in the first page', () => truncate(file, 50)],
    ['cut off in the midst', async () => truncate(file, Math.floor((await stat(file)).size / 2))],
    ['overwritten at the start', () => spoil(0, 4096)],
    ['overwritten behind its first line', () => spoil(100, 3000)],
    ['overwritten in the midst', () => spoil(40_000, 60_000)],
    ['all zeros', async () => writeFile(file, Buffer.alloc((await stat(file)).size))],
    [
      'a folder',
      async () => {
        await rm(file)
        await mkdir(file)
      },
    ],
  ])('%s', async (_, damage) => {
    await filled()
    await damage()
    const store = open()
    expect([store.records.count(), store.note]).toEqual([0, { what: 'unreadable', name: 'lanyard.db.unreadable-1' }])
    expect(lines.length).toBe(1)
    expect(lines[0]).toContain('lanyard.db.unreadable-1')
    // No loop: the next start is an ordinary one.
    store.records.keep('d', page([record('new', 1)]))
    close(store)
    const next = open()
    expect([next.records.count(), next.note, lines.length]).toEqual([1, null, 1])
    expect(existsSync(`${file}.unreadable-1`)).toBe(true)
  })

  test('each under a name of its own', async () => {
    for (let i = 0; i < 3; i++) {
      await mkdir(join(folder, 'deep'), { recursive: true })
      await writeFile(file, `spoilt ${i}`)
      close(open())
    }
    expect(await beside()).toEqual(['lanyard.db', ...[1, 2, 3].map((n) => `lanyard.db.unreadable-${n}`)])
    expect(await readFile(`${file}.unreadable-3`, 'utf8')).toBe('spoilt 2')
  })

  test('also a large one, at the start after the damage was met', async () => {
    await filled(12_000)
    expect((await stat(file)).size).toBeGreaterThan(4_194_304)
    await spoil(400_000, 3_000_000)
    const first = open()
    expect(() => {
      for (const text of ['29', 'text', 'xt 1']) first.records.find({ text, sort: 'title', offset: 0, limit: 200 })
      first.records.whole(first.records.keysOf({ sort: 'size' }).slice(0, 1000))
    }).toThrow()
    close(first)
    const second = open()
    expect([second.note?.what, second.records.count()]).toEqual(['unreadable', 0])
    expect(lines.length).toBe(2)
    expect(await beside()).not.toContain('lanyard.db.suspect')
  })
})

const withSqlite = (sql: string): void => {
  const database = new sqlite.Database(file)
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  database.exec(sql)
  database.close()
}

test('a file of a newer version is set aside as it is', async () => {
  await filled()
  withSqlite('PRAGMA user_version = 99; CREATE TABLE later (x)')
  const store = open()
  expect([store.note, store.records.count()]).toEqual([{ what: 'newer', name: 'lanyard.db.newer-1' }, 0])
  close(store)
  file = `${file}.newer-1`
  withSqlite('SELECT count(*) FROM later')
})

test('a database of another program is set aside too', async () => {
  await mkdir(join(folder, 'deep'))
  withSqlite('CREATE TABLE history (x); PRAGMA user_version = 1')
  expect(open().note?.what).toBe('unreadable')
})

test('a database of another program that has no version is set aside too', async () => {
  await mkdir(join(folder, 'deep'))
  withSqlite('CREATE TABLE history (x)')
  expect(open().note?.what).toBe('unreadable')
})

describe('when the disk refuses', () => {
  test('everything works until the program ends', async () => {
    await writeFile(join(folder, 'deep'), 'a file where the folder should be')
    const store = open()
    store.records.keep('d', page([record('a', 1)]))
    expect([store.records.count(), store.note?.what, lines.length]).toEqual([1, 'memory', 1])
  })

  // Root may write anywhere, and Windows has other rights.
  if (process.platform !== 'win32' && process.getuid?.() !== 0)
    test('also where nothing may be written', async () => {
      await mkdir(join(folder, 'deep'))
      await chmod(join(folder, 'deep'), 0o500)
      expect(open().note?.what).toBe('memory')
      await chmod(join(folder, 'deep'), 0o700)
    })

  /** A disk of 1 MiB, which only Linux gives, and only to root. */
  const small: boolean = process.platform === 'linux' && process.getuid?.() === 0
  if (small)
    test('a full one keeps what it has, and takes more when there is room', async () => {
      await mkdir(join(folder, 'deep'))
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', join(folder, 'deep')], { stdio: 'ignore' })
      } catch {
        return // A container may not mount.
      }
      try {
        const store = open()
        store.records.keep('d', page([record('a', 1)], { cursor: 'c.1' }))
        const big = page(
          Array.from({ length: 100 }, (_, i) => record(`b${i}`, 1, { text: `${i}`.repeat(10_000) })),
          { cursor: 'c.2' },
        )
        expect(() => store.records.keep('d', big)).toThrow()
        expect([store.records.count(), store.records.cursor('d')]).toEqual([1, 'c.1'])
        store.records.keep('d', page([record('b', 1)], { cursor: 'c.3' }))
        close(store)
        expect([count(), lines]).toEqual([2, []])
        for (const each of opened.splice(0)) each.close()
      } finally {
        execFileSync('umount', [join(folder, 'deep')])
      }
    })
})

if (process.platform !== 'win32')
  test('nobody but its owner can read it, or its log', async () => {
    for (let run = 0; run < 2; run++) {
      const store = open()
      store.records.keep('d', page([record('a', run)], { cursor: `c.${run}` }))
      for (const end of ['', '-wal']) expect((await stat(file + end)).mode & 0o077).toBe(0)
      close(store)
    }
  })
