import { join, sep } from 'node:path'
import { TransferError } from '#transfer/errors.ts'
import { BoundedMap } from '#transfer/bounded-map.ts'
import type { Sink } from '#transfer/sink.ts'
import { systemClock, type Clock } from './clock.ts'
import { replaceText, type Disk } from './disk.ts'
import { safePath, type SafePath } from './file-names.ts'
import { dataOf } from './inbox-context.ts'
import { Inbox, makeInbox, type LandedFile } from './inbox.ts'
import { keyOf } from './ledger.ts'
import { nodeDisk } from './node-disk.ts'
import type { OfferedFile } from './opening.ts'
import type { PartSummary } from './part-journal.ts'

/** A file in the program's folder for an inbox: its path, so that a later run finds what is not whole there. */
const FOLDER = 'folder'

/** Transfers of which it is remembered where they were to land. */
const PLACED_MAX = 4_096

export interface InboxesOptions {
  /** The program's own folder. */
  readonly data: string
  /** The folders where files land now, the one that is shown first. Asked at each file. */
  readonly folders: () => readonly [string, ...string[]]
  /** Chooses one of them for a file of a device. */
  readonly folderFor: (deviceId: string, lands: SafePath) => string
  readonly disk?: Disk
  readonly clock?: Clock
  /** Called when `isOther` changes. */
  readonly onOther?: () => void
}

/** Receives files into as many folders as a person has picked, each an inbox of its own, also those that were picked before. */
export class Inboxes {
  readonly #options: InboxesOptions
  readonly #disk: Disk
  readonly #inboxes = new Map<string, Inbox>()
  /** Where each transfer was to land last, by key. */
  readonly #placed = new BoundedMap<string, Inbox>(PLACED_MAX)
  /** Inboxes that are ready for files, or nearly so, by folder. */
  readonly #prepared = new Map<string, Promise<void>>()
  /** Folders that were picked in this run. */
  readonly #picked = new Set<string>()
  #isStarted = false

  constructor(options: InboxesOptions) {
    this.#options = options
    this.#disk = options.disk ?? nodeDisk
    for (const folder of options.folders()) this.#at(folder)
    this.#picked.clear()
  }

  /** The folder that is shown: where all files land that no other one was picked for. */
  get folder(): string {
    return this.#options.folders()[0]
  }

