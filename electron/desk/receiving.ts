import { BatchNames } from '#inbox/batch-names.ts'
import { existing } from '#inbox/existing.ts'
import type { Inbox } from '#inbox/inbox.ts'
import { safePath } from '#inbox/safe-path.ts'
import { needsClick } from '#inbox/wary.ts'
import { BATCH_FILES_MAX, UNFINISHED_MAX } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Sink } from '#transfer/sink.ts'
import type { DevicePorts, Incoming } from './device-ports.ts'
import type { Device } from './device.ts'
import type { Offers } from './offers.ts'

export interface ReceivingOptions {
  readonly inbox: Inbox
  /** The folder of the inbox. */
  readonly folder: string
  readonly offers: Offers
  readonly device: () => Device
  /** Somebody here has asked the device for this file. */
  readonly isAskedFor: (batch: string | undefined, id: string) => boolean
  readonly rowId: (device: Device, transferId: string) => string
}

/** Batches whose names are remembered: more than a phone sends at a time. */
const BATCHES_MAX = 16

type Ports = Pick<DevicePorts, 'mayTake' | 'openSink' | 'landed' | 'unfinished'>

/** What a device's files need of the inbox and of the person here. */
export function receiving({ inbox, folder, offers, device, rowId, isAskedFor }: ReceivingOptions): Ports {
  const places = new Places()
  const unfinished = () => inbox.unfinished(device().id)
  return {
    mayTake: ({ id, name, size, batch }, look) => {
      // It was wanted before, and goes on.
      if (unfinished().some((one) => one.id === id)) return Promise.resolve(true)
      const { name: from, kind, wishes } = device()
      const trusted = (wishes.autoAccept || isAskedFor(batch, id)) && !needsClick(name)
      return offers.ask({ id: rowId(device(), id), from, kind, trusted, name, size, ...(look && { look }) })
    },
    openSink: async (offer, fresh): Promise<Sink> => {
      const placed = { ...offer, ...places.of(offer) }
      const there = fresh ? null : await alreadyThere(folder, placed)
      return there ?? inbox.open(device().id, placed)
    },
    landed: (id) => {
      const there = inbox.landed(device().id, id)
      return there === null ? null : { t: 'done', root: there.root }
    },
    unfinished: () =>
      unfinished()
        .slice(0, UNFINISHED_MAX)
        .map(({ id, name, size, mtime, kept }) => ({ t: 'unfinished', id, name, size, mtime, bytes: kept })),
  }
}

/** A folder that is sent once more: what did not change need not travel. Single files always do: two may be wanted. */
async function alreadyThere(folder: string, { path = [], name, size, mtime }: Incoming): Promise<Sink | null> {
  if (path.length === 0) return null
  return existing(folder, safePath(path, name), { size, mtime })
}

type Placed = Pick<Incoming, 'path' | 'name'>

/** Names for the files of batches, of which no two are one file on any disk. A file that comes again keeps its own. */
class Places {
  readonly #batches = new Map<string, { readonly names: BatchNames; readonly placed: Map<string, Placed> }>()
  /** Files of all of them. */
  #placed = 0

  of({ id, path = [], name, batch }: Incoming): Placed {
    if (batch === undefined) return { path, name }
    const { names, placed } = this.#batches.get(batch) ?? this.#begin(batch)
    const before = placed.get(id)
    if (before !== undefined) return before
    this.#makeRoom(batch)
    const place = names.place(path, name)
    const own = { path: [...place.folders], name: place.name }
    placed.set(id, own)
    this.#placed++
    return own
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

  #begin(batch: string): { readonly names: BatchNames; readonly placed: Map<string, Placed> } {
    const begun = { names: new BatchNames(), placed: new Map<string, Placed>() }
    this.#batches.set(batch, begun)
    const [oldest] = this.#batches.keys()
    if (this.#batches.size > BATCHES_MAX && oldest !== undefined) this.#forget(oldest)
    return begun
  }
}
