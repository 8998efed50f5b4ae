import { basename } from 'node:path'
import * as v from 'valibot'
import { codeOf, nodeFiles, removeUnfinished, type FileDisk } from './disk-file.ts'

/**
 * What a person should know of a saved file. `unread`: the file is there and can't be read, so it is left as it is.
 * `unwritten`: the last change is not on disk. `set-aside`: the content made no sense. `locked`: the content needs a keychain
 * that is away. `full`: there is no more room for one phone. `unclear`: some values make no sense, the rest counts.
 */
export interface FileNote {
  /** The file's name without its folder. */
  readonly file: string
  readonly what: 'unread' | 'unwritten' | 'set-aside' | 'locked' | 'full' | 'unclear'
  /** The system's code of the refusal, or the name that the content has now, or that of the phone, or those of the values. */
  readonly detail: string
}

/** Says that content is whole and needs a keychain that is away. */
export class Locked extends Error {}

/** Why a file was set aside; the ending of its new name. */
export type Aside = 'unreadable' | 'locked'

export interface JsonFileOptions<Found, Kept> {
  /** Parses what is in the file. Throws Locked for content that only a keychain opens, anything else for nonsense. */
  readonly decode: (json: unknown) => Found
  /** Makes of a value what goes into the file; the value itself unless given. What it throws counts as a refusal of the disk. */
  readonly encode?: (value: Kept) => unknown
  /** Takes the content of a file that could not be read before (null: the file is gone), and saves the whole afterwards. */
  readonly onLate: (found: Found | null) => void
  /** Called when `notes` changed. */
  readonly onNotes?: () => void
  readonly disk?: FileDisk
}

/** The options of a file whose schema is known. */
export type SavedFileOptions<Found> = Pick<JsonFileOptions<Found, Found>, 'onLate' | 'onNotes' | 'disk'>

/** Numbers that are tried for content that is set aside. */
const ASIDE_MAX = 10_000

/** What earlier runs kept, and what keeps it for the next. */
export interface Kept<Value> {
  readonly earlier: Value
  /** Resolves when it, or what is newer, is on disk. */
  save(now: Value): Promise<void>
}

/** Has nothing of earlier runs, and keeps nothing. */
export const keptNowhere: Kept<readonly never[]> = { earlier: [], save: () => Promise.resolve() }

/**
 * Loads and saves one file of JSON, readable by its owner alone. Only a file that is not there counts as none: while one can't
 * be read, nothing is written over it. Writes are atomic, durable, one after the other; the newest value is what stays.
 */
export class JsonFile<Found, Kept = Found> {
  readonly #path: string
  readonly #options: JsonFileOptions<Found, Kept>
  readonly #disk: FileDisk
  /** The note on what was found; stays for this run. */
  #found: FileNote | null = null
  #refused: FileNote | null = null
  #saving: Promise<void> = Promise.resolve()
  #waiting: { readonly value: Kept } | null = null
  #unwritten: { readonly value: Kept } | null = null
  #retrying: Promise<void> | null = null

  constructor(path: string, options: JsonFileOptions<Found, Kept>) {
    this.#path = path
    this.#options = options
    this.#disk = options.disk ?? nodeFiles
  }

