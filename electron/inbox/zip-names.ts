import { NAME_CHARS_MAX } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import { numbered, safeName } from './file-names.ts'

/** Where a file stands in a folder that is sent. */
export interface ZipPath {
  /** Folder names, outermost first. */
  readonly path: readonly string[]
  readonly name: string
}

/** The format counts a name's bytes with 16 bits. */
const PATH_BYTES_MAX = 65_535

// What safeName refuses from strangers may be the name of a file here: `C:` and `a\b` are plain names on Linux.
const NOT_A_NAME = /[\\/:]|^\s*\.+\s*$/gu

const cleaned = (component: string): string => safeName(component.slice(-NAME_CHARS_MAX).replace(NOT_A_NAME, '_'))

/** What would be the same file on a phone's or any other computer's disk. */
const keyOf = (path: string): string => path.normalize('NFC').toLowerCase()

function foldersOf(folders: readonly string[]): string[] {
  return folders.map((_, depth) => folders.slice(0, depth + 1).join('/'))
}

/** The names of folders in a zip, of those that have nothing in them: each with a `/` at its end, as the format has it. */
export const zipFolders = (folders: readonly (readonly string[])[]): string[] => [
  ...new Set(folders.map((folder) => `${folder.map(cleaned).join('/')}/`)),
]

/**
 * The names of files in a zip, one for each and in the same order: relative, with `/` between folders, and no two of
 * them alike, nor like a folder, also one of the `empty` ones. A program that unpacks it can be trusted with none of that.
 */
export function zipNames(places: readonly ZipPath[], empty: readonly (readonly string[])[] = []): string[] {
  const clean = places.map(({ path, name }) => ({ folders: path.map(cleaned), name: cleaned(name) }))
  // A file must not be called as a folder is.
  const above = [...clean.map(({ folders }) => folders), ...empty.map((folder) => folder.map(cleaned))]
  const taken = new Set(above.flatMap(foldersOf).map(keyOf))
  const counts = new Map<string, number>()
  return clean.map(({ folders, name }) => {
    const within = (n: number): string => [...folders, numbered(name, n)].join('/')
    const first = keyOf(within(1))
    let n = counts.get(first) ?? 1
    while (taken.has(keyOf(within(n)))) n++
    counts.set(first, n + 1)
    const free = within(n)
    if (Buffer.byteLength(free) > PATH_BYTES_MAX) throw new TransferError('bad-name')
    taken.add(keyOf(free))
    return free
  })
}
