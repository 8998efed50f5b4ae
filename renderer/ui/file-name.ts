/** How a file's name is shown: its middle may be cut, its end with the extension never. */

export type FileKind = 'image' | 'video' | 'audio' | 'archive' | 'text' | 'other'

/** Longer than this is not an extension but a sentence with a full stop. */
const EXTENSION_MAX = 10
/** Characters before the extension that stay visible: they tell IMG_2041 from IMG_2042. */
const KEPT_BEFORE = 5

const JOINS_LEFT = /^(?:\p{M}|\p{Emoji_Modifier}|\u200d)/u

/** Two parts that together are the name; the first may be cut by the page, the second is always shown. */
export function splitName(name: string): { head: string; tail: string } {
  const chars = [...name]
  const dot = chars.lastIndexOf('.')
  const extension = dot > 0 && chars.length - dot - 1 <= EXTENSION_MAX ? chars.length - dot : 0
  let at = chars.length - extension - KEPT_BEFORE
  // Never between a letter and its accent, or inside an emoji that is made of several.
  while (at > 0 && (JOINS_LEFT.test(chars[at] ?? '') || chars[at - 1] === '\u200d')) at--
  if (at <= 0) return { head: '', tail: name }
  return { head: chars.slice(0, at).join(''), tail: chars.slice(at).join('') }
}

const KINDS: Readonly<Record<Exclude<FileKind, 'other'>, string>> = {
  image: 'jpg jpeg png gif webp avif heic heif svg bmp tif tiff dng raw cr2 nef arw',
  video: 'mp4 mov m4v mkv webm avi 3gp mpg mpeg ts',
  audio: 'mp3 m4a aac wav flac ogg opus wma aiff amr',
  archive: 'zip 7z rar tar gz tgz bz2 xz zst apk dmg iso deb',
  text: 'txt md pdf doc docx odt rtf pages csv tsv xls xlsx ods ppt pptx odp key epub json xml html srt log',
}

const kindByExtension = new Map(
  Object.entries(KINDS).flatMap(([kind, list]) => list.split(' ').map((extension) => [extension, kind as FileKind])),
)

export function fileKind(name: string): FileKind {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? 'other' : (kindByExtension.get(name.slice(dot + 1).toLowerCase()) ?? 'other')
}
