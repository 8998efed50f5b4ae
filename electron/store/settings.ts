import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { basename } from 'node:path'
import * as v from 'valibot'
import type { FileDisk } from './disk-file.ts'
import { JsonFile, type FileNote } from './json-file.ts'
import { SETTING_KEYS, SETTINGS, type SettingKey, type SettingValue, type SettingValues } from './setting-rows.ts'

/** The version of the file. A higher one in a file stays there, and so does all that came with it. */
const VERSION = 1

const Id = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/))

/** What is in the file, also what only another version understands. Values that are as at the start are not in it. */
type Content = Readonly<Record<string, unknown>>
const Content = v.pipe(
  v.unknown(),
  v.check((content) => !Array.isArray(content), 'not an object'),
  v.record(v.string(), v.unknown()),
)

export interface SettingsOptions {
  /** Values of the command line, which count until the setting is set, and are not kept. */
  readonly given?: Partial<SettingValues>
  /** Called when `notes` changed. */
  readonly onNotes?: () => void
  readonly disk?: FileDisk
}

/** Takes the value that a setting has now, and the one that it had. */
export type SettingListener<K extends SettingKey> = (now: SettingValue<K>, before: SettingValue<K>) => void
type Listener = (now: unknown, before: unknown) => void

/**
 * Keeps what a person has chosen in one file, and tells who listens to a setting when it changes. What a newer version has
 * written into the file stays, also a value that makes no sense here: it counts as not chosen until another is.
 */
export class Settings {
  readonly #path: string
  readonly #file: JsonFile<Content>
  readonly #listeners = new Map<SettingKey, Set<Listener>>()
  readonly #anyListeners = new Set<() => void>()
  #given: Partial<SettingValues>
  #content: Content
  /** What was set in this run, should the file be read only later. */
  #changed: Content = {}
  #now: SettingValues
  readonly #onNotes: () => void
  #saving: Promise<unknown> = Promise.resolve()

  /** `open` makes one. */
  private constructor(path: string, { given = {}, onNotes = () => undefined, disk }: SettingsOptions) {
    this.#path = path
    this.#given = given
    this.#onNotes = onNotes
    this.#file = new JsonFile<Content>(path, {
      decode: (json) => v.parse(Content, json),
      onLate: (found) => {
        if (found !== null) this.#take(found)
        this.#save()
      },
      onNotes,
      ...(disk !== undefined && { disk }),
    })
    this.#content = { id: randomBytes(8).toString('hex') }
    this.#now = this.#values()
  }

  /** Opens the settings in this file, which need not be there. A file that makes no sense is set aside, and noted. */
  static async open(path: string, options: SettingsOptions = {}): Promise<Settings> {
    const settings = new Settings(path, options)
    const found = await settings.#file.load()
    if (found !== null) settings.#take(found)
    settings.#save()
    return settings
  }

  /** Names this computer to native apps that look for it by mDNS; means nothing else. */
  get id(): string {
    return String(this.#content['id'])
  }

  /** The values that count now. */
  get now(): SettingValues {
    return this.#now
  }

  /** What a person should know of the file. */
  get notes(): readonly FileNote[] {
    return [...this.#file.notes, ...this.#unclear()]
  }

  /** Sets a value, keeps it and tells the listeners. Throws ValiError for a value that the setting does not have. */
  set<K extends SettingKey>(key: K, value: SettingValue<K>): void {
    const { schema, initial } = SETTINGS[key]
    const parsed: unknown = v.parse(schema, value)
    const kept = isDeepStrictEqual(parsed, initial) ? undefined : parsed
    this.#given = { ...this.#given, [key]: undefined }
    this.#changed = { ...this.#changed, [key]: kept }
    const notes = this.#unclear().length
    this.#content = { ...this.#content, [key]: kept }
    if (this.#unclear().length !== notes) this.#onNotes()
    this.#save()
    this.#tell()
  }

  /** Calls back whenever the value changes; returns its undo. */
  on<K extends SettingKey>(key: K, listener: SettingListener<K>): () => void {
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners.add(listener as Listener))
    return () => {
      listeners.delete(listener as Listener)
    }
  }

  /** Calls back whenever any value has changed; returns its undo. */
  onAny(listener: () => void): () => void {
    this.#anyListeners.add(listener)
    return () => {
      this.#anyListeners.delete(listener)
    }
  }

  /** Resolves when what was set is on disk, or was refused by it. */
  async flush(): Promise<void> {
    await this.#saving
  }

  /** Tries again what the disk refused. */
  retry(): Promise<void> {
    return this.#file.retry()
  }

  #take(found: Content): void {
    const id = v.is(Id, found['id']) ? found['id'] : this.#content['id']
    this.#content = { ...found, id, ...this.#changed }
    this.#tell()
    this.#onNotes()
  }

  #save(): void {
    const { version } = this.#content
    const kept = typeof version === 'number' && version > VERSION ? version : VERSION
    // What it throws is among the notes, and is tried again.
    this.#saving = this.#file.save({ ...this.#content, version: kept }).catch(() => undefined)
  }

  #values(): SettingValues {
    const values = SETTING_KEYS.map((key) => {
      const { schema, initial } = SETTINGS[key]
      const found = v.safeParse(schema, this.#content[key])
      return [key, this.#given[key] ?? (found.success ? found.output : initial)]
    })
    return Object.fromEntries(values) as SettingValues
  }

  #tell(): void {
    const before = this.#now
    this.#now = this.#values()
    const changed = SETTING_KEYS.filter((key) => !isDeepStrictEqual(this.#now[key], before[key]))
    for (const key of changed)
      for (const listener of [...(this.#listeners.get(key) ?? [])]) listener(this.#now[key], before[key])
    if (changed.length > 0) for (const listener of [...this.#anyListeners]) listener()
  }

  /** Notes the values that make no sense, unless a newer version has written them. */
  #unclear(): readonly FileNote[] {
    const { version } = this.#content
    if (typeof version === 'number' && version > VERSION) return []
    const unclear = SETTING_KEYS.filter((key) => {
      const value = this.#content[key]
      return value !== undefined && !v.is(SETTINGS[key].schema, value)
    })
    return unclear.length === 0 ? [] : [{ file: basename(this.#path), what: 'unclear', detail: unclear.join(', ') }]
  }
}
