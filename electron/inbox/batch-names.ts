import { TransferError } from '#transfer/errors.ts'
import { numbered, safePath, type SafePath } from './file-names.ts'

/** A path and name that nothing else in the batch has, on any disk. */
export interface ReservedName extends SafePath {
  /** Frees the name when the file will not come after all. */
  release(): void
}

/** What takes a name: a folder, or so many files that wanted it. */
type Taken = Map<string, 'folder' | number>

/** Returns the name as case-folded NFC, alike for names that some disk takes for the same. Both ways, for ẞ, ß and ss are one. */
export const collisionKey = (text: string): string => text.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC')

/**
 * Reserves the names of one batch. `README` beside `readme`, or é in its two spellings, would be one file on many disks, so the
 * second one gets a number, here and everywhere. In the same order the same files get the same names: a batch that is
 * sent once more finds what is there.
 */
export class BatchNames {
  readonly #folders = new Map<string, Taken>()

  /** Reserves a name. Throws TransferError `bad-name`: a way out of the inbox, or one name for a file and for a folder. */
  reserve(path: readonly string[], name: string): ReservedName {
    const safe = safePath(path, name)
    this.#mayBeFolders(safe.folders)
    const taken = this.#inside(safe.folders)
    if (taken.get(collisionKey(safe.name)) === 'folder') throw new TransferError('bad-name')
    this.#takeFolders(safe.folders)
    const own = take(taken, safe.name)
    this.#folders.set(collisionKey(safe.folders.join('/')), taken)
    let held = true
    return {
      folders: safe.folders,
      name: own,
      release: () => {
        if (held) taken.delete(collisionKey(own))
        held = false
      },
    }
  }

  #inside(folders: readonly string[]): Taken {
    return this.#folders.get(collisionKey(folders.join('/'))) ?? new Map<string, 'folder' | number>()
  }

  /** Throws when a file has the name of a folder. Called for all folders before the first is taken: a refused file leaves no trace. */
  #mayBeFolders(folders: readonly string[]): void {
    folders.forEach((folder, depth) => {
      const taken = this.#inside(folders.slice(0, depth)).get(collisionKey(folder))
      if (typeof taken === 'number') throw new TransferError('bad-name')
    })
  }

  #takeFolders(folders: readonly string[]): void {
    folders.forEach((folder, depth) => {
      const around = folders.slice(0, depth)
      const taken = this.#inside(around)
      taken.set(collisionKey(folder), 'folder')
      this.#folders.set(collisionKey(around.join('/')), taken)
    })
  }
}

/** Takes the name, or a numbered one, counting the takers: a search from the start is too slow for 200,000 of one name. */
function take(taken: Taken, name: string): string {
  const key = collisionKey(name)
  const count = taken.get(key)
  if (typeof count !== 'number') {
    taken.set(key, 1)
    return name
  }
  for (let n = count + 1; ; n++) {
    const other = numbered(name, n)
    if (taken.has(collisionKey(other))) continue
    taken.set(key, n)
    taken.set(collisionKey(other), 1)
    return other
  }
}
