import { readFile, rename } from 'node:fs/promises'
import * as v from 'valibot'
import { PeerKind } from '#protocol/hub-events.ts'
import { replaceFile } from './replace-file.ts'

const Key = v.object({
  /** base64url of 16 bytes. */
  kid: v.pipe(v.string(), v.regex(/^[\w-]{22}$/)),
  /** base64url of 32 bytes. */
  key: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
})

const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** A phone that has proved a key and can come back, as it is kept between runs. Times in ms since 1970. */
const Remembered = v.object({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  /** Where it meets the window at the hub. */
  uid: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  name: v.string(),
  /** What a person here calls it; '' = as it calls itself. */
  label: v.string(),
  kind: PeerKind,
  firstSeen: time,
  lastSeen: time,
  /** The highest protocol version that it has spoken. */
  version: v.pipe(v.number(), v.safeInteger()),
  autoAccept: v.boolean(),
  /** Its texts go on the clipboard at once. Absent in files of earlier versions. */
  clipboard: v.optional(v.boolean(), false),
  /** Its key; then the one it was told to use next, until it does; then those that were replaced. */
  key: Key,
  next: v.nullable(Key),
  dead: v.array(Key),
  /** A browser that was told to remember: until when. Null: for the tab, or an app. */
  until: v.nullable(time),
})
export type Remembered = v.InferOutput<typeof Remembered>

/** The system's own way of keeping a secret at rest; see Electron's safeStorage. */
export interface Sealer {
  seal(text: string): Buffer
  /** Throws when it was sealed by somebody else. */
  open(sealed: Buffer): string
}

const File = v.union([v.object({ sealed: v.string() }), v.object({ devices: v.array(v.unknown()) })])

/** The phones that are remembered, in one file. Keys are sealed where the system offers it; else the file's owner alone can read it. */
export class DeviceStore {
  readonly #file: string
  readonly #sealer: Sealer | null
  #saving: Promise<void> = Promise.resolve()
  #waiting: readonly Remembered[] | null = null

  constructor(file: string, sealer: Sealer | null) {
    this.#file = file
    this.#sealer = sealer
  }

  /** Empty where there is none. What can't be read is put aside under another name, not lost. */
  async load(log: (line: string) => void): Promise<Remembered[]> {
    const text = await readFile(this.#file, 'utf8').catch(() => null)
    if (text === null) return []
    try {
      const devices = this.#open(text).map((one) => v.safeParse(Remembered, one))
      return devices.flatMap((one) => (one.success ? [one.output] : []))
    } catch {
      log('the remembered phones could not be read; they must scan the code again')
      await rename(this.#file, `${this.#file}.unreadable`).catch(() => undefined)
      return []
    }
  }

  /** Resolves when these, or newer ones, are on disk. */
  save(devices: readonly Remembered[]): Promise<void> {
    const first = this.#waiting === null
    this.#waiting = devices
    if (first) this.#saving = this.#saving.catch(() => undefined).then(() => this.#write())
    return this.#saving
  }

  async #write(): Promise<void> {
    const devices = this.#waiting
    this.#waiting = null
    const sealed = this.#sealer?.seal(JSON.stringify(devices)).toString('base64')
    await replaceFile(this.#file, `${JSON.stringify(sealed === undefined ? { devices } : { sealed }, null, 2)}\n`)
  }

  #open(text: string): unknown[] {
    const file = v.parse(File, JSON.parse(text))
    if ('devices' in file) return file.devices
    if (this.#sealer === null) throw new Error('sealed, and there is nothing to open it with')
    return v.parse(v.array(v.unknown()), JSON.parse(this.#sealer.open(Buffer.from(file.sealed, 'base64'))))
  }
}
