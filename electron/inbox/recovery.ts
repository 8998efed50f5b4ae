import { join } from 'node:path'
import { codeOf, sameFile, type Disk } from './disk.ts'
import type { PartJournal } from './part-journal.ts'
import type { NamingLine, PartLine } from './ledger.ts'
import { narrower, numbered } from './file-names.ts'
import { removePart, rootOnDisk } from './part-file.ts'
import type { InboxFolder } from './inbox-folders.ts'
import type { InboxContext } from './inbox-context.ts'

/**
 * Cleans up after an earlier run, whatever ended it. Files that had their final name are recorded as landed; journals of part
 * files that can be resumed are returned; all other part files are removed: only ours, by the names in the ledger.
 */
export async function recover(context: InboxContext): Promise<PartJournal[]> {
  const { inboxFolders, ledger, journals } = context
  const lines = await ledger.load()
  const { journals: all, unread } = await journals.load()
  const kept = new Map(all.map((journal) => [journal.part, journal]))
  // Unplugged, or not mounted yet: what is there stays as it is.
  const inbox = await inboxFolders.find([])
  if (inbox === null) return [...kept.values()]

  const parts = new Map(lines.flatMap((line) => (line.t === 'part' ? [[line.part, line] as const] : [])))
  const namings = new Map(lines.flatMap((line) => (line.t === 'naming' ? [[line.part, line] as const] : [])))
  for (const line of parts.values()) {
    const folder = await inboxFolders.seek(line.folders)
    if (folder === 'unsure') continue
    if (folder !== 'gone') await finishNaming(context, folder, line, namings.get(line.part))
    // A part file of which nothing is known may belong to a journal that can't be read.
    const mayBeWanted = kept.has(line.part) || unread > 0
    const wanted = mayBeWanted && ledger.landed(line.device, line.id) === null
    const gone = folder === 'gone' || (!wanted && (await removePart(context.disk, folder, line.part)))
    if (gone) ledger.dropped(line.part, folder === 'gone' ? inbox.path : folder.path)
  }
  for (const journal of kept.values()) {
    if (await canResume(context, journal)) continue
    kept.delete(journal.part)
    await journals.remove(journal)
  }
  // Should it fail, the same is found the next time.
  if (parts.size > 0) await ledger.compact().catch(() => undefined)
  return [...kept.values()]
}

/** Records a file as landed where a crash came between its name and the ledger's line. */
async function finishNaming(
  { disk, ledger }: InboxContext,
  folder: InboxFolder,
  line: PartLine,
  naming: NamingLine | undefined,
): Promise<void> {
  const { device, id, folders } = line
  if (ledger.landed(device, id) !== null) return
  const name = (await linked(disk, folder, line)) ?? (await moved(disk, folder, naming))
  if (name === null) return
  const root = await rootOnDisk(disk, join(folder.path, name), line.size).catch(() => null)
  if (root === null || (naming !== undefined && naming.root !== root)) return
  await ledger.sayLanded({ t: 'landed', device, id, folders, name, root })
}

/** Returns the second name of a part file, which it got when it was whole; null where it has none. */
async function linked(disk: Disk, folder: InboxFolder, line: PartLine): Promise<string | null> {
  const part = await look(disk, folder, line.part)
  if (part?.kind !== 'file' || part.size !== line.size) return null
  for (const fitting of narrower(line.name)) {
    for (let n = 1; ; n++) {
      const name = numbered(fitting, n)
      const there = await look(disk, folder, name)
      if (there === null) break
      if (sameFile(there, part)) return name
    }
  }
  return null
}

/**
 * Returns the name that a part file has taken from the empty file which held it; null where it has not, and then the empty
 * file goes.
 */
async function moved(disk: Disk, folder: InboxFolder, naming: NamingLine | undefined): Promise<string | null> {
  if (naming === undefined) return null
  const there = await look(disk, folder, naming.name)
  if (there?.kind !== 'file') return null
  if ((await look(disk, folder, naming.part)) === null) return there.size === naming.size ? naming.name : null
  if (there.size === 0) await disk.unlink(join(folder.path, naming.name)).catch(() => undefined)
  return null
}

async function canResume({ disk, inboxFolders, ledger }: InboxContext, journal: PartJournal): Promise<boolean> {
  if (ledger.landed(journal.device, journal.id) !== null) return false
  const folder = await inboxFolders.seek(journal.folders)
  if (typeof folder === 'string') return folder === 'unsure'
  const part = await disk.lstat(join(folder.path, journal.part)).catch((error: unknown) => codeOf(error))
  return typeof part === 'string' ? part !== 'ENOENT' : part.kind === 'file'
}

const look = (disk: Disk, folder: InboxFolder, name: string) => disk.lstat(join(folder.path, name)).catch(() => null)
