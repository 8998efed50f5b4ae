import { dirname, join } from 'node:path'
import { Suspended, TransferError } from '#transfer/errors.ts'
import type { Sink } from '#transfer/sink.ts'
import { onDisk } from './disk.ts'
import { safePath, type SafePath } from './file-names.ts'
import { keyOf } from './ledger.ts'
import { isOf, openSink, type OfferedFile } from './opening.ts'
import { ResumableParts, type PartSummary, type ResumablePart } from './part-journal.ts'
import { PartSink } from './part-sink.ts'
import { makeInboxFolder } from './inbox-identity.ts'
import { nodeDisk } from './node-disk.ts'
import { recover } from './recovery.ts'
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

/** Receives files into a folder: opens sinks, resumes part files, and remembers what has landed. */
export class Inbox {
  readonly folder: string
  readonly #context: InboxContext
  readonly #resumable = new ResumableParts()
  /** Sinks in use by key; null while one is being opened. */
  readonly #open = new Map<string, Sink | null>()
  readonly #opening = new Set<Promise<Sink>>()
  #isClosed = false
  #started: Promise<void> | null = null

  constructor(options: InboxOptions) {
    this.folder = options.folder
    this.#context = inboxContext(options)
  }

  /** Cleans up after an earlier run, once, and again only after a failure. All else waits for that. */
  start(): Promise<void> {
    this.#started ??= onDisk(() => this.#recover()).catch((error: unknown) => {
      this.#started = null
      throw error
    })
    return this.#started
  }

  /** Returns whether there is a part file of this very file from this device, so that `open` resumes it. */
  resumes(deviceId: string, offer: OfferedFile, lands = safePath(offer.path ?? [], offer.name)): boolean {
    const resumable = this.#resumable.get(keyOf(deviceId, offer.id))
    return resumable !== null && isOf(resumable.journal, offer, lands)
  }

  /**
   * Opens the sink of an offered file: resumes the part file of the same device, transfer, name, size and time, else starts
   * anew. `lands`: where the file lands, if that was decided before. Throws TransferError: `bad-name`, `disk-full` with
   * `needBytes`, `too-large`, `disk-error`, or `not-allowed` while the same transfer is open already; and Suspended once the
   * inbox is closed.
   */
  async open(deviceId: string, offer: OfferedFile, lands?: SafePath): Promise<Sink> {
    if (this.#isClosed) throw new Suspended()
    const opening = this.#openSink(deviceId, offer, lands)
    this.#opening.add(opening)
    return opening.finally(() => this.#opening.delete(opening))
  }

  async #openSink(deviceId: string, offer: OfferedFile, lands?: SafePath): Promise<Sink> {
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

  /** Returns the file of this transfer if it has landed, also in an earlier run: it need not be sent again. */
  landed(deviceId: string, id: string): LandedFile | null {
    const line = this.#context.ledger.landed(deviceId, id)
    if (line === null) return null
    return { root: line.root, name: line.name, path: join(this.folder, ...line.folders, line.name) }
  }

  /** Returns the time that the disk gave a landed file which was offered with `mtime`; null where it kept that. */
  readonly keptTime = (folders: readonly string[], name: string, mtime: number): number | null =>
    this.#context.ledger.keptTime(folders, name, mtime)

  /** Lists the part files of one device that can be resumed. */
  partsOf(deviceId: string): PartSummary[] {
    return this.parts().filter((one) => one.deviceId === deviceId)
  }

  /** Lists the part files that can be resumed and are not arriving now. */
  parts(): PartSummary[] {
    return this.#resumable.list().filter(({ key }) => !this.#open.has(key))
  }

  /** Removes a part file that a person does not want. One that is arriving is not touched: its session cancels that. */
  async removePart(key: string): Promise<void> {
    const resumable = this.#resumable.get(key)
    if (resumable !== null && !this.#open.has(key)) await this.#forget(key, resumable)
  }

  /** Returns the bytes that must become free before `bytes` more can be taken; 0 = none. Throws TransferError `disk-error`. */
  async missing(bytes: number): Promise<number> {
    const { inboxFolders, space } = this.#context
    await this.start()
    return onDisk(async () => {
      await inboxFolders.reach([])
      return space.missing(bytes)
    })
  }

  /** Whether another folder than the one that files landed in is at its path: files wait then. */
  get isOther(): boolean {
    return this.#context.identity.isOther
  }

  /** Takes the folder that is at the path now for the inbox, because a person said so. Throws TransferError. */
  use(): Promise<void> {
    return onDisk(() => this.#context.identity.use())
  }

  /** Suspends all that is arriving, also what is just being opened, for the next run to resume. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#started?.catch(() => undefined)
    await Promise.allSettled(this.#opening)
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
