import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Redactor } from './redact.ts'

/** Bytes of one file of the log, and files before it that are kept: weeks of a quiet program, and little to read. */
const FILE_BYTES_MAX = 1_048_576
const OLD_FILES = 2
/** Characters of a line: a trace of a fault has about two thousand. */
const LINE_CHARS_MAX = 4_000

const NAME = 'lanyard.log'
const oldName = (number: number): string => `lanyard.${number}.log`

export type Level = 'info' | 'error'

export interface LogFileOptions {
  /** The system's folder for logs of this program. */
  readonly folder: string
  readonly redactor: Redactor
  readonly fileBytesMax?: number
}

/**
 * Writes the log of this program, in files that replace each other, readable by their owner alone. Lines are blacked out
 * before they are written, and written at once: the last ones before a crash are what a person will be asked for. A disk that
 * refuses costs lines, and nothing else.
 */
export class LogFile {
  readonly #folder: string
  readonly #redactor: Redactor
  readonly #fileBytesMax: number

  constructor({ folder, redactor, fileBytesMax = FILE_BYTES_MAX }: LogFileOptions) {
    this.#folder = folder
    this.#redactor = redactor
    this.#fileBytesMax = fileBytesMax
  }

  write(level: Level, text: string): void {
    const said = this.#redactor.redact(text).replaceAll('\n', '\n  ').slice(0, LINE_CHARS_MAX)
    try {
      this.#append(`${new Date().toISOString()} ${level} ${said}\n`)
    } catch {
      // There is nowhere to say so.
    }
  }

  /** Returns the last lines, the oldest first; only errors, with what belongs to each, if asked for. */
  tail(count: number, only?: Level): readonly string[] {
    const names = [...Array.from({ length: OLD_FILES }, (_, i) => oldName(OLD_FILES - i)), NAME]
    const text = names.map((name) => this.#read(name)).join('')
    // What does not begin with a time belongs to the line above.
    const entries = text.split(/\n(?=\d{4}-)/).filter((line) => line.trim() !== '')
    return entries
      .filter((line) => only === undefined || line.split(' ', 2)[1] === only)
      .slice(-count)
      .map((line) => line.trimEnd())
  }

  #read(name: string): string {
    const path = join(this.#folder, name)
    try {
      return existsSync(path) ? `${readFileSync(path, 'utf8').trimEnd()}\n` : ''
    } catch {
      return ''
    }
  }

  #append(line: string): void {
    mkdirSync(this.#folder, { recursive: true })
    const path = join(this.#folder, NAME)
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (size > 0 && size + Buffer.byteLength(line) > this.#fileBytesMax) this.#rotate()
    appendFileSync(path, line, { mode: 0o600 })
  }

  #rotate(): void {
    rmSync(join(this.#folder, oldName(OLD_FILES)), { force: true })
    for (let number = OLD_FILES; number > 0; number--) {
      const from = join(this.#folder, number === 1 ? NAME : oldName(number - 1))
      if (existsSync(from)) renameSync(from, join(this.#folder, oldName(number)))
    }
  }
}
