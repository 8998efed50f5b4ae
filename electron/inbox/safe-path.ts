import { PATH_DEPTH_MAX } from '#protocol/limits.ts'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { TransferError } from '#transfer/errors.ts'
import { ended, mark, safeName, shortened } from './file-names.ts'

/** Where an offered file may land, seen from the inbox. */
export interface SafePath {
  /** Outermost first. */
  readonly folders: readonly string[]
  readonly name: string
}

/**
 * UTF-16 units, as Windows counts them, of folders and name with separators between. A system of its kind ends at 260;
 * inboxes are copied between systems, so it holds everywhere.
 */
const PATH_CHARS_MAX = 240
/** The folders' share of it, so that a name keeps at least 79. */
const FOLDERS_CHARS_MAX = 160
/** The last folder where the path to it was too long. */
const CUT_FOLDER_CHARS = 40

const chars = (text: string): number => text.length

/**
 * The folders and the name under which an offered file may land, by the rules of `safeName` for each of them. Throws
 * TransferError `bad-name` for anything that looks like a way out.
 *
 * What becomes of a folder depends on nothing but the way to it: cut by the length of a file in it, the files of one
 * folder would land in several.
 */
export function safePath(path: readonly string[], name: string): SafePath {
  if (path.length > PATH_DEPTH_MAX) throw new TransferError('bad-name')
  if (isOfPath(path[0])) throw new TransferError('bad-name')
  const folders = fitting(path.map(safeFolder))
  const room = PATH_CHARS_MAX - length(folders) - (folders.length > 0 ? 1 : 0)
  const clean = safeName(name)
  return { folders, name: clean.length <= room ? clean : shortened(clean, room, chars) }
}

/** What splitting an absolute path of Windows leaves at its front. */
const isOfPath = (first = ''): boolean => /^[a-z]:$/iu.test(first)

function safeFolder(offered: string): string {
  // What splitting an absolute path leaves at its front.
  if (offered === '') throw new TransferError('bad-name')
  return safeName(offered)
}

const length = (folders: readonly string[]): number => folders.join('/').length

/** A folder too deep for its names moves up, beside the one it was in, and is marked with the way it had. */
function fitting(folders: readonly string[]): readonly string[] {
  const last = folders.at(-1)
  if (last === undefined || length(folders) <= FOLDERS_CHARS_MAX) return folders
  const kept = folders.slice(0, -1)
  while (length(kept) + 1 + CUT_FOLDER_CHARS > FOLDERS_CHARS_MAX) kept.pop()
  return [...kept, ended(last, mark(folders.join('/')), CUT_FOLDER_CHARS, chars)]
}

/** The absolute path; the last look that it is below `root`, whatever was overlooked before. */
export function pathIn(root: string, folders: readonly string[], name: string): string {
  const path = resolve(root, ...folders, name)
  const way = relative(root, path)
  if (way === '' || isAbsolute(way) || way.split(sep)[0] === '..') throw new TransferError('bad-name')
  return path
}
