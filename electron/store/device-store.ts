import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import { fromBase64Url } from '#protocol/base64url.ts'
import { PeerKind } from '#protocol/hub-events.ts'
import { DEVICE_KID_BYTES, KEY_BYTES } from '#protocol/proof.ts'
import { codeOf, nodeFiles, type FileDisk } from './disk-file.ts'
import { EntryList, JsonFile, Locked, type FileNote } from './json-file.ts'

/** Checks for base64url of so many bytes: other text would decode to no bytes, a key that anybody has. */
const encoded = (bytes: number) =>
  v.pipe(
    v.string(),
    v.check((text) => fromBase64Url(text)?.length === bytes),
  )

const Key = v.object({ kid: encoded(DEVICE_KID_BYTES), key: encoded(KEY_BYTES) })

const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Tests of its connection that are kept of a phone. */
export const TESTS_MAX = 20

const figure = v.pipe(v.number(), v.finite(), v.minValue(0))

/** What came of a test of the connection (transfer/measuring/link-test.ts). `at` in ms since 1970. */
const KeptTest = v.object({
  at: time,
  lanes: v.array(
    v.object({
      lane: v.picklist(['webrtc', 'legacy', 'socket', 'http']),
      out: figure,
      in: figure,
      roundTrip: v.nullable(figure),
      loaded: v.nullable(figure),
    }),
  ),
})
export type KeptTest = v.InferOutput<typeof KeptTest>

/**
 * A phone that has proved a key and can come back, as it is kept between runs. Times in ms since 1970. What a newer version
 * has added stays.
 */
export const Remembered = v.looseObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  /** The link at the hub where phone and window meet. */
  uid: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  name: v.string(),
  /** What a person here calls it; '' = as it calls itself. */
  label: v.string(),
  kind: PeerKind,
  firstSeen: time,
  lastSeen: time,
  /** `lastSeen` by the app's own calendar, see core/devices/calendar.ts. Absent in files of earlier versions. */
  seen: v.optional(time),
  /** The highest protocol version that it has spoken. */
  version: v.pipe(v.number(), v.safeInteger()),
  autoAccept: v.boolean(),
  /** Whether its texts go on the clipboard at once. Absent in files of earlier versions. */
  clipboard: v.optional(v.boolean(), false),
  /** Tests of its connection, oldest first. Absent in files of earlier versions; not worth a phone where they can't be read. */
  tests: v.optional(v.fallback(v.array(KeptTest), [])),
  /** Its key; then the one it was told to use next, until it does; then those that were replaced. */
  key: Key,
  next: v.nullable(Key),
  dead: v.array(Key),
  /** A browser that was told to remember: until when, by the calendar. Null: for the tab, or an app. */
  until: v.nullable(time),
  /** Since when its time has been over: it can't come back, and is kept for a while should the clock have been wrong. */
  over: v.optional(time),
})
export type Remembered = v.InferOutput<typeof Remembered>

/** Where the app's own calendar stood when the phones were last written. */
export const CalendarState = v.object({ now: time, walls: v.array(time), credit: time })
export type CalendarState = v.InferOutput<typeof CalendarState>

/** What is kept of phones between runs. */
export interface KeptDevices {
  readonly devices: readonly Remembered[]
  readonly calendar?: CalendarState | undefined
}

/** Seals secrets at rest the system's own way; see Electron's safeStorage. */
export interface Sealer {
  seal(text: string): Buffer
  /** Throws when it was sealed by somebody else. */
  open(sealed: Buffer): string
}

export interface DeviceStoreOptions {
  /** The system's keychain; null while it offers none. */
  readonly sealer: () => Sealer | null
  /** Takes phones that could not be read before, and saves the whole afterwards. */
  readonly onLate: (found: KeptDevices) => void
  readonly onNotes?: () => void
  readonly disk?: FileDisk
}

const calendar = v.fallback(v.optional(CalendarState), undefined)
const SealedContent = v.object({ sealed: v.string(), calendar })
const Content = v.union([SealedContent, v.object({ devices: v.array(v.unknown()), calendar })])

/** Names of files that wait for their keychain, and that of earlier versions, which tried them only once. */
const WAITING = /\.(?:locked-\d+|unreadable)$/

/**
 * Loads and saves the phones that are remembered, in one file. Keys are sealed where the system offers it, else the file's
 * owner alone can read it. Phones that were sealed and can't be opened are kept under another name and tried again: their
 * keychain may be back at the next start, or by itself.
 */
export class DeviceStore {
  readonly #path: string
  readonly #options: DeviceStoreOptions
  readonly #disk: FileDisk
  readonly #file: JsonFile<KeptDevices, KeptDevices>
  readonly #entries = new EntryList(Remembered)
  #locked: readonly string[] = []
  /** Why the folder can't be looked through for phones that wait; null where it can. */
  #unlisted: string | null = null
  /** Files whose phones are in memory, and go when these are saved. */
  #opened: readonly string[] = []
  /** Whether there was a keychain in this run: what it has sealed is never written unsealed. */
  #hadSealer = false

