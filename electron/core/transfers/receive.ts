import { BatchNames } from '#inbox/batch-names.ts'
import { existing } from '#inbox/existing.ts'
import type { Inbox } from '#inbox/inbox.ts'
import { needsClick, safePath, type SafePath } from '#inbox/file-names.ts'
import { BATCH_FILES_MAX, UNFINISHED_MAX } from '#protocol/limits.ts'
import { shown } from '#protocol/text.ts'
import { TransferError } from '#transfer/errors.ts'
import type { WantThumb } from '#transfer/receiver.ts'
import type { Sink } from '#transfer/sink.ts'
import type { DevicePorts, Incoming } from '#core/devices/device-ports.ts'
import type { Device } from '#core/devices/device.ts'
import type { FilePrompts } from '#core/prompts.ts'

export interface ReceivingOptions {
  readonly inbox: Inbox
  /** The folder of the inbox. */
  readonly folder: string
  readonly filePrompts: FilePrompts
  readonly device: () => Device
  /** Somebody here has asked the device for this file. */
  readonly isAskedFor: (batch: string | undefined, id: string) => boolean
  readonly rowId: (device: Device, transferId: string) => string
}

/** Batches whose names are remembered: more than a phone sends at a time. */
const BATCHES_MAX = 16

type Ports = Pick<DevicePorts, 'mayTake' | 'landsAs' | 'openSink' | 'landed' | 'unfinished'>

/** What a device's files need of the inbox and of the person here. */
export function receiving(options: ReceivingOptions): Ports {
  const { inbox, device } = options
  const places = new Places()
  return {
    landsAs,
    mayTake: (file, look) => mayTake(options, file, look),
    openSink: async (offer, fresh): Promise<Sink> => {
      const place = places.of(offer)
      const there = fresh ? null : await alreadyThere(options, place, offer)
      return there ?? inbox.open(device().id, offer, place)
    },
    landed: (id) => {
      const there = inbox.landed(device().id, id)
      return there === null ? null : { t: 'done', root: there.root }
    },
    unfinished: () =>
      inbox
        .partsOf(device().id)
        .slice(0, UNFINISHED_MAX)
        .map(({ id, name, size, mtime, kept }) => ({ t: 'unfinished', id, name, size, mtime, bytes: kept })),
  }
}

/** Judged by what will be done with it, not by what it was offered as. Throws TransferError `bad-name`. */
async function mayTake(
  { inbox, filePrompts, device, rowId, isAskedFor }: ReceivingOptions,
  file: Incoming,
  look: WantThumb | undefined,
): Promise<boolean> {
  const { id, size, batch } = file
  const place = placeOf(file)
  // It was wanted before, and goes on.
  if (inbox.resumes(device().id, file, place)) return true
  const { name: from, kind, preferences } = device()
  const wary = needsClick(place)
  const trusted = (preferences.autoAccept || isAskedFor(batch, id)) && !wary
  const about = { from, kind, trusted, wary, name: place.name, size }
  return filePrompts.ask({ id: rowId(device(), id), ...about, ...(look && { look }) })
}

const placeOf = ({ path = [], name }: Pick<Incoming, 'path' | 'name'>): SafePath => safePath(path, name)

/** What a screen calls it before it is here. */
function landsAs(offer: Pick<Incoming, 'path' | 'name'>): string {
  try {
    return placeOf(offer).name
  } catch {
    // It will be refused.
    return shown(offer.name)
  }
}

/** A folder that is sent once more: what did not change need not travel. Single files always do: two may be wanted. */
async function alreadyThere(
  { inbox, folder }: ReceivingOptions,
  place: SafePath,
  { size, mtime }: Incoming,
): Promise<Sink | null> {
  if (place.folders.length === 0) return null
  // Not in the folder that stands in the place of a drive that is away.
  await inbox.missing(0)
  return existing(folder, place, { size, mtime, keptTime: inbox.keptTime })
}

interface Named {
  readonly names: BatchNames
  /** By the file's id and what it was offered as. */
  readonly placed: Map<string, SafePath>
}

/** Names for the files of batches, of which no two are one file on any disk. A file that comes again keeps its own. */
class Places {
  readonly #batches = new Map<string, Named>()
  /** Files of all of them. */
  #placed = 0

  of(offer: Incoming): SafePath {
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

  /** Whatever the other side calls a batch, no more is remembered than one of them may have. */
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