  get notes(): readonly FileNote[] {
    return [this.#found, this.#refused].filter((note) => note !== null)
  }

  get isUnread(): boolean {
    return this.#refused?.what === 'unread'
  }

  /** Reads the file. Returns null where there is none, or none that makes sense, and while it can't be read. */
  async load(): Promise<Found | null> {
    await removeUnfinished(this.#disk, this.#path)
    const { found, refused } = await this.#read()
    this.#settle(refused)
    return found
  }

  /** Resolves when this value, or a newer one, is on disk. Rejects while the file can't be read or written. */
  save(value: Kept): Promise<void> {
    const first = this.#waiting === null
    this.#waiting = { value }
    if (first) this.#saving = this.#saving.catch(() => undefined).then(() => this.#write())
    return this.#saving
  }

  /** Tries again what the disk refused, if it did. */
  retry(): Promise<void> {
    this.#retrying ??= this.#retry().finally(() => (this.#retrying = null))
    return this.#retrying
  }

  async #retry(): Promise<void> {
    if (!this.isUnread) {
      if (this.#unwritten !== null) await this.save(this.#unwritten.value).catch(() => undefined)
      return
    }
    const { found, refused } = await this.#read()
    this.#settle(refused)
    if (refused !== null) return
    // What was to be saved meanwhile does not have what was found now; whoever takes that saves both.
    this.#waiting = null
    this.#options.onLate(found)
  }

  async #read(): Promise<{ readonly found: Found | null; readonly refused: FileNote | null }> {
    try {
      const text = await this.#disk.read(this.#path)
      return { found: await this.#decode(text), refused: null }
    } catch (error) {
      return { found: null, refused: codeOf(error) === 'ENOENT' ? null : this.#note('unread', error) }
    }
  }

  /** Returns the content; null when it was set aside. Throws where the disk refuses that. */
  async #decode(text: string): Promise<Found | null> {
    try {
      return this.#options.decode(JSON.parse(text))
    } catch (error) {
      await this.#setAside(error instanceof Locked ? 'locked' : 'unreadable')
      return null
    }
  }

  async #write(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting === null) return
    if (this.isUnread) throw new Error(`${basename(this.#path)} can’t be read, so it is not replaced`)
    try {
      const { encode = (value: Kept): unknown => value } = this.#options
      await this.#disk.replace(this.#path, `${JSON.stringify(encode(waiting.value), null, 2)}\n`)
    } catch (error) {
      this.#unwritten = waiting
      this.#settle(this.#note('unwritten', error))
      throw error
    }
    this.#unwritten = null
    this.#settle(null)
  }

  /** Keeps the content under the first free numbered name. */
  async #setAside(why: Aside): Promise<void> {
    for (let number = 1; ; number++) {
      const to = `${this.#path}.${why}-${number}`
      try {
        await this.#disk.moveAside(this.#path, to)
      } catch (error) {
        if (codeOf(error) === 'EEXIST' && number < ASIDE_MAX) continue
        throw error
      }
      if (why === 'unreadable') this.#found = { file: basename(this.#path), what: 'set-aside', detail: basename(to) }
      this.#options.onNotes?.()
      return
    }
  }

  #note(what: 'unread' | 'unwritten', error: unknown): FileNote {
    return { file: basename(this.#path), what, detail: codeOf(error) || (error as Error).message }
  }

  #settle(refused: FileNote | null): void {
    const before = this.#refused
    this.#refused = refused
    if (before?.what !== refused?.what || before?.detail !== refused?.detail) this.#options.onNotes?.()
  }
}

/** Entries that are carried along though they make no sense here. */
const STRANGE_MAX = 64

/**
 * Reads a saved list entry by entry, so that one which makes no sense does not cost the others, and writes such entries back
 * behind those of this version: a newer version may understand them.
 */
export class EntryList<Entry> {
  readonly #schema: v.GenericSchema<unknown, Entry>
  #strange: readonly unknown[] = []

  constructor(schema: v.GenericSchema<unknown, Entry>) {
    this.#schema = schema
  }

  /** Returns the entries that make sense, and keeps the others for `toSave`. */
  read(list: readonly unknown[]): Entry[] {
    const parsed = list.map((one) => v.safeParse(this.#schema, one))
    const strange = list.filter((_, i) => parsed[i]?.success !== true)
    this.#strange = [...this.#strange, ...strange].slice(0, STRANGE_MAX)
    return parsed.flatMap((entry) => (entry.success ? [entry.output] : []))
  }

  /** Returns what goes into the file. */
  toSave(entries: readonly Entry[]): readonly unknown[] {
    return [...entries, ...this.#strange]
  }
}
