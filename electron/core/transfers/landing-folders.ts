import type { SafePath } from '#inbox/file-names.ts'
import type { FileKind } from '#store/setting-rows.ts'
import { OURS } from '#core/records/text-export.ts'

/** Where files land. */
export interface LandingFolders {
  /** The folder of all files that no other one is picked for. */
  readonly inbox: string
  /** Folders for files of a kind. */
  readonly kindFolders: Readonly<Partial<Record<string, string>>>
  /** Folders for the files of a phone, by its id. */
  readonly phoneFolders: Readonly<Partial<Record<string, string>>>
}

const KINDS: readonly (readonly [FileKind, RegExp])[] = [
  ['pictures', /\.(?:jpe?g|jfif|png|gif|webp|avif|heic|heif|bmp|tiff?|svg|dng|raw|cr[23]|nef|arw|orf|rw2|jxl)$/i],
  ['videos', /\.(?:mp4|m4v|mov|mkv|webm|avi|3gp|3g2|mpe?g|wmv|mts|m2ts|ogv|flv)$/i],
]

/** Returns what a file is by the name that it lands under. */
export const kindOf = (name: string): FileKind => KINDS.find(([, names]) => names.test(name))?.[0] ?? 'other'

/**
 * Returns the folder where a file of a device lands: that of its phone, else that of its kind. Folders that are sent stay
 * together, and what this computer writes itself goes where a person looks first.
 */
export function landingFolder(folders: LandingFolders, deviceId: string, { folders: above, name }: SafePath): string {
  const { inbox, kindFolders, phoneFolders } = folders
  const ofKind = above.length === 0 && deviceId !== OURS ? kindFolders[kindOf(name)] : undefined
  return phoneFolders[deviceId] ?? ofKind ?? inbox
}

/** Returns all of them, the inbox first, each once. */
export function allFolders({ inbox, kindFolders, phoneFolders }: LandingFolders): [string, ...string[]] {
  const others = [...Object.values(kindFolders), ...Object.values(phoneFolders)].filter((one) => one !== undefined)
  return [inbox, ...new Set(others.filter((one) => one !== inbox))]
}
