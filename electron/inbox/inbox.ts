import { dirname, join } from 'node:path'
import { TransferError } from '#transfer/errors.ts'
import type { Sink } from '#transfer/sink.ts'
import { onDisk } from './disk-errors.ts'
import { keyOf } from './ledger.ts'
import type { Offered } from './offered.ts'
import { isOf, openSink } from './opening.ts'
import { PartSink, type Kept } from './part-sink.ts'
import { makeHome } from './home.ts'
import { nodeDisk } from './node-disk.ts'
import { Partials, type Partial, type Unfinished } from './partials.ts'
import { recover } from './recovery.ts'
import { safePath, type SafePath } from './safe-path.ts'
import { dataOf, toolsFor, type InboxOptions, type Tools } from './tools.ts'

/** A file that has landed, as it is remembered for a sender that asks again. */
export interface Received {
  readonly root: string
  readonly name: string
  readonly path: string
}

/** Makes the folder of an inbox, unless it is on a drive that is away. */
export const makeInbox = (options: Pick<InboxOptions, 'folder' | 'data'>, disk = nodeDisk): Promise<void> =>
  makeHome({ folder: options.folder, data: dataOf(options), disk })

/** Received files: those that arrive, those that can go on, and the memory of those that have landed. */
export class Inbox {
  readonly #folder: string
  readonly #tools: Tools
  readonly #partials = new Partials()
  /** Those that are arriving; null while they are being opened. */
  readonly #open = new Map<string, Sink | null>()
  #started: Promise<void> | null = null

  constructor(options: InboxOptions) {
    this.#folder = options.folder
    this.#tools = toolsFor(options)
  }

  /** Cleans up after an earlier run. All else waits for it; it is done once, and again only after it failed. */
  start(): Promise<void> {
    this.#started ??= onDisk(() => this.#recover()).catch((error: unknown) => {
      this.#started = null
      throw error
    })
    return this.#started
  }

  /** Whether this very file was being received from this device, so that it goes on where it is opened. */
  goesOn(deviceId: string, offer: Offered, lands = safePath(offer.path ?? [], offer.name)): boolean {
    const partial = this.#partials.get(keyOf(deviceId, offer.id))
    return partial !== null && isOf(partial.journal, offer, lands)
  }

  /**
   * Where an offered file goes: on with what is there of the same device, transfer, name, size and time, else from the
   * beginning. `lands`: what becomes of its path and name where that was decided before. Throws TransferError: `bad-name`, `disk-full` with `needBytes`, `too-large`, `disk-error`, or
   * `not-allowed` while the same transfer is open already.
   */
  async open(deviceId: string, offer: Offered, lands?: SafePath): Promise<Sink> {
    await this.start()
    const key = keyOf(deviceId, offer.id)
    const before = this.#open.get(key)
    if (before instanceof PartSink && before.leaving !== null) await before.leaving
    if (this.#open.has(key)) throw new TransferError('not-allowed')
    this.#open.set(key, null)
    const over = (kept: Kept | null): void => {
      this.#open.delete(key)
      if (kept === null) this.#partials.delete(key)
      else this.#partials.put(kept)
      void this.#prune()
    }
    try {
      const forget = (partial: Partial) => this.#forget(key, partial)
      const place = lands ?? safePath(offer.path ?? [], offer.name)
      const opening = { device: deviceId, offer, lands: place, partial: this.#partials.get(key), forget, over }
      const sink = await onDisk(() => openSink(this.#tools, opening))
      this.#open.set(key, sink)
      return sink
    } catch (error) {
      this.#open.delete(key)
      throw error
    }
  }

  /** The file of this transfer, if it has landed, also in an earlier run: it need not be sent again. */
  landed(deviceId: string, id: string): Received | null {
    const line = this.#tools.ledger.landed(deviceId, id)
    if (line === null) return null
    return { root: line.root, name: line.name, path: join(this.#folder, ...line.folders, line.name) }
  }

  /** The time that the disk gave a file which has landed here and was offered with another; null where it kept that one. */
  readonly keptTime = (folders: readonly string[], name: string, mtime: number): number | null =>
    this.#tools.ledger.keptTime(folders, name, mtime)

  unfinished(deviceId: string): Unfinished[] {
    return this.all().filter((one) => one.deviceId === deviceId)
  }

  /** Those that can go on and are not arriving now. */
  all(): Unfinished[] {
    return this.#partials.list().filter(({ key }) => !this.#open.has(key))
  }

  /** A person does not want the rest of it. One that is arriving is not touched: its session cancels it. */
  async remove(key: string): Promise<void> {
    const partial = this.#partials.get(key)
    if (partial !== null && !this.#open.has(key)) await this.#forget(key, partial)
  }

  /** Bytes that must become free before `bytes` more can be taken; 0 = there is room. Throws TransferError `disk-error`. */
  async missing(bytes: number): Promise<number> {
    const { places, room } = this.#tools
    await this.start()
    return onDisk(async () => {
      await places.reach([])
      return room.missing(bytes)
    })
  }

  /** At its path is another folder than the one that files landed in; they wait. */
  get isOther(): boolean {
    return this.#tools.home.isOther
  }

  /** A person means the folder that is there now. Throws TransferError. */
  use(): Promise<void> {
    return onDisk(() => this.#tools.home.use())
  }

  /** The program ends: what is arriving can go on in the next run. */
  async close(): Promise<void> {
    await this.#started?.catch(() => undefined)
    await Promise.all([...this.#open.values()].map((sink) => sink?.suspend() ?? Promise.resolve()))
    await this.#tools.ledger.compact().catch(() => undefined)
  }

  async #recover(): Promise<void> {
    const { data, disk } = this.#tools
    await disk.mkdirs(data)
    for (const folder of [dirname(data), dirname(dirname(data))]) await disk.syncFolder(folder)
    for (const journal of await recover(this.#tools)) this.#partials.put({ journal, info: null })
    await this.#prune()
  }

  async #prune(): Promise<void> {
    const keys = this.#partials.tooMany(this.#tools.clock.now(), (key) => this.#open.has(key))
    for (const key of keys) await this.remove(key)
  }

  async #forget(key: string, { journal }: Partial): Promise<void> {
    this.#partials.delete(key)
    await this.#tools.journals.remove(journal)
    const place = await this.#tools.places.find(journal.folders)
    if (place !== null) await this.#tools.landing.drop(place, journal.part)
  }
}
