import './compile-later.ts'
import sqlite, { type Database, type SQLiteValue, type Statement } from 'node-sqlite3-wasm'

export type Values = readonly (string | number | Uint8Array | null)[]
export type Cells = Readonly<Record<string, SQLiteValue>>

/**
 * Runs statements on one database, each of which is prepared once. A statement always runs to its end: one that stands in
 * the midst would hold its snapshot, and the write-ahead log could never start anew.
 */
export class Connection {
  /** Called with what goes wrong, before it is thrown. */
  onError: (error: unknown) => void = () => undefined
  readonly #database: Database
  readonly #statements = new Map<string, Statement>()

  constructor(file: string) {
    this.#database = new sqlite.Database(file)
  }

  /** Runs several statements without values. */
  exec(sql: string): void {
    try {
      this.#database.exec(sql)
    } catch (error) {
      this.onError(error)
      throw error
    }
  }

  /** Runs a statement. Returns the key of the row that was inserted. */
  run(sql: string, values: Values = []): number {
    return this.#with(sql, (statement) => Number(statement.run([...values]).lastInsertRowid))
  }

  all(sql: string, values: Values = []): readonly Cells[] {
    return this.#with(sql, (statement) => statement.all([...values]) as Cells[])
  }

  one(sql: string, values: Values = []): Cells | undefined {
    return this.all(sql, values)[0]
  }

  /** Returns the first cell of the first row; null where there is none. */
  cell(sql: string, values: Values = []): SQLiteValue {
    const row = this.one(sql, values)
    return row === undefined ? null : (Object.values(row)[0] ?? null)
  }

  /** Runs work of which all happens, or nothing. */
  transaction<T>(work: () => T): T {
    this.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#database.inTransaction) this.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    for (const sql of this.#statements.keys()) this.#drop(sql)
    this.#database.close()
  }

  /** Runs a prepared statement, and drops one that failed: it would fail once more for the same reason. */
  #with<T>(sql: string, work: (statement: Statement) => T): T {
    try {
      let statement = this.#statements.get(sql)
      if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)))
      return work(statement)
    } catch (error) {
      this.#drop(sql)
      this.onError(error)
      throw error
    }
  }

  #drop(sql: string): void {
    const statement = this.#statements.get(sql)
    this.#statements.delete(sql)
    try {
      statement?.finalize()
    } catch {
      // SQLite says again what went wrong with the statement last.
    }
  }
}
