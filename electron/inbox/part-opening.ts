import { join } from 'node:path'
import type { Disk, DiskFile, Info } from './disk.ts'
import type { PartJournal } from './part-journal.ts'
import { PartFile } from './part-file.ts'
import type { ResumablePart } from './resumable-parts.ts'
import type { InboxFolder } from './inbox-folders.ts'
import type { InboxContext } from './inbox-context.ts'

/** FAT's end: one byte less than 4 GiB. */
const FAT_BYTES_MAX = 0xffff_ffff

export interface OpenPart {
  readonly part: PartFile
  /** With the blocks that are really there. */
  readonly journal: PartJournal
  /** As it is on the disk, which may be of more blocks. */
  readonly written: PartJournal | null
}

/** A new part. Before it is made, it is written down that it may be there. */
export async function beginPart(
  { disk, ledger, landing, inboxFolders }: Pick<InboxContext, 'disk' | 'ledger' | 'landing' | 'inboxFolders'>,
  folder: InboxFolder,
  journal: PartJournal,
): Promise<OpenPart> {
  const { device, id, folders, name, part, size } = journal
  await ledger.say({ t: 'part', device, id, folders, name, part, size })
  const file = await disk.create(join(folder.path, part))
  await orClose(file, async () => {
    // A disk that can't hold it says so now, not after 4 GiB. Elsewhere this costs nothing: the file has holes.
    if (size > FAT_BYTES_MAX) await file.truncate(size)
    // No journal may speak of a part whose name a crash can undo.
    await inboxFolders.sync(folder)
  }).catch(async (error: unknown) => {
    await landing.drop(folder, part)
    throw error
  })
  return { part: new PartFile(file, size), journal, written: null }
}

/** The part of an earlier try, with the blocks that are as they were; null when it is not there, or not ours any more. */
export async function resumePart(
  disk: Disk,
  folder: InboxFolder,
  { journal, info }: ResumablePart,
): Promise<OpenPart | null> {
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

/** Somebody may have written in it, and a crash may have taken what the system had not: only what is read is believed. */
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