  constructor(path: string, options: DeviceStoreOptions) {
    this.#path = path
    this.#options = options
    this.#disk = options.disk ?? nodeFiles
    this.#file = new JsonFile(path, {
      decode: (json) => this.#decode(json),
      encode: (kept) => this.#encode(kept),
      onLate: (found) => {
        options.onLate(found ?? { devices: [] })
      },
      ...(options.onNotes !== undefined && { onNotes: options.onNotes }),
      disk: this.#disk,
    })
  }

  get notes(): readonly FileNote[] {
    const locked = this.#locked.map((detail): FileNote => ({ file: basename(this.#path), what: 'locked', detail }))
    const unlisted: FileNote[] =
      this.#unlisted === null ? [] : [{ file: basename(this.#path), what: 'unread', detail: this.#unlisted }]
    return [...this.#file.notes, ...unlisted, ...locked]
  }

  /** Whether all phones could be read. */
  get knowsAll(): boolean {
    return !this.#file.isUnread && this.#unlisted === null && this.#locked.length === 0
  }

  /** Reads the phones, also those that had to wait for their keychain. None where there are none. */
  async load(): Promise<KeptDevices> {
    const kept = (await this.#file.load()) ?? { devices: [] }
    const waited = await this.#openWaiting()
    if (waited.paths.length === 0) return kept
    const all = { ...kept, devices: united([...kept.devices, ...waited.devices]) }
    this.#opened = waited.paths
    await this.save(all).catch(() => undefined)
    return all
  }

  /** Resolves when these, or newer ones, are on disk. */
  async save(kept: KeptDevices): Promise<void> {
    const opened = this.#opened
    await this.#file.save(kept)
    for (const path of opened) await this.#disk.remove(path).catch(() => undefined)
    this.#opened = this.#opened.filter((path) => !opened.includes(path))
  }

  /** Tries again what was refused. */
  async retry(): Promise<void> {
    await this.#file.retry()
    if (this.#locked.length === 0 && this.#unlisted === null) return
    const { devices, paths } = await this.#openWaiting()
    if (paths.length === 0) return
    // From here on their phones are part of what is saved.
    this.#opened = [...this.#opened, ...paths]
    this.#options.onLate({ devices })
  }

  async #openWaiting(): Promise<{ readonly devices: Remembered[]; readonly paths: string[] }> {
    const devices: Remembered[] = []
    const paths: string[] = []
    const locked: string[] = []
    const unlisted = this.#unlisted
    for (const name of await this.#waiting()) {
      const path = join(dirname(this.#path), name)
      if (this.#opened.includes(path)) continue
      try {
        devices.push(...this.#decode(JSON.parse(await this.#disk.read(path)), true).devices)
        paths.push(path)
      } catch (error) {
        if (!(error instanceof SyntaxError || error instanceof v.ValiError)) locked.push(name)
      }
    }
    const changed = locked.join() !== this.#locked.join() || unlisted !== this.#unlisted
    this.#locked = locked
    if (changed) this.#options.onNotes?.()
    return { devices, paths }
  }

  /** Lists files that wait for their keychain, the newest first. */
  async #waiting(): Promise<string[]> {
    const folder = dirname(this.#path)
    this.#unlisted = null
    const names = await this.#disk.list(folder).catch((error: unknown) => {
      this.#unlisted = codeOf(error) || String(error)
      return []
    })
    const own = names.filter((name) => name.startsWith(`${basename(this.#path)}.`) && WAITING.test(name))
    return own.sort((a, b) => numberOf(b) - numberOf(a))
  }

  /** Throws Locked for what this keychain did not seal. `sealedOnly`: what is not sealed was set aside for another reason. */
  #decode(json: unknown, sealedOnly = false): KeptDevices {
    const content = v.parse(sealedOnly ? SealedContent : Content, json)
    const list = 'devices' in content ? content.devices : this.#open(content.sealed)
    return { devices: united(this.#entries.read(list)), calendar: content.calendar }
  }

  #open(sealed: string): unknown[] {
    const sealer = this.#options.sealer()
    if (sealer === null) throw new Locked('sealed, and the keychain is away')
    let text: string
    try {
      text = sealer.open(Buffer.from(sealed, 'base64'))
    } catch (error) {
      throw new Locked('sealed by another keychain', { cause: error })
    }
    this.#hadSealer = true
    return v.parse(v.array(v.unknown()), JSON.parse(text))
  }

  #encode({ devices, calendar: now }: KeptDevices): unknown {
    const sealer = this.#options.sealer()
    if (sealer === null && this.#hadSealer) throw new Error('the keychain is away')
    this.#hadSealer = sealer !== null
    const all = this.#entries.toSave(devices)
    const list = sealer === null ? { devices: all } : { sealed: sealer.seal(JSON.stringify(all)).toString('base64') }
    return { ...list, calendar: now }
  }
}

const numberOf = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1] ?? 0)

/** Returns each phone once, as it comes first. */
function united(devices: readonly Remembered[]): Remembered[] {
  const seen = new Set<string>()
  return devices.filter(({ id, uid }) => {
    const isNew = !seen.has(id) && !seen.has(uid)
    seen.add(id).add(uid)
    return isNew
  })
}
