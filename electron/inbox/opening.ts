import { join } from 'node:path'
import type { OfferFile } from '#protocol/frames.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import type { Sink } from '#transfer/sink.ts'
import type { Disk, DiskFile, Info } from './disk.ts'
import type { SafePath } from './file-names.ts'
import type { InboxContext } from './inbox-context.ts'
import type { InboxFolder } from './inbox-folders.ts'
import { PartFile } from './part-file.ts'
import { keptBytes, type PartJournal, type ResumablePart } from './part-journal.ts'
import { partName } from './part-names.ts'
import { PartProgress } from './part-progress.ts'
import { PartSink } from './part-sink.ts'
import { SmallSink } from './small-sink.ts'

/** FAT's end: one byte less than 4 GiB. */
const FAT_BYTES_MAX = 0xffff_ffff

/** What the inbox needs to know of an offered file. `path`: folders above the file, outermost first, at most 32. */
export type OfferedFile = Pick<OfferFile, 'id' | 'name' | 'size' | 'mtime'> & {
  readonly path?: readonly string[] | undefined
}

export interface OpenRequest {
  readonly device: string
  readonly offer: OfferedFile
  /** Where the file lands, made of the offered path and name. */
  readonly lands: SafePath
  /** The part file of the same device and id; null where there is none. */
  readonly resumable: ResumablePart | null
  /** Removes a part file that belongs to another file or is of no use. */
  readonly forget: (resumable: ResumablePart) => Promise<void>
  /** Called when the sink is no longer in use, with what can be resumed. */
  readonly over: (kept: ResumablePart | null) => void
}

/** Opens the sink of an offered file: in memory for a small one, else the part file, resumed where there is one. */
export async function openSink(context: InboxContext, request: OpenRequest): Promise<Sink> {
  const { offer, lands, resumable, forget } = request
  const fresh = newJournal(request, context.clock.now())
  const folder = await context.inboxFolders.reach(fresh.folders)
  if (offer.size <= BLOCK_BYTES) return openSmall(context, fresh, folder, request)
  const same = resumable !== null && isOf(resumable.journal, offer, lands) ? resumable : null
  const opened = same && (await reopenPart(context.disk, folder, same))
  if (opened === null && resumable !== null) await forget(resumable)
  return opened ? resume(context, opened, folder, request) : begin(context, fresh, folder, request)
}

function newJournal({ device, offer, lands }: OpenRequest, at: number): PartJournal {
  const { id, name: offered, size, mtime } = offer
  const { folders, name } = lands
  return { v: 1, device, id, offered, name, folders: [...folders], size, mtime, part: partName(name), hashes: [], at }
}

/** Returns whether the journal is of this very file: another file by the same id must not be mixed with its blocks. */
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
  return new SmallSink({ line, folder, mtime, reservation, over: () => over(null) }, context)
}

async function begin(
  context: InboxContext,
  journal: PartJournal,
  folder: InboxFolder,
  { over }: OpenRequest,
): Promise<PartSink> {
  const reservation = await context.space.reserve(journal.size)
  try {
    const part = await createPart(context, folder, journal)
    const progress = new PartProgress(journal, null, part, context)
    return new PartSink({ progress, part, folder, reservation, over }, context)
  } catch (error) {
    reservation.release()
    throw error
  }
}

async function resume(
  context: InboxContext,
  { part, journal, written }: ReopenedPart,
  folder: InboxFolder,
  { over }: OpenRequest,
): Promise<PartSink> {
  try {
    const reservation = await context.space.reserve(journal.size - keptBytes(journal))
    const progress = new PartProgress(journal, written, part, context)
    return new PartSink({ progress, part, folder, reservation, over }, context)
  } catch (error) {
    over({ journal, info: await part.close() })
    throw error
  }
}

/** Creates a part file. The ledger says beforehand that there may be one, so that a crash leaves none unknown. */
async function createPart(
  { disk, ledger, landing, inboxFolders }: InboxContext,
  folder: InboxFolder,
  journal: PartJournal,
): Promise<PartFile> {
  const { device, id, folders, name, part, size } = journal
  await ledger.say({ t: 'part', device, id, folders, name, part, size })
  const file = await disk.create(join(folder.path, part))
  await orClose(file, async () => {
    // A disk that can't hold it says so now, not after 4 GiB. Elsewhere this costs nothing: the file has holes.
    if (size > FAT_BYTES_MAX) await file.truncate(size)
    // No journal may speak of a part file whose name a crash can undo.
    await inboxFolders.sync(folder)
  }).catch(async (error: unknown) => {
    await landing.drop(folder, part)
    throw error
  })
  return new PartFile(file, size)
}

interface ReopenedPart {
  readonly part: PartFile
  /** Lists the blocks that are really there. */
  readonly journal: PartJournal
  /** The journal on the disk, which may list more blocks. */
  readonly written: PartJournal
}

/** Opens the part file of an earlier try and finds its valid blocks; null where it is gone, or no plain file any more. */
async function reopenPart(
  disk: Disk,
  folder: InboxFolder,
  { journal, info }: ResumablePart,
): Promise<ReopenedPart | null> {
  const path = join(folder.path, journal.part)
  const there = await disk.lstat(path).catch(() => null)
  if (there?.kind !== 'file') return null
  const file = await disk.reopen(path)
  return orClose(file, async () => {
    const now = await file.stat()
    if (now.size > journal.size) await file.truncate(journal.size)
    const part = new PartFile(file, journal.size)
    if (info !== null && isUntouched(info, now)) return { part, journal, written: journal }
    return { part, journal: { ...journal, hashes: await stillTrue(part, journal.hashes) }, written: journal }
  })
}

// As the disk says it, to the last digit: a write within the same millisecond is one too.
const isUntouched = (then: Info, now: Info): boolean =>
  then.ino === now.ino && then.dev === now.dev && then.size === now.size && then.mtimeMs === now.mtimeMs

/** Reads all blocks and keeps the hashes that match: somebody may have written, and a crash may have lost a write. */
async function stillTrue(part: PartFile, hashes: PartJournal['hashes']): Promise<PartJournal['hashes']> {
  const out: PartJournal['hashes'] = []
  for (const [i, hash] of hashes.entries()) {
    out.push(hash !== null && (await part.holds(i, hash)) ? hash : null)
  }
  return out
}

async function orClose<T>(file: DiskFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await file.close().catch(() => undefined)
    throw error
  }
}
