import { BLOCK_BYTES } from '#protocol/limits.ts'
import type { Sink } from '#transfer/sink.ts'
import { keptBytes, type Journal } from './journal.ts'
import type { Offered } from './offered.ts'
import { beginPart, resumePart, type Opened } from './part-opening.ts'
import { PartSink, type Kept } from './part-sink.ts'
import { partName } from './parts.ts'
import type { Partial } from './partials.ts'
import type { Place } from './places.ts'
import type { SafePath } from './safe-path.ts'
import { Safe } from './safe.ts'
import { SmallSink } from './small-sink.ts'
import type { Tools } from './tools.ts'

export interface Opening {
  readonly device: string
  readonly offer: Offered
  /** What becomes of its path and name. */
  readonly lands: SafePath
  /** What is there by this id; null when there is nothing. */
  readonly partial: Partial | null
  /** What is there is of another file, or of no use: it goes. */
  readonly forget: (partial: Partial) => Promise<void>
  /** It is over; what is kept, can go on. */
  readonly over: (kept: Kept | null) => void
}

/** Where an offered file goes: a small one into memory first, a large one into a part, on with what is there of it. */
export async function openSink(tools: Tools, opening: Opening): Promise<Sink> {
  const { offer, lands, partial, forget } = opening
  const fresh = journalOf(opening, tools.clock.now())
  const place = await tools.places.reach(fresh.folders)
  if (offer.size <= BLOCK_BYTES) return openSmall(tools, fresh, place, opening)
  const same = partial !== null && isOf(partial.journal, offer, lands) ? partial : null
  const resumed = same && (await resumePart(tools.disk, place, same))
  if (resumed === null && partial !== null) await forget(partial)
  return resumed ? goOn(tools, resumed, place, opening) : begin(tools, fresh, place, opening)
}

function journalOf({ device, offer, lands }: Opening, at: number): Journal {
  const { id, name: offered, size, mtime } = offer
  const { folders, name } = lands
  return { v: 1, device, id, offered, name, folders: [...folders], size, mtime, part: partName(name), hashes: [], at }
}

/** A sender that offers another file by the same id gets nothing of it mixed with what is here. */
export const isOf = (journal: Journal, { name, size, mtime }: Offered, { folders }: SafePath): boolean =>
  journal.offered === name &&
  journal.size === size &&
  journal.mtime === mtime &&
  journal.folders.join('/') === folders.join('/')

async function openSmall(tools: Tools, journal: Journal, place: Place, { over }: Opening): Promise<SmallSink> {
  const promised = await tools.room.promise(journal.size)
  const { device, id, folders, name, part, size, mtime } = journal
  const line = { t: 'part' as const, device, id, folders, name, part, size }
  return new SmallSink(line, place, mtime, promised, { ...tools, over: () => over(null) })
}

async function begin(tools: Tools, journal: Journal, place: Place, { over }: Opening): Promise<PartSink> {
  const promised = await tools.room.promise(journal.size)
  try {
    const { part } = await beginPart(tools, place, journal)
    const safe = new Safe(journal, null, part, tools)
    return new PartSink(safe, part, place, promised, { ...tools, over })
  } catch (error) {
    promised.release()
    throw error
  }
}

async function goOn(
  tools: Tools,
  { part, journal, written }: Opened,
  place: Place,
  opening: Opening,
): Promise<PartSink> {
  try {
    const promised = await tools.room.promise(journal.size - keptBytes(journal))
    const safe = new Safe(journal, written, part, tools)
    return new PartSink(safe, part, place, promised, { ...tools, over: opening.over })
  } catch (error) {
    opening.over({ journal, info: await part.close() })
    throw error
  }
}
