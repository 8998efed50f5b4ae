import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import { CalendarState, Remembered, type KeptDevices } from './devices.ts'
import { codeOf, nodeFiles, type FileDisk } from './disk-file.ts'
import { JsonFile, Locked, type FileNote } from './json-file.ts'

/** The system's own way of keeping a secret at rest; see Electron's safeStorage. */
export interface Sealer {
  seal(text: string): Buffer
  /** Throws when it was sealed by somebody else. */
  open(sealed: Buffer): string
}

export interface DeviceStorePorts {
  /** The system's keychain; null while it offers none. */
  readonly sealer: () => Sealer | null
  /** Takes phones that could not be read before, and saves the whole afterwards. */
  readonly onLate: (found: KeptDevices) => void
  readonly onNotes?: () => void
  readonly disk?: FileDisk
}

const calendar = v.fallback(v.optional(CalendarState), undefined)
const Sealed = v.object({ sealed: v.string(), calendar })
const Content = v.union([Sealed, v.object({ devices: v.array(v.unknown()), calendar })])

/** Entries that are carried along though they make no sense here. */
const STRANGE_MAX = 64

/** Names of files that wait for their keychain, and that of earlier versions, which tried them only once. */
const WAITING = /\.(?:locked-\d+|unreadable)$/

/**
 * The phones that are remembered, in one file. Keys are sealed where the system offers it, else the file's owner alone can
 * read it. Phones that were sealed and can't be opened are kept under another name and tried again: their keychain may be
 * back at the next start, or by itself.
 */
export class DeviceStore {
  readonly #path: string
  readonly #ports: DeviceStorePorts
  readonly #disk: FileDisk
  readonly #file: JsonFile<KeptDevices, KeptDevices>
  /** Entries that a newer version understands, maybe; they go back into the file. */
  #strange: readonly unknown[] = []
  #locked: readonly string[] = []
  /** Why the folder can't be looked through for phones that wait; null where it can. */
  #unlisted: string | null = null
  /** Files whose phones are in memory, and go when these are saved. */
  #opened: readonly string[] = []
  /** There was a keychain in this run: what it keeps is never written without it. */
  #hadSealer = false

  constructor(path: string, ports: DeviceStorePorts) {
    this.#path = path
    this.#ports = ports
    this.#disk = ports.disk ?? nodeFiles
    this.#file = new JsonFile(path, {
      decode: (json) => this.#decode(json),
      encode: (kept) => this.#encode(kept),
      onLate: (found) => {
        ports.onLate(found ?? { devices: [] })
      },
      ...(ports.onNotes !== undefined && { onNotes: ports.onNotes }),
      disk: this.#disk,
    })
  }

  get notes(): readonly FileNote[] {
    const locked = this.#locked.map((detail): FileNote => ({ file: basename(this.#path), what: 'locked', detail }))
    const unlisted: FileNote[] =
      this.#unlisted === null ? [] : [{ file: basename(this.#path), what: 'unread', detail: this.#unlisted }]
    return [...this.#file.notes, ...unlisted, ...locked]
  }

  /** False while there may be phones that could not be read. */
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
    this.#ports.onLate({ devices })
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
    if (changed) this.#ports.onNotes?.()
    return { devices, paths }
  }

  /** The newest first. */
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
    const content = v.parse(sealedOnly ? Sealed : Content, json)
    const list = 'devices' in content ? content.devices : this.#open(content.sealed)
    const entries = list.map((one) => ({ one, parsed: v.safeParse(Remembered, one) }))
    const strange = entries.flatMap(({ one, parsed }) => (parsed.success ? [] : [one]))
    this.#strange = [...this.#strange, ...strange].slice(0, STRANGE_MAX)
    const devices = entries.flatMap(({ parsed }) => (parsed.success ? [parsed.output] : []))
    return { devices: united(devices), calendar: content.calendar }
  }

  #open(sealed: string): unknown[] {
    const sealer = this.#ports.sealer()
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
    const sealer = this.#ports.sealer()
    if (sealer === null && this.#hadSealer) throw new Error('the keychain is away')
    this.#hadSealer = sealer !== null
    const all = [...devices, ...this.#strange]
    const list = sealer === null ? { devices: all } : { sealed: sealer.seal(JSON.stringify(all)).toString('base64') }
    return { ...list, calendar: now }
  }
}

const numberOf = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1] ?? 0)

/** Each phone once: as it comes first. */
function united(devices: readonly Remembered[]): Remembered[] {
  const seen = new Set<string>()
  return devices.filter(({ id, uid }) => {
    const isNew = !seen.has(id) && !seen.has(uid)
    seen.add(id).add(uid)
    return isNew
  })
}
