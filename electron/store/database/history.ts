import type { Cells, Connection } from './connection.ts'
import { HISTORY_MAX, ROWS_MAX, type HistoryEntry, type HistoryQuery, type HistoryTable } from './store.ts'
import { clean, fold, wordsOf } from './search-text.ts'

/** UTF-16 units of a text by which an entry is found. */
const FOUND_BY = 4096

/** Texts of one device that are kept: they may be long. */
const CAME_TEXTS_MAX = 1_000
/** Entries between two looks at that, and at what has left. */
const THIN_EVERY = 64

/** For each column, the property of an entry. */
const COLUMNS = {
  at: 'at',
  device: 'device',
  device_name: 'deviceName',
  direction: 'direction',
  what: 'what',
  name: 'name',
  size: 'size',
  lane: 'lane',
  ms: 'ms',
  result: 'result',
  reason: 'reason',
  path: 'path',
  sha256: 'sha256',
  text: 'text',
} as const satisfies Record<string, Exclude<keyof HistoryEntry, 'key'>>

const NAMES = Object.keys(COLUMNS).join(', ')
const INSERT = `INSERT INTO history (${NAMES}, folded) VALUES (${Object.keys(COLUMNS)
  .map(() => '?')
  .join(', ')}, ?)`

/** Stores what was transferred, newest first. */
export class HistoryRows implements HistoryTable {
  readonly #connection: Connection
  #added = 0

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * Adds an entry without waiting for the disk, for many files may end at once: the program may be killed at any moment, but
   * when the power goes, so may the last entries.
   */
  add(entry: Omit<HistoryEntry, 'key'>): void {
    const folded = fold(clean(`${entry.name}\n${entry.deviceName}\n${entry.text?.slice(0, FOUND_BY) ?? ''}`))
    const cells = Object.values(COLUMNS).map((field) => cellOf(entry[field]))
    this.#connection.exec('PRAGMA synchronous = NORMAL')
    try {
      this.#connection.transaction(() => {
        const key = this.#connection.run(INSERT, [...cells, folded])
        // Keys follow each other without gaps, so this counts nothing.
        const old = `DELETE FROM history WHERE key <= ? AND direction = 'in'`
        this.#connection.run(old, [key - HISTORY_MAX])
        this.#added++
        if (this.#added % THIN_EVERY === 0) this.#thin(entry.device)
      })
    } finally {
      this.#connection.exec('PRAGMA synchronous = FULL')
    }
  }

  /** What a phone sends takes only so much room, and never the place of what a person has sent. */
  #thin(device: string): void {
    const texts = `direction = 'in' AND what = 'text' AND device = ?`
    this.#keepNewest(CAME_TEXTS_MAX, texts, clean(device))
    this.#keepNewest(HISTORY_MAX, 'direction = ?', 'out')
  }

  #keepNewest(most: number, which: string, value: string): void {
    const oldest = `SELECT key FROM history WHERE ${which} ORDER BY key DESC LIMIT 1 OFFSET ${most}`
    this.#connection.run(`DELETE FROM history WHERE ${which} AND key <= (${oldest})`, [value, value])
  }

  find({ text, device, offset, limit }: HistoryQuery): { rows: readonly HistoryEntry[]; total: number } {
    const words = wordsOf(text ?? '')
    const conditions = words.map(() => 'instr(folded, ?) > 0')
    if (device !== undefined) conditions.push('device = ?')
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    const values = [...words, ...(device === undefined ? [] : [clean(device)])]
    const rows = this.#connection.all(`SELECT key, ${NAMES} FROM history ${where} ORDER BY key DESC LIMIT ? OFFSET ?`, [
      ...values,
      within(limit, ROWS_MAX),
      within(offset, HISTORY_MAX),
    ])
    const total = Number(this.#connection.cell(`SELECT count(*) FROM history ${where}`, values))
    return { rows: rows.map(entryOf), total }
  }

  one(key: number): HistoryEntry | undefined {
    const row = this.#connection.one(`SELECT key, ${NAMES} FROM history WHERE key = ?`, [key])
    return row && entryOf(row)
  }

  clear(): void {
    this.#connection.run('DELETE FROM history')
  }
}

const within = (value: number, most: number): number => Math.max(0, Math.min(Math.floor(value), most))

const cellOf = (value: string | number | undefined): string | number | null =>
  typeof value === 'string' ? clean(value) : (value ?? null)

/** What was written here comes back as it was: no other program writes into this file. */
function entryOf(row: Cells): HistoryEntry {
  const entry: Record<string, unknown> = { key: row['key'] }
  for (const [column, field] of Object.entries(COLUMNS)) if (row[column] !== null) entry[field] = row[column]
  return entry as unknown as HistoryEntry
}
