import { BLOCK_BYTES } from '#protocol/limits.ts'
import type { Sink } from '#transfer/sink.ts'
import { keptBytes, type PartJournal } from './part-journal.ts'
import type { OfferedFile } from './offered.ts'
import { beginPart, resumePart, type OpenPart } from './part-opening.ts'
import { PartSink } from './part-sink.ts'
import { partName } from './part-names.ts'
import type { ResumablePart } from './resumable-parts.ts'
import type { InboxFolder } from './inbox-folders.ts'
import type { SafePath } from './safe-path.ts'
import { PartProgress } from './part-progress.ts'
import { SmallSink } from './small-sink.ts'
import type { InboxContext } from './inbox-context.ts'

export interface OpenRequest {
  readonly device: string
  readonly offer: OfferedFile
  /** What becomes of its path and name. */
  readonly lands: SafePath
  /** What is there by this id; null when there is nothing. */
  readonly resumable: ResumablePart | null
  /** What is there is of another file, or of no use: it goes. */
  readonly forget: (resumable: ResumablePart) => Promise<void>
  /** It is over; what is kept, can go on. */
  readonly over: (kept: ResumablePart | null) => void
}

/** Where an offered file goes: a small one into memory first, a large one into a part, on with what is there of it. */
export async function openSink(context: InboxContext, request: OpenRequest): Promise<Sink> {
  const { offer, lands, resumable, forget } = request
  const fresh = newJournal(request, context.clock.now())
  const folder = await context.inboxFolders.reach(fresh.folders)
  if (offer.size <= BLOCK_BYTES) return openSmall(context, fresh, folder, request)
  const same = resumable !== null && isOf(resumable.journal, offer, lands) ? resumable : null
  const opened = same && (await resumePart(context.disk, folder, same))
  if (opened === null && resumable !== null) await forget(resumable)
  return opened ? resume(context, opened, folder, request) : beginNew(context, fresh, folder, request)
}

function newJournal({ device, offer, lands }: OpenRequest, at: number): PartJournal {
  const { id, name: offered, size, mtime } = offer
  const { folders, name } = lands
  return { v: 1, device, id, offered, name, folders: [...folders], size, mtime, part: partName(name), hashes: [], at }
}

/** A sender that offers another file by the same id gets nothing of it mixed with what is here. */
export const isOf = (journal: PartJournal, { name, size, mtime }: OfferedFile, { folders }: SafePath): boolean =>
  journal.offered === name &&
  journal.size === size &&
  journal.mtime === mtime &&
  journal.folders.join('/') === folders.join('/')

async function openSmall(
  context: InboxContext,
  journal: PartJournal,
  folder: InboxFolder,
  { over }: OpenRequest,
): Promise<SmallSink> {
  const reservation = await context.space.reserve(journal.size)
  const { device, id, folders, name, part, size, mtime } = journal
  const line = { t: 'part' as const, device, id, folders, name, part, size }
  return new SmallSink(line, folder, mtime, reservation, { ...context, over: () => over(null) })
}

async function beginNew(
  context: InboxContext,
  journal: PartJournal,
  folder: InboxFolder,
  { over }: OpenRequest,
): Promise<PartSink> {
  const reservation = await context.space.reserve(journal.size)
  try {
    const { part } = await beginPart(context, folder, journal)
    const progress = new PartProgress(journal, null, part, context)
    return new PartSink(progress, part, folder, reservation, { ...context, over })
  } catch (error) {
    reservation.release()
    throw error
  }
}

async function resume(
  context: InboxContext,
  { part, journal, written }: OpenPart,
  folder: InboxFolder,
  request: OpenRequest,
): Promise<PartSink> {
  try {
    const reservation = await context.space.reserve(journal.size - keptBytes(journal))
    const progress = new PartProgress(journal, written, part, context)
    return new PartSink(progress, part, folder, reservation, { ...context, over: request.over })
  } catch (error) {
    request.over({ journal, info: await part.close() })
    throw error
  }
}
