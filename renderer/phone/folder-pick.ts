import { BATCH_FILES_MAX, PATH_DEPTH_MAX, SKIPPED_NAMES_MAX } from '#protocol/limits.ts'

/** A file and the folders it is in, from the one that a person picked; none for a file picked itself. */
export interface Picked {
  readonly path: readonly string[]
  readonly file: File
}

export interface PickedFiles {
  readonly files: Picked[]
  /** Files and folders that the browser could not read, or that were too many or too deep; folders with nothing in them. */
  left: number
  /** Some of their names. */
  readonly leftNames: string[]
}

/** For `<input type=file webkitdirectory>`. Where it is only a word (old Androids) such an input picks plain files. */
export const picksFolders = (): boolean => 'webkitdirectory' in HTMLInputElement.prototype

/** What an input gave, be it of files or of a folder. */
export function fromInput(files: Iterable<File>): PickedFiles {
  const pick: PickedFiles = { files: [], left: 0, leftNames: [] }
  // `holiday/2026/IMG_1.JPG`; empty for files.
  for (const file of files) add(pick, foldersOf(file), file)
  return pick
}

/** None where the browser knows nothing of folders. */
const foldersOf = ({ webkitRelativePath = '' }: Partial<File>): string[] => webkitRelativePath.split('/').slice(0, -1)

export function add(pick: PickedFiles, path: readonly string[], file: File): void {
  if (pick.files.length < BATCH_FILES_MAX && path.length <= PATH_DEPTH_MAX) pick.files.push({ path, file })
  else leave(pick, [...path, file.name])
}

/** Counts what can't be sent, and names it. */
export function leave(pick: PickedFiles, path: readonly string[]): void {
  pick.left++
  if (pick.leftNames.length < SKIPPED_NAMES_MAX) pick.leftNames.push(path.join('/'))
}
