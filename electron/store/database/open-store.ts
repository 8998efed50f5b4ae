import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Connection } from './connection.ts'
import { HistoryRows } from './history.ts'
import { isDamage, openFile, openMemory, suspicionOf, Unusable } from './database-file.ts'
import { SyncedRecords } from './records.ts'
import type { Store, StoreNote } from './store.ts'

interface Opened {
  readonly connection: Connection
  readonly note: StoreNote | null
}

/**
 * Opens the app's database. Call it under the app's single-instance lock. What is found there never stops the program: a
 * file that can't be read, or that a newer version made, is set aside and said in the log and in `note`.
 */
export function openStore(file: string, log: (line: string) => void): Store {
  const { connection, note } = open(file, log)
  connection.onError = (error) => {
    if (isDamage(error)) suspect(file, log)
  }
  return storeOn(connection, note)
}

/** Opens a database that lasts as long as the program, for tests. */
export const openMemoryStore = (): Store => storeOn(openMemory(), null)

const storeOn = (connection: Connection, note: StoreNote | null): Store => ({
  records: new SyncedRecords(connection),
  history: new HistoryRows(connection),
  note,
  close: () => connection.close(),
})

function open(file: string, log: (line: string) => void): Opened {
  try {
    return openOrSetAside(file, log)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log(`the database can’t be kept on the disk, so it lasts until the program ends: ${reason}`)
    return { connection: openMemory(), note: { what: 'memory', reason } }
  }
}

function openOrSetAside(file: string, log: (line: string) => void): Opened {
  try {
    return { connection: openFile(file), note: null }
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    const name = setAside(file, error.code)
    log(`the database was set aside as ${name}: ${error.message}`)
    return { connection: openFile(file), note: { what: error.code, name } }
  }
}

/** Moves the file and its log to the first free name: together they may still be of use to somebody. */
function setAside(file: string, code: Unusable['code']): string {
  let number = 1
  while (existsSync(`${file}.${code}-${number}`)) number++
  const aside = `${file}.${code}-${number}`
  renameSync(file, aside)
  for (const end of ['-wal', '-journal']) if (existsSync(file + end)) renameSync(file + end, aside + end)
  rmSync(suspicionOf(file), { force: true })
  return basename(aside)
}

/** Remembers damage that is only met later, so that the next start checks all of the file. */
function suspect(file: string, log: (line: string) => void): void {
  if (existsSync(suspicionOf(file))) return
  log('the database is damaged; it is looked through at the next start')
  try {
    writeFileSync(suspicionOf(file), '')
  } catch {
    // Then the disk has other troubles, and says so elsewhere.
  }
}
