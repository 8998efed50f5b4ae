import { BATCH_FILES_MAX, PATH_DEPTH_MAX } from '#protocol/limits.ts'
import { add, type PickedFiles } from '../folder-pick.ts'

/** On a tablet or a laptop files and folders can be dropped anywhere on the page. */
export function takeDrops(send: (picked: PickedFiles) => void): void {
  addEventListener('drop', (event) => {
    void fromDrop(event.dataTransfer?.items ?? []).then(send)
  })
}

/** What was dropped on the page. To be called while the event is handled: afterwards the list is empty. */
export async function fromDrop(items: Iterable<DataTransferItem>): Promise<PickedFiles> {
  const pick: PickedFiles = { files: [], left: 0 }
  // A text that was dragged has no entry.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  for (const entry of entries) await take(pick, [], entry)
  return pick
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
