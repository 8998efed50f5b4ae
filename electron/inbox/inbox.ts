import { dirname, join } from 'node:path'
import { TransferError } from '#transfer/errors.ts'
import type { Sink } from '#transfer/sink.ts'
import { onDisk } from './disk-errors.ts'
import { keyOf } from './ledger.ts'
import type { OfferedFile } from './offered.ts'
import { isOf, openSink } from './opening.ts'
import { PartSink } from './part-sink.ts'
import { makeInboxFolder } from './inbox-identity.ts'
import { nodeDisk } from './node-disk.ts'
import { ResumableParts, type ResumablePart, type PartSummary } from './resumable-parts.ts'
import { recover } from './recovery.ts'
import { safePath, type SafePath } from './safe-path.ts'
import { dataOf, inboxContext, type InboxOptions, type InboxContext } from './inbox-context.ts'

/** A file that has landed, as it is remembered for a sender that asks again. */
export interface LandedFile {
  readonly root: string
  readonly name: string
  readonly path: string
}

/** Makes the folder of an inbox, unless it is on a drive that is away. */
export const makeInbox = (options: Pick<InboxOptions, 'folder' | 'data'>, disk = nodeDisk): Promise<void> =>
  makeInboxFolder({ folder: options.folder, data: dataOf(options), disk })

/** Received files: those that arrive, those that can go on, and the memory of those that have landed. */
export class Inbox {
  readonly #folder: string
  readonly #context: InboxContext
  readonly #resumable = new ResumableParts()
  /** Those that are arriving; null while they are being opened. */
  readonly #open = new Map<string, Sink | null>()
  #started: Promise<void> | null = null

  constructor(options: InboxOptions) {
    this.#folder = options.folder
    this.#context = inboxContext(options)
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
  resumes(deviceId: string, offer: OfferedFile, lands = safePath(offer.path ?? [], offer.name)): boolean {
    const resumable = this.#resumable.get(keyOf(deviceId, offer.id))
    return resumable !== null && isOf(resumable.journal, offer, lands)
  }

  /**
   * Where an offered file goes: on with what is there of the same device, transfer, name, size and time, else from the
   * beginning. `lands`: what becomes of its path and name where that was decided before. Throws TransferError: `bad-name`, `disk-full` with `needBytes`, `too-large`, `disk-error`, or
   * `not-allowed` while the same transfer is open already.
   */
  async open(deviceId: string, offer: OfferedFile, lands?: SafePath): Promise<Sink> {
    await this.start()
    const key = keyOf(deviceId, offer.id)
    const before = this.#open.get(key)
    if (before instanceof PartSink && before.leaving !== null) await before.leaving
    if (this.#open.has(key)) throw new TransferError('not-allowed')
    this.#open.set(key, null)
    const over = (kept: ResumablePart | null): void => {
      this.#open.delete(key)
      if (kept === null) this.#resumable.delete(key)
      else this.#resumable.put(kept)
      void this.#prune()
    }
    try {
      const forget = (resumable: ResumablePart) => this.#forget(key, resumable)
      const place = lands ?? safePath(offer.path ?? [], offer.name)
      const request = { device: deviceId, offer, lands: place, resumable: this.#resumable.get(key), forget, over }
      const sink = await onDisk(() => openSink(this.#context, request))
      this.#open.set(key, sink)
      return sink
    } catch (error) {
      this.#open.delete(key)
      throw error
    }
  }

  /** The file of this transfer, if it has landed, also in an earlier run: it need not be sent again. */
  landed(deviceId: string, id: string): LandedFile | null {
    const line = this.#context.ledger.landed(deviceId, id)
    if (line === null) return null
    return { root: line.root, name: line.name, path: join(this.#folder, ...line.folders, line.name) }
  }

  /** The time that the disk gave a file which has landed here and was offered with another; null where it kept that one. */
  readonly keptTime = (folders: readonly string[], name: string, mtime: number): number | null =>
    this.#context.ledger.keptTime(folders, name, mtime)

  partsOf(deviceId: string): PartSummary[] {
    return this.parts().filter((one) => one.deviceId === deviceId)
  }

  /** Those that can go on and are not arriving now. */
  parts(): PartSummary[] {
    return this.#resumable.list().filter(({ key }) => !this.#open.has(key))
  }

  /** A person does not want the rest of it. One that is arriving is not touched: its session cancels it. */
  async removePart(key: string): Promise<void> {
    const resumable = this.#resumable.get(key)
    if (resumable !== null && !this.#open.has(key)) await this.#forget(key, resumable)
  }

  /** Bytes that must become free before `bytes` more can be taken; 0 = there is room. Throws TransferError `disk-error`. */
  async missing(bytes: number): Promise<number> {
    const { inboxFolders, space } = this.#context
    await this.start()
    return onDisk(async () => {
      await inboxFolders.reach([])
      return space.missing(bytes)
    })
  }

  /** At its path is another folder than the one that files landed in; they wait. */
  get isOther(): boolean {
    return this.#context.identity.isOther
  }

  /** A person means the folder that is there now. Throws TransferError. */
  use(): Promise<void> {
    return onDisk(() => this.#context.identity.use())
  }

  /** The program ends: what is arriving can go on in the next run. */
  async close(): Promise<void> {
    await this.#started?.catch(() => undefined)
    await Promise.all([...this.#open.values()].map((sink) => sink?.suspend() ?? Promise.resolve()))
    await this.#context.ledger.compact().catch(() => undefined)
  }

  async #recover(): Promise<void> {
    const { data, disk } = this.#context
    await disk.mkdirs(data)
    for (const folder of [dirname(data), dirname(dirname(data))]) await disk.syncFolder(folder)
    for (const journal of await recover(this.#context)) this.#resumable.put({ journal, info: null })
    await this.#prune()
  }

  async #prune(): Promise<void> {
    const keys = this.#resumable.tooMany(this.#context.clock.now(), (key) => this.#open.has(key))
    for (const key of keys) await this.removePart(key)
  }

  async #forget(key: string, { journal }: ResumablePart): Promise<void> {
    this.#resumable.delete(key)
    await this.#context.journals.remove(journal)
    const folder = await this.#context.inboxFolders.find(journal.folders)
    if (folder !== null) await this.#context.landing.drop(folder, journal.part)
  }
}
