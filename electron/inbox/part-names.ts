import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { PATH_DEPTH_MAX } from '#protocol/limits.ts'
import { firstOf, safeName } from './file-names.ts'

/** Bytes of the file's name that its part file shows: some disks take few, and nobody but us looks at it. */
const SHOWN_BYTES = 40
const PART = /^\.[^/\\\0]{1,80}\.[0-9a-f]{8}\.part$/u

/** Returns a new hidden name for a part file, beside the final name: `.photo.jpg.1a2b3c4d.part`. */
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