  /** Cleans up after an earlier run in all folders, also in those that files landed in then. */
  async start(): Promise<void> {
    for (const folder of await this.#before()) {
      this.#at(folder)
      this.#picked.delete(folder)
    }
    await Promise.all([...this.#inboxes.values()].map((inbox) => inbox.start()))
    this.#isStarted = true
  }

  /** Returns the inbox where such a file of the device lands. */
  of(deviceId: string, lands: SafePath): Inbox {
    return this.#at(this.#options.folderFor(deviceId, lands))
  }

  /** See Inbox. */
  resumes(deviceId: string, offer: OfferedFile, lands: SafePath): boolean {
    return this.#all.some((inbox) => inbox.resumes(deviceId, offer, lands))
  }

  /** Opens the sink of an offered file: where its part file is, if that can be reached, else where it is to land now. */
  async open(deviceId: string, offer: OfferedFile, lands?: SafePath): Promise<Sink> {
    const place = lands ?? safePath(offer.path ?? [], offer.name)
    const inbox = (await this.#resuming(deviceId, offer, place)) ?? this.of(deviceId, place)
    this.#placed.set(keyOf(deviceId, offer.id), inbox)
    await this.#prepare(inbox)
    return inbox.open(deviceId, offer, place)
  }

  landed(deviceId: string, id: string): LandedFile | null {
    for (const inbox of this.#all) {
      const there = inbox.landed(deviceId, id)
      if (there !== null) return there
    }
    return null
  }

  partsOf(deviceId: string): PartSummary[] {
    return this.#all.flatMap((inbox) => inbox.partsOf(deviceId))
  }

  parts(): PartSummary[] {
    return this.#all.flatMap((inbox) => inbox.parts())
  }

  async removePart(key: string): Promise<void> {
    await Promise.all(this.#all.map((inbox) => inbox.removePart(key)))
  }

  /**
   * Returns the bytes that must become free before a held file can go on with so many. None where its folder is not in use any
   * more: it goes on in another. Throws TransferError `disk-error` while the folder can't be reached.
   */
  async missing(bytes: number, deviceId: string, id: string): Promise<number> {
    const inbox = this.#placed.get(keyOf(deviceId, id)) ?? this.#at(this.folder)
    if (!this.#options.folders().includes(inbox.folder)) return 0
    await this.#prepare(inbox)
    return inbox.missing(bytes)
  }

  /** Whether at one of the paths in use is another folder than the one that files landed in. */
  get isOther(): boolean {
    return this.#used.some((inbox) => inbox.isOther)
  }

  /** Takes the folders that are at these paths now for the inboxes, because a person said so. Throws TransferError. */
  async use(): Promise<void> {
    for (const inbox of this.#used) if (inbox.isOther) await inbox.use()
  }

  /** Returns the folder of an inbox that the path is in; null where it is in none. */
  rootOf(path: string): string | null {
    const roots = [...this.#inboxes.keys()].filter((folder) => path.startsWith(folder + sep))
    return roots.sort((a, b) => b.length - a.length)[0] ?? null
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((inbox) => inbox.close()))
  }

  get #all(): readonly Inbox[] {
    return [...this.#inboxes.values()]
  }

  get #used(): readonly Inbox[] {
    return this.#options.folders().map((folder) => this.#at(folder))
  }

  #at(folder: string): Inbox {
    const there = this.#inboxes.get(folder)
    if (there !== undefined) return there
    const { data, clock = systemClock, onOther } = this.#options
    const inbox = new Inbox({ folder, data, disk: this.#disk, clock, ...(onOther !== undefined && { onOther }) })
    this.#inboxes.set(folder, inbox)
    this.#picked.add(folder)
    return inbox
  }

  /** Makes the folder of an inbox before its first file of this run, and remembers it for later ones. */
  async #prepare(inbox: Inbox): Promise<void> {
    if (!this.#isStarted) await this.start()
    const { folder } = inbox
    const preparing = this.#prepared.get(folder) ?? this.#make(inbox)
    this.#prepared.set(folder, preparing)
    await preparing
  }

  async #make(inbox: Inbox): Promise<void> {
    const { folder } = inbox
    const { data } = this.#options
    const own = dataOf({ folder, data })
    try {
      // One of the start was made then; what has gone since comes back by itself, or not.
      if (this.#picked.has(folder)) await makeInbox({ folder, data }, this.#disk)
      await inbox.start()
      await replaceText(this.#disk, own, join(own, FOLDER), folder)
    } catch {
      // The inbox itself says why nothing can land, in the engine's words; the next file tries again.
      this.#prepared.delete(folder)
    }
  }

  /** Returns the inbox with the part file of this very file; null where there is none, or none that can be reached. */
  async #resuming(deviceId: string, offer: OfferedFile, lands: SafePath): Promise<Inbox | null> {
    const inbox = this.#all.find((one) => one.resumes(deviceId, offer, lands))
    if (inbox === undefined || this.#options.folders().includes(inbox.folder)) return inbox ?? null
    return inbox.missing(0).then(
      () => inbox,
      (error: unknown) => {
        if (error instanceof TransferError) return null
        throw error
      },
    )
  }

  /** Returns the folders that files have landed in before. */
  async #before(): Promise<string[]> {
    const all = join(this.#options.data, 'transfers')
    const names = await this.#disk.readdir(all).catch(() => [])
    const found = await Promise.all(names.map((name) => this.#disk.readText(join(all, name, FOLDER)).catch(() => '')))
    return found.map((folder) => folder.trim()).filter((folder) => folder !== '')
  }
}
