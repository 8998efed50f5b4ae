import { createHash } from 'node:crypto'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { withoutInvisible } from '#protocol/invisible.ts'
import { NAME_CHARS_MAX, PATH_DEPTH_MAX } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'

/** Bytes of UTF-8. File systems take 255; room is left for " (2)" and for the part file's own ending. */
const NAME_BYTES_MAX = 200

// eslint-disable-next-line no-control-regex -- control characters are what this is for
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f<>:"|?*]/gu
const LONE_SURROGATE = /\p{Surrogate}/gu
const RESERVED =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?=[.\s]|$)/iu

/**
 * Returns the name under which an offered file may land, whatever the system: inboxes are copied between systems, so the
 * strictest rules hold everywhere. Throws TransferError `bad-name` for a name that is a path: honest clients send none, and
 * guessing what was meant is how files end up elsewhere. `C:x` is no path: nothing tells it from `a:b.txt`, and without its
 * colon it leads nowhere.
 */
export function safeName(offered: string): string {
  if (offered.length > NAME_CHARS_MAX) throw new TransferError('bad-name')
  if (/[/\\]/u.test(offered) || offered.trim() === '..') throw new TransferError('bad-name')
  return cleanComponent(offered)
}

/**
 * Returns a name of this disk as it may be offered to another device. Linux lets a file be called `a\\b`, `C:x` or `.. `,
 * which careful receivers take for a path and refuse.
 */
export const offeredName = (name: string): string =>
  name
    .replaceAll('\\', '_')
    .replace(/^([a-z]):/iu, '$1_')
    .replace(/^\s*\.\.\s*$/u, '_')

function cleanComponent(text: string): string {
  const possible = text.replace(LONE_SURROGATE, '_').normalize('NFC').replace(FORBIDDEN, '_')
  const name = trim(withoutInvisible(possible)) || 'untitled'
  return cut(name.replace(RESERVED, (stem) => `${stem}_`))
}

// A leading dot would hide the file from the person who waits for it, or make it a shell's start file.
const trim = (text: string): string => text.replace(/^[.\s]+/u, '').replace(/[.\s]+$/u, '')

/** Splits a name into stem and extension; the extension is short and has its dot, or is empty. */
export function splitName(name: string): [stem: string, extension: string] {
  const match = /^(.+?)(\.[^.\s]{1,16}|\.tar\.[a-z0-9]{1,4})$/iu.exec(name)
  return match ? [match[1] ?? name, match[2] ?? ''] : [name, '']
}

/** Bytes of a name where those of other disks do not fit: eCryptfs takes 143, other sealed disks fewer, all of them these. */
const NARROWER = [135, 90, 45]

/** Yields the name, and shorter ones for a disk that refuses it, with the same extension. */
export function* narrower(name: string): Generator<string, void, undefined> {
  const bytes = (text: string): number => Buffer.byteLength(text)
  yield name
  for (const max of NARROWER) if (bytes(name) > max) yield shortened(name, max, bytes)
}

function cut(name: string): string {
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return name
  return shortened(name, NAME_BYTES_MAX, (text) => Buffer.byteLength(text))
}

/** Cuts a name that is too long before its extension, and marks it. `size` measures text in the unit of `max`. */
function shortened(name: string, max: number, size: (text: string) => number): string {
  const [stem, extension] = splitName(name)
  return ended(stem, mark(name) + extension, max, size)
}

/** Returns as much of `stem` as leaves room for the ending, without what joined it to what is cut off. */
const ended = (stem: string, ending: string, max: number, size: (text: string) => number): string =>
  `${trim(withoutInvisible(firstOf(stem, max - size(ending), size)))}${ending}`

/** Returns the mark of a cut name: two long names that differ only in what is cut off must not become one. */
const mark = (whole: string): string => `~${createHash('sha256').update(whole).digest('hex').slice(0, 8)}`

/** What a person takes for one character may be several: an emoji of a family, a letter with its marks. */
const seenAsOne = new Intl.Segmenter('und')

/** Returns as many whole characters from the start as fit into `room`. */
export function firstOf(text: string, room: number, size: (text: string) => number): string {
  let out = ''
  let used = 0
  for (const char of text) {
    used += size(char)
    if (used > room) return whole(text, out.length)
    out += char
  }
  return out
}

