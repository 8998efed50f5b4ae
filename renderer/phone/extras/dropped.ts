import { BATCH_FILES_MAX, PATH_DEPTH_MAX } from '#protocol/limits.ts'
import { add, leave, type PickedFiles } from '#phone/folder-pick.ts'

export interface DropPorts {
  readonly send: (picked: PickedFiles) => void
  /** A link or a text that was dragged here from elsewhere. */
  readonly say: (text: string) => void
}

/** On a tablet or a laptop files, folders, links and texts can be dropped anywhere on the page. */
export function takeDrops({ send, say }: DropPorts): void {
  let isOwn = false
  addEventListener('dragstart', () => (isOwn = true))
  addEventListener('dragend', () => (isOwn = false))
  addEventListener('drop', ({ dataTransfer, target }) => {
    if (dataTransfer === null) return
    const text = dataTransfer.types.includes('Files') ? '' : dataTransfer.getData('text/plain')
    // A box for text takes it by itself.
    if (text.trim() !== '' && !isOwn && !(target instanceof HTMLTextAreaElement)) say(text)
    else void fromDrop(dataTransfer.items).then(send)
  })
}

/** What was dropped on the page. To be called while the event is handled: afterwards the list is empty. */
export async function fromDrop(items: Iterable<DataTransferItem>): Promise<PickedFiles> {
  const pick: PickedFiles = { files: [], left: 0, leftNames: [] }
  // A text that was dragged is neither.
  const dropped = [...items].map((item) => entryOf(item) ?? item.getAsFile())
  for (const one of dropped) {
    if (one instanceof File) add(pick, [], one)
    else if (one !== null) await take(pick, [], one)
  }
  return pick
}

/** Null also where the browser knows nothing of folders. */
const entryOf = (item: Partial<DataTransferItem>): FileSystemEntry | null => item.webkitGetAsEntry?.() ?? null

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
    } else leave(pick, [...path, entry.name])
  } catch {
    leave(pick, [...path, entry.name])
  }
}

async function takeFolder(
  pick: PickedFiles,
  path: readonly string[],
  reader: FileSystemDirectoryReader,
): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    // A browser tells of a hundred at a time; none is the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject)
    })
    // Only files travel: a folder without any is among what is left out, with a `/` at its end.
    if (entries.length === 0 && isFirst) leave(pick, [...path, ''])
    if (entries.length === 0) return
    await Promise.all(entries.map((entry) => take(pick, path, entry)))
  }
}
