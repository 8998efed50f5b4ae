import { BatchNames } from '#inbox/batch-names.ts'
import { existing } from '#inbox/existing.ts'
import type { Inboxes } from '#inbox/inboxes.ts'
import { needsClick, safePath, type SafePath } from '#inbox/file-names.ts'
import type { Unfinished } from '#protocol/frames.ts'
import { BATCH_FILES_MAX, UNFINISHED_MAX } from '#protocol/limits.ts'
import { shown } from '#protocol/text.ts'
import { TransferError } from '#transfer/errors.ts'
import type { WantThumb } from '#transfer/receiver.ts'
import type { Outcome } from '#transfer/session-options.ts'
import type { Sink } from '#transfer/sink.ts'
import type { Device, FileIntake } from '#core/devices/device.ts'
import { rowId } from '#core/ids.ts'
import type { FilePrompts, IncomingFile } from '#core/prompts.ts'

export interface FileReceiverOptions {
  readonly inbox: Inboxes
  readonly prompts: FilePrompts
  /** Whether somebody here has asked a device for this file. */
  readonly isAskedFor: (batch: string | undefined, id: string) => boolean
}

/** Batches whose names are remembered: more than a phone sends at a time. */
const BATCHES_MAX = 16

/** Takes the files of all devices into the inbox, and asks the person here where that is needed. */
export class FileReceiver implements FileIntake {
  readonly #options: FileReceiverOptions
  readonly #places = new WeakMap<Device, Places>()

  constructor(options: FileReceiverOptions) {
    this.#options = options
  }

  /** Judges a file by what will be done with it, not by what it was offered as. Throws TransferError `bad-name`. */
  async mayTake(device: Device, file: IncomingFile, look?: WantThumb): Promise<boolean> {
    const { inbox, prompts, isAskedFor } = this.#options
    const { id, size, batch } = file
    const place = placeOf(file)
    // It was wanted before, and resumes.
    if (inbox.resumes(device.id, file, place)) return true
    const { name: from, kind, preferences } = device
    const wary = needsClick(place)
    const trusted = (preferences.autoAccept || isAskedFor(batch, id)) && !wary
    const question = { id: rowId(device.id, id), from, kind, trusted, wary, name: place.name, size }
    return prompts.ask({ ...question, ...(look && { look }) })
  }

  landsAs(file: Pick<IncomingFile, 'path' | 'name'>): string {
    try {
      return placeOf(file).name
    } catch {
      // It will be refused.
      return shown(file.name)
    }
  }

  async openSink(device: Device, file: IncomingFile, fresh: boolean): Promise<Sink> {
    const place = this.#placesOf(device).of(file)
    const there = fresh ? null : await this.#alreadyThere(device, place, file)
    return there ?? this.#options.inbox.open(device.id, file, place)
  }

  landed(device: Device, id: string): Outcome | null {
    const there = this.#options.inbox.landed(device.id, id)
    return there === null ? null : { t: 'done', root: there.root }
  }

  unfinished(device: Device): readonly Unfinished[] {
    return this.#options.inbox
      .partsOf(device.id)
      .slice(0, UNFINISHED_MAX)
      .map(({ id, name, size, mtime, kept }) => ({ t: 'unfinished', id, name, size, mtime, bytes: kept }))
  }

  /** Finds what has not changed of a folder that is sent once more. Single files always travel: two may be wanted. */
  async #alreadyThere(device: Device, place: SafePath, { size, mtime }: IncomingFile): Promise<Sink | null> {
    if (place.folders.length === 0) return null
    // Not in the folder that stands in the place of a drive that is away.
    const inbox = this.#options.inbox.of(device.id, place)
    await inbox.missing(0)
    return existing(inbox.folder, place, { size, mtime, keptTime: inbox.keptTime })
  }

  #placesOf(device: Device): Places {
    const there = this.#places.get(device) ?? new Places()
    this.#places.set(device, there)
    return there
  }
}

const placeOf = ({ path = [], name }: Pick<IncomingFile, 'path' | 'name'>): SafePath => safePath(path, name)

interface Named {
  readonly names: BatchNames
  /** By the file's id and what it was offered as. */
  readonly placed: Map<string, SafePath>
}

/** Names the files of one device's batches, of which no two are one file on any disk. A file that comes again keeps its name. */
class Places {
  readonly #batches = new Map<string, Named>()
  /** Files of all of them. */
  #placed = 0

  of(offer: IncomingFile): SafePath {
    const { id, path = [], name, batch } = offer
    if (batch === undefined) return placeOf(offer)
    const { names, placed } = this.#batches.get(batch) ?? this.#begin(batch)
    const key = [id, ...path, name].join('/')
    const before = placed.get(key)
    if (before !== undefined) return before
    this.#makeRoom(batch)
    const place = names.reserve(path, name)
    placed.set(key, place)
    this.#placed++
    return place
  }

  /** Remembers no more files than one batch may have, whatever the other side calls its batches. */
  #makeRoom(batch: string): void {
    const [oldest] = this.#batches.keys()
    if (this.#placed < BATCH_FILES_MAX || oldest === undefined) return
    if (oldest === batch) throw new TransferError('overrun')
    this.#forget(oldest)
  }

  #forget(batch: string): void {
    this.#placed -= this.#batches.get(batch)?.placed.size ?? 0
    this.#batches.delete(batch)
  }

  #begin(batch: string): Named {
    const begun = { names: new BatchNames(), placed: new Map<string, SafePath>() }
    this.#batches.set(batch, begun)
    const [oldest] = this.#batches.keys()
    if (this.#batches.size > BATCHES_MAX && oldest !== undefined) this.#forget(oldest)
    return begun
  }
}