/** Returns the text up to `end`, or to the character that this would cut. The first is cut all the same: it may have no end. */
function whole(text: string, end: number): string {
  const begins = seenAsOne.segment(text).containing(end)?.index ?? 0
  return text.slice(0, begins === 0 ? end : begins)
}

/** Returns `photo.jpg`, `photo (2).jpg`, `photo (3).jpg` ... */
export function numbered(name: string, n: number): string {
  if (n === 1) return name
  const [stem, extension] = splitName(name)
  return `${stem} (${n})${extension}`
}

/** Where an offered file may land, relative to the inbox. */
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
 * Returns the folders and the name under which an offered file may land, by the rules of `safeName` for each of them. Throws
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

/** Returns whether this is what splitting an absolute path of Windows leaves at its front. */
const isOfPath = (first = ''): boolean => /^[a-z]:$/iu.test(first)

function safeFolder(offered: string): string {
  // What splitting an absolute path leaves at its front.
  if (offered === '') throw new TransferError('bad-name')
  return safeName(offered)
}

const length = (folders: readonly string[]): number => folders.join('/').length

/** Moves a folder that is too deep for its names up, beside the one it was in, and marks it with its former path. */
function fitting(folders: readonly string[]): readonly string[] {
  const last = folders.at(-1)
  if (last === undefined || length(folders) <= FOLDERS_CHARS_MAX) return folders
  const kept = folders.slice(0, -1)
  while (length(kept) + 1 + CUT_FOLDER_CHARS > FOLDERS_CHARS_MAX) kept.pop()
  return [...kept, ended(last, mark(folders.join('/')), CUT_FOLDER_CHARS, chars)]
}

/** Returns the absolute path, after a last look that it is below `root`, whatever was overlooked before. */
export function pathIn(root: string, folders: readonly string[], name: string): string {
  const path = resolve(root, ...folders, name)
  const way = relative(root, path)
  if (way === '' || isAbsolute(way) || way.split(sep)[0] === '..') throw new TransferError('bad-name')
  return path
}

/**
 * Files that a system acts on when it only shows their folder or plugs in their disk: they draw icons from elsewhere, start
 * programs, hide their own ending, or say what a folder is. A person should say yes to each, also where files are taken
 * without asking. A program, a disk image or a document with macros is none of them: it does nothing before it is opened, and
 * the system asks then, for all that lands is marked as coming from elsewhere.
 */
const NAMES = new Set(['desktop.ini', 'autorun.inf', 'autorun', 'autorun.sh', 'autorun.exe', 'autoopen'])
const EXTENSIONS =
  /\.(?:lnk|url|website|pif|scf|shb|shs|xnk|desklink|mapimail|mydocs|zfsendtotarget|appimage|library-ms|search-ms|searchconnector-ms|settingcontent-ms|desktop|kdelnk|(?:inet|file|web|mail|ftp|afp|news|at|vnc)loc|theme|themepack|deskthemepack|appref-ms|application)$/u
/** A folder that a Mac shows as one thing, and learns of as soon as it lies there: a program, or a part of one. */
const BUNDLE = /\.(?:app|appex|prefpane|qlgenerator|mdimporter|saver|workflow|osax|wdgt|kext|plugin|bundle)$/u
/** Windows shows a name that ends in the number of a class as what that class is: a folder that is a program's. */
const CLASS = /\.\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/u

/** Bytes beside the file's own on NTFS, and what the name of its own stream becomes when its colons are replaced. */
const STREAM = /[:_]{1,2}\$(?:data|index_allocation)$/u
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/gu

/** Returns whether a file may only land with a click, judged by where it will land: `safePath` of what was offered. */
export const needsClick = ({ folders, name }: SafePath): boolean =>
  [...folders, name].some(isWary) || folders.some((folder) => BUNDLE.test(asTaken(folder)))

function isWary(component: string): boolean {
  const plain = asTaken(component)
  return NAMES.has(plain) || EXTENSIONS.test(plain) || CLASS.test(plain)
}

/**
 * Returns the name as the most generous system takes it: wide and small forms, letters of either case, and what nobody sees are the
 * same, dots and blanks at its ends are not there. More is asked about than any one system would act on.
 */
function asTaken(name: string): string {
  const folded = name.normalize('NFKC').replace(UNSEEN, '').toLowerCase().toUpperCase().toLowerCase()
  return trim(trim(folded).replace(STREAM, ''))
}
