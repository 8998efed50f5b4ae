import { join } from 'node:path'
import { TransferError } from '#transfer/errors.ts'
import { wait, type Clock } from './clock.ts'
import { sameFile, type Disk, type Info } from './disk.ts'
import { codeOf, heldRefusal, nameRefusal } from './disk-errors.ts'
import { narrower, numbered } from './file-names.ts'

const NAMES_MAX = 10_000
/** Antivirus and the indexer of Windows hold a new file for a moment, or for as long as they like. */
const HELD = new Set(['EPERM', 'EACCES', 'EBUSY'])
const RETRY_FIRST_MS = 20
const RETRY_ALL_MS = 30_000
/** Not a disk without hard links: here nothing can be named. */
const HOPELESS = new Set(['ENOENT', 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ENOTDIR', 'ENAMETOOLONG', 'EILSEQ'])

interface NamingPorts {
  readonly disk: Disk
  readonly clock: Clock
  /** Resolves when it is durable that this name may be held by an empty file of ours. */
  willHold(name: string): Promise<void>
}

interface Named {
  readonly name: string
  /** Takes the name back, as far as that goes. */
  readonly undo: () => Promise<void>
}

/**
 * Gives the whole file at `part` its name in `folder`, or the next free one, never replacing anything. A hard link can't
 * replace; where there are none (FAT, some network disks) an empty file holds the name until the part is moved onto it.
 */
export async function giveName(
  ports: NamingPorts,
  folder: string,
  part: string,
  wanted: string,
  info: () => Promise<Info>,
): Promise<Named> {
  const from = join(folder, part)
  // Disks that seal names take fewer bytes than others.
  for (const fitting of narrower(wanted)) {
    for (let n = 1; n <= NAMES_MAX; n++) {
      const name = numbered(fitting, n)
      const done = await tryName(ports, name, from, join(folder, name), info)
      if (done === 'too long') break
      if (done !== 'taken') return done
    }
  }
  throw new TransferError('bad-name')
}

async function tryName(
  ports: NamingPorts,
  name: string,
  from: string,
  to: string,
  info: () => Promise<Info>,
): Promise<Named | 'taken' | 'too long'> {
  const { disk } = ports
  try {
    const done = await link(disk, from, to, info)
    if (done === 'named') return { name, undo: () => disk.unlink(to) }
    if (done === 'taken' || !(await hold(ports, name, from, to))) return 'taken'
    return { name, undo: () => disk.rename(to, from) }
  } catch (error) {
    if (codeOf(error) === 'ENAMETOOLONG') return 'too long'
    throw nameRefusal(error)
  }
}

async function link(
  disk: Disk,
  from: string,
  to: string,
  info: () => Promise<Info>,
): Promise<'named' | 'taken' | 'no links'> {
  try {
    await disk.link(from, to)
    return 'named'
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      if (HOPELESS.has(codeOf(error))) throw error
      return 'no links'
    }
    // It may be this very file: of a try that did not get further than its name.
    const there = await disk.lstat(to).catch(() => null)
    return there !== null && sameFile(there, await info()) ? 'named' : 'taken'
  }
}

/** False when the name is taken. */
async function hold(ports: NamingPorts, name: string, from: string, to: string): Promise<boolean> {
  const { disk } = ports
  if (await exists(disk, to)) return false
  await ports.willHold(name)
  const holder = await disk.create(to).catch((error: unknown) => {
    if (codeOf(error) === 'EEXIST') return null
    throw error
  })
  if (holder === null) return false
  try {
    await holder.close()
    await renamePatiently(ports, from, to)
    return true
  } catch (error) {
    await disk.unlink(to).catch(() => undefined)
    throw error
  }
}

const exists = (disk: Disk, path: string): Promise<boolean> =>
  disk.lstat(path).then(
    () => true,
    () => false,
  )

async function renamePatiently({ disk, clock }: NamingPorts, from: string, to: string): Promise<void> {
  const since = clock.now()
  for (let pause = RETRY_FIRST_MS; ; pause *= 2) {
    try {
      await disk.rename(from, to)
      return
    } catch (error) {
      const left = since + RETRY_ALL_MS - clock.now()
      if (!disk.patient || !HELD.has(codeOf(error))) throw error
      if (left <= 0) throw heldRefusal(error)
      await wait(clock, Math.min(pause, left))
    }
  }
}
