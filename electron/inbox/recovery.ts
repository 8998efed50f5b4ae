import { join } from 'node:path'
import { sameFile, type Disk } from './disk.ts'
import { codeOf } from './disk-errors.ts'
import type { Journal } from './journal.ts'
import type { NamingLine, PartLine } from './ledger.ts'
import { narrower, numbered } from './names.ts'
import { rootOnDisk } from './part-file.ts'
import { removePart } from './parts.ts'
import type { Place } from './places.ts'
import type { Tools } from './tools.ts'

type RecoveryPorts = Pick<Tools, 'disk' | 'places' | 'ledger' | 'journals'>

/**
 * What an earlier run left, whatever ended it: files that had their name already have landed, parts that can go on are
 * returned, all others are removed. Only our own parts are, in the inbox, by the names that we wrote down before.
 */
export async function recover(ports: RecoveryPorts): Promise<Journal[]> {
  const { places, ledger, journals } = ports
  const lines = await ledger.load()
  const { journals: all, unread } = await journals.load()
  const kept = new Map(all.map((journal) => [journal.part, journal]))
  // Unplugged, or not mounted yet: what is there stays as it is.
  const inbox = await places.find([])
  if (inbox === null) return [...kept.values()]

  const parts = new Map(lines.flatMap((line) => (line.t === 'part' ? [[line.part, line] as const] : [])))
  const namings = new Map(lines.flatMap((line) => (line.t === 'naming' ? [[line.part, line] as const] : [])))
  for (const line of parts.values()) {
    const place = await places.seek(line.folders)
    if (place === 'unsure') continue
    if (place !== 'gone') await finishNaming(ports, place, line, namings.get(line.part))
    // A part of which nothing is known may be that of a journal that can't be read.
    const mayBeWanted = kept.has(line.part) || unread > 0
    const wanted = mayBeWanted && ledger.landed(line.device, line.id) === null
    const gone = place === 'gone' || (!wanted && (await removePart(ports.disk, place, line.part)))
    if (gone) ledger.dropped(line.part, place === 'gone' ? inbox.path : place.path)
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
  place: Place,
  line: PartLine,
  naming: NamingLine | undefined,
): Promise<void> {
  const { device, id, folders } = line
  if (ledger.landed(device, id) !== null) return
  const name = (await linked(disk, place, line)) ?? (await moved(disk, place, naming))
  if (name === null) return
  const root = await rootOnDisk(disk, join(place.path, name), line.size).catch(() => null)
  if (root === null || (naming !== undefined && naming.root !== root)) return
  await ledger.sayLanded({ t: 'landed', device, id, folders, name, root })
}

/** Its part has a second name, which it got when it was whole. */
async function linked(disk: Disk, place: Place, line: PartLine): Promise<string | null> {
  const part = await look(disk, place, line.part)
  if (part?.kind !== 'file' || part.size !== line.size) return null
  for (const fitting of narrower(line.name)) {
    for (let n = 1; ; n++) {
      const name = numbered(fitting, n)
      const there = await look(disk, place, name)
      if (there === null) break
      if (sameFile(there, part)) return name
    }
  }
  return null
}

/** The part took the place of the empty file that held its name; or did not, and that one goes. */
async function moved(disk: Disk, place: Place, naming: NamingLine | undefined): Promise<string | null> {
  if (naming === undefined) return null
  const there = await look(disk, place, naming.name)
  if (there?.kind !== 'file') return null
  if ((await look(disk, place, naming.part)) === null) return there.size === naming.size ? naming.name : null
  if (there.size === 0) await disk.unlink(join(place.path, naming.name)).catch(() => undefined)
  return null
}

async function goesOn({ disk, places, ledger }: RecoveryPorts, journal: Journal): Promise<boolean> {
  if (ledger.landed(journal.device, journal.id) !== null) return false
  const place = await places.seek(journal.folders)
  if (typeof place === 'string') return place === 'unsure'
  const part = await disk.lstat(join(place.path, journal.part)).catch((error: unknown) => codeOf(error))
  return typeof part === 'string' ? part !== 'ENOENT' : part.kind === 'file'
}

const look = (disk: Disk, place: Place, name: string) => disk.lstat(join(place.path, name)).catch(() => null)
