import { BATCH_FILES_MAX, PATH_DEPTH_MAX } from '#protocol/limits.ts'

/** A file and the folders it is in, from the one that a person picked; none for a file picked itself. */
export interface Picked {
  readonly path: readonly string[]
  readonly file: File
}

export interface PickedFiles {
  readonly files: Picked[]
  /** Files and folders that the browser could not read, or that were too many or too deep. */
  left: number
}

/** For `<input type=file webkitdirectory>`. Where it is only a word (old Androids) such an input picks plain files. */
export const picksFolders = (): boolean => 'webkitdirectory' in HTMLInputElement.prototype

/** What an input gave, be it of files or of a folder. */
export function fromInput(files: Iterable<File>): PickedFiles {
  const pick: PickedFiles = { files: [], left: 0 }
  // `holiday/2026/IMG_1.JPG`; empty for files.
  for (const file of files) add(pick, file.webkitRelativePath.split('/').slice(0, -1), file)
  return pick
}

/** What was dropped on the page. To be called while the event is handled: afterwards the list is empty. */
export async function fromDrop(items: Iterable<DataTransferItem>): Promise<PickedFiles> {
  const pick: PickedFiles = { files: [], left: 0 }
  // A text that was dragged has no entry.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  for (const entry of entries) await take(pick, [], entry)
  return pick
}

function add(pick: PickedFiles, path: readonly string[], file: File): void {
  if (pick.files.length < BATCH_FILES_MAX && path.length <= PATH_DEPTH_MAX) pick.files.push({ path, file })
  else pick.left++
}

async function take(pick: PickedFiles, path: readonly string[], entry: FileSystemEntry): Promise<void> {
  try {
    if (entry.isFile) {
      add(
        pick,
        path,
        await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
      )
    } else if (path.length < PATH_DEPTH_MAX && pick.files.length < BATCH_FILES_MAX) {
      await takeFolder(pick, [...path, entry.name], (entry as FileSystemDirectoryEntry).createReader())
    } else pick.left++
  } catch {
    pick.left++
  }
}

async function takeFolder(
  pick: PickedFiles,
  path: readonly string[],
  reader: FileSystemDirectoryReader,
): Promise<void> {
  for (;;) {
    // A browser tells of a hundred at a time; none is the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject)
    })
    if (entries.length === 0) return
    await Promise.all(entries.map((entry) => take(pick, path, entry)))
  }
}
