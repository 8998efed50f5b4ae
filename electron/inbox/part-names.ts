import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Disk, DiskFile } from './disk.ts'
import { codeOf } from './disk-errors.ts'
import { firstOf, safeName } from './file-names.ts'
import { PATH_DEPTH_MAX } from '#protocol/limits.ts'
import type { InboxFolder } from './inbox-folders.ts'
import { isKeptEverywhere, isSameTime, knownTime, timeOf } from './file-times.ts'

/** Bytes of the file's name that its part shows: some disks take few, and nobody but us looks at it. */
const SHOWN_BYTES = 40
const PART = /^\.[^/\\\0]{1,80}\.[0-9a-f]{8}\.part$/u

/** A hidden name beside the final place: `.photo.jpg.1a2b3c4d.part`. */
export const partName = (name: string): string =>
  `.${firstOf(name, SHOWN_BYTES, (text) => Buffer.byteLength(text))}.${randomBytes(4).toString('hex')}.part`

const isClean = (name: string): boolean => {
  try {
    return safeName(name) === name
  } catch {
    return false
  }
}

/** For what is read back from our own files, which somebody may have written in: never a way out of the inbox. */
export const PartName = v.pipe(v.string(), v.regex(PART))
export const CleanName = v.pipe(v.string(), v.maxLength(255), v.check(isClean))
export const Folders = v.pipe(v.array(CleanName), v.maxLength(PATH_DEPTH_MAX))

/** Removes our own file and nothing else: no link, no folder. True when it is not there any more. */
export async function removePart(disk: Disk, folder: Pick<InboxFolder, 'path'>, part: string): Promise<boolean> {
  try {
    if (!v.is(PartName, part) || (await disk.lstat(join(folder.path, part))).kind !== 'file') return false
  } catch (error) {
    return codeOf(error) === 'ENOENT'
  }
  return removeOwnPart(disk, folder, part)
}

/** The same for a part that this run has made or opened itself, so that what it is was looked at: without another look. */
export async function removeOwnPart(disk: Disk, folder: Pick<InboxFolder, 'path'>, part: string): Promise<boolean> {
  try {
    await disk.unlink(join(folder.path, part))
    return true
  } catch (error) {
    return codeOf(error) === 'ENOENT'
  }
}

/**
 * Its time, its mode, its bytes: as they are to stay. Returns the time that the disk has put in the place of the one that was
 * offered; null where it keeps that, or none was known.
 */
export async function settle(file: DiskFile, mtime: number): Promise<number | null> {
  // FAT and some network disks know no such modes or times and say so; the file is none the worse for it.
  await file.chmod(0o644).catch(() => undefined)
  const known = knownTime(mtime)
  const isSet = known === null || (await file.setTime(known).then(yes, no))
  await file.sync()
  if (known === null || (isSet && isKeptEverywhere(known))) return null
  const kept = timeOf(await file.stat())
  return isSameTime(kept, known) ? null : kept
}

const yes = (): boolean => true
const no = (): boolean => false
