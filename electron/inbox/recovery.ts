import { join } from 'node:path'
import { sameFile, type Disk } from './disk.ts'
import { codeOf } from './disk-errors.ts'
import type { PartJournal } from './part-journal.ts'
import type { NamingLine, PartLine } from './ledger.ts'
import { narrower, numbered } from './file-names.ts'
import { rootOnDisk } from './part-file.ts'
import { removePart } from './part-names.ts'
import type { InboxFolder } from './inbox-folders.ts'
import type { InboxContext } from './inbox-context.ts'

type RecoveryPorts = Pick<InboxContext, 'disk' | 'inboxFolders' | 'ledger' | 'journals'>

/**
 * What an earlier run left, whatever ended it: files that had their name already have landed, parts that can go on are
 * returned, all others are removed. Only our own parts are, in the inbox, by the names that we wrote down before.
 */
export async function recover(ports: RecoveryPorts): Promise<PartJournal[]> {
  const { inboxFolders, ledger, journals } = ports
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
    if (folder !== 'gone') await finishNaming(ports, folder, line, namings.get(line.part))
    // A part of which nothing is known may be that of a journal that can't be read.
    const mayBeWanted = kept.has(line.part) || unread > 0
    const wanted = mayBeWanted && ledger.landed(line.device, line.id) === null
    const gone = folder === 'gone' || (!wanted && (await removePart(ports.disk, folder, line.part)))
    if (gone) ledger.dropped(line.part, folder === 'gone' ? inbox.path : folder.path)
  }
  for (const journal of kept.values()) {
    if (await goesOn(ports, journal)) continue
    kept.delete(journal.part)
    await journals.remove(journal)
  }
  // Should it fail, the same is found the next time.
  if (parts.size > 0) await ledger.compact().catch(() => undefined)
  return [...kept.values()]
}

/** A crash came between a name and the word of it. */
async function finishNaming(
  { disk, ledger }: RecoveryPorts,
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

/** Its part has a second name, which it got when it was whole. */
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

/** The part took the place of the empty file that held its name; or did not, and that one goes. */
async function moved(disk: Disk, folder: InboxFolder, naming: NamingLine | undefined): Promise<string | null> {
  if (naming === undefined) return null
  const there = await look(disk, folder, naming.name)
  if (there?.kind !== 'file') return null
  if ((await look(disk, folder, naming.part)) === null) return there.size === naming.size ? naming.name : null
  if (there.size === 0) await disk.unlink(join(folder.path, naming.name)).catch(() => undefined)
  return null
}

async function goesOn({ disk, inboxFolders, ledger }: RecoveryPorts, journal: PartJournal): Promise<boolean> {
  if (ledger.landed(journal.device, journal.id) !== null) return false
  const folder = await inboxFolders.seek(journal.folders)
  if (typeof folder === 'string') return folder === 'unsure'
  const part = await disk.lstat(join(folder.path, journal.part)).catch((error: unknown) => codeOf(error))
  return typeof part === 'string' ? part !== 'ENOENT' : part.kind === 'file'
}

const look = (disk: Disk, folder: InboxFolder, name: string) => disk.lstat(join(folder.path, name)).catch(() => null)
