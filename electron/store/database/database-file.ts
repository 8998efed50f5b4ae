import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  existsSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Connection } from './connection.ts'
import { APPLICATION_ID, STEPS } from './schema.ts'

/** Bytes of a file that is looked through whole at each start; a larger one only when it was found to be damaged. */
const SMALL_FILE = 4_194_304
/** Pages of 4 KiB that SQLite keeps in memory: 16 MiB. */
const CACHE_PAGES = 4096
/** Bytes that the write-ahead log may keep when it starts anew. */
const LOG_BYTES = 8_388_608

/** Says why a file that is there can't be used. */
export class Unusable extends Error {
  readonly code: 'unreadable' | 'newer'

  constructor(code: 'unreadable' | 'newer', message: string) {
    super(message)
    this.code = code
  }
}

/** Names a file whose presence says at the next start that the whole database must be checked. */
export const suspicionOf = (file: string): string => `${file}.suspect`

/** Returns whether SQLite has met damage. */
export const isDamage = (error: unknown): boolean =>
  error instanceof Error && /malformed|not a database|corrupt|vtable constructor failed/i.test(error.message)

/** Returns whether the disk or the machine refuses, while the file may be as good as ever. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  /could not open|unable to open|disk i\/o|readonly|is full|is locked|permission denied|out of memory/i.test(
    error.message,
  )

/**
 * Opens the file, or makes it. Throws Unusable for what it finds, and anything else when the disk refuses.
 *
 * The library finds no hot journal (its lock is one folder, which it then takes for somebody else's), so after a crash a
 * rollback journal would be passed over and half a transaction stay. The write-ahead log does without: its recovery
 * asks nothing of the lock. It needs shared memory, or else a lock that is held all the time, as here.
 */
export function openFile(file: string): Connection {
  mkdirSync(dirname(file), { recursive: true })
  // Left by a run that was killed; the app's own lock says that nobody else is here.
  rmSync(`${file}.lock`, { recursive: true, force: true })
  if (!hasContent(file)) makeFile(file)
  const connection = connect(file, () => check(file))
  keepToOwner(file)
  syncFolder(dirname(file))
  return connection
}

/** Keeps other users of this computer from reading. The log stays as long as the file is open. */
function keepToOwner(file: string): void {
  for (const path of [file, `${file}-wal`]) {
    try {
      if (existsSync(path)) chmodSync(path, 0o600)
    } catch {
      // Not every disk knows owners.
    }
  }
}

/** Opens a database that lasts as long as the program. */
export function openMemory(): Connection {
  const connection = new Connection(':memory:')
  migrate(connection)
  return connection
}

/** Makes the file in one step: a file that is there is a whole one. */
function makeFile(file: string): void {
  const fresh = `${file}.fresh`
  for (const end of ['', '-wal', '-journal', '.lock']) rmSync(fresh + end, { recursive: true, force: true })
  // A log that belonged to another file must not be taken for this one's.
  for (const end of ['-wal', '-journal']) rmSync(file + end, { force: true })
  connect(fresh, () => undefined).close()
  renameSync(fresh, file)
  syncFolder(dirname(file))
}

function connect(file: string, lookFirst: () => void): Connection {
  lookFirst()
  const connection = new Connection(file)
  try {
    connection.exec('PRAGMA locking_mode = EXCLUSIVE')
    if (existsSync(suspicionOf(file)) || statSync(file).size <= SMALL_FILE) lookThrough(connection)
    const mode = connection.cell('PRAGMA journal_mode = WAL')
    if (mode !== 'wal') throw new Error(`the journal is ${String(mode)}`)
    connection.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${LOG_BYTES}`)
    connection.exec(`PRAGMA cache_size = ${CACHE_PAGES}`)
    migrate(connection)
    // It is whole, or it would not have come this far.
    rmSync(suspicionOf(file), { force: true })
    return connection
  } catch (error) {
    connection.close()
    if (error instanceof Unusable || isRefusal(error)) throw error
    throw new Unusable('unreadable', String(error))
  }
}

function migrate(connection: Connection): void {
  const version = Number(connection.cell('PRAGMA user_version'))
  if (version > STEPS.length) throw new Unusable('newer', `version ${version}, and this program knows ${STEPS.length}`)
  if (version > 0 && connection.cell('PRAGMA application_id') !== APPLICATION_ID)
    throw new Unusable('unreadable', 'it belongs to another program')
  for (const [index, step] of STEPS.entries()) {
    if (index < version) continue
    connection.transaction(() => {
      connection.exec(step)
      connection.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}`)
    })
  }
}

/** Checks the first bytes, cheaply, before SQLite gets the file. */
function check(file: string): void {
  const start = Buffer.alloc(16)
  const handle = openSync(file, 'r')
  try {
    readSync(handle, start, 0, start.length, 0)
  } finally {
    closeSync(handle)
  }
  if (start.toString('latin1') !== 'SQLite format 3\0') throw new Unusable('unreadable', 'it is not a database')
}

function lookThrough(connection: Connection): void {
  const found = connection.cell('PRAGMA quick_check(1)')
  if (found !== 'ok') throw new Unusable('unreadable', String(found))
}

function hasContent(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats === undefined) return false
  if (!stats.isFile()) throw new Unusable('unreadable', 'it is not a file')
  return stats.size > 0
}

/** Makes the names of new files durable. Not every system lets a folder be opened. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch {
    // Windows keeps its folders by itself.
  }
}
