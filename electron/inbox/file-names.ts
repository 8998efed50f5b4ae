import { createHash } from 'node:crypto'
import { withoutInvisible } from '#protocol/invisible.ts'
import { NAME_CHARS_MAX } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'

/**
 * Foreign file names. One function decides what a file may be called on this disk, whatever the system:
 * inboxes are copied between systems, so the strictest rules hold everywhere.
 */

/** Bytes of UTF-8. File systems take 255; room is left for " (2)" and for the part file's own ending. */
const NAME_BYTES_MAX = 200

// eslint-disable-next-line no-control-regex -- control characters are what this is for
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f<>:"|?*]/gu
const LONE_SURROGATE = /\p{Surrogate}/gu
const RESERVED =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?=[.\s]|$)/iu

/**
 * The name under which an offered file may land. Throws TransferError `bad-name` for a name that is a path:
 * honest clients send none, and guessing what was meant is how files end up elsewhere. `C:x` is none: nothing tells it from
 * `a:b.txt`, and without its colon it leads nowhere.
 */
export function safeName(offered: string): string {
  if (offered.length > NAME_CHARS_MAX) throw new TransferError('bad-name')
  if (/[/\\]/u.test(offered) || offered.trim() === '..') throw new TransferError('bad-name')
  return cleanComponent(offered)
}

/**
 * A name of this disk as it may be offered to another device. Linux lets a file be called `a\\b`, `C:x` or `.. `, which
 * careful receivers take for a path and refuse.
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

/** Name and extension; the extension is short and has its dot, or is empty. */
export function splitName(name: string): [stem: string, extension: string] {
  const match = /^(.+?)(\.[^.\s]{1,16}|\.tar\.[a-z0-9]{1,4})$/iu.exec(name)
  return match ? [match[1] ?? name, match[2] ?? ''] : [name, '']
}

/** Bytes of a name where those of other disks do not fit: eCryptfs takes 143, other sealed disks fewer, all of them these. */
const NARROWER = [135, 90, 45]

/** The name, and shorter ones for a disk that refuses it, with the same extension. */
export function* narrower(name: string): Generator<string, void, undefined> {
  const bytes = (text: string): number => Buffer.byteLength(text)
  yield name
  for (const max of NARROWER) if (bytes(name) > max) yield shortened(name, max, bytes)
}

function cut(name: string): string {
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return name
  return shortened(name, NAME_BYTES_MAX, (text) => Buffer.byteLength(text))
}

/** A name that is too long, cut before its extension and marked. `size` measures text in the unit of `max`. */
export function shortened(name: string, max: number, size: (text: string) => number): string {
  const [stem, extension] = splitName(name)
  return ended(stem, mark(name) + extension, max, size)
}

/** As much of `stem` as leaves room for the ending, without what joined it to what is cut off. */
export const ended = (stem: string, ending: string, max: number, size: (text: string) => number): string =>
  `${trim(withoutInvisible(firstOf(stem, max - size(ending), size)))}${ending}`

/** Two long names that differ only in what is cut off must not become one. */
export const mark = (whole: string): string => `~${createHash('sha256').update(whole).digest('hex').slice(0, 8)}`

/** What a person takes for one character may be several: an emoji of a family, a letter with its marks. */
const seenAsOne = new Intl.Segmenter('und')

/** As many whole characters from the start as fit into `room`. */
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

/** The text up to `end`, or up to the character that it would cut. The first one is cut all the same: it may go on for ever. */
function whole(text: string, end: number): string {
  const begins = seenAsOne.segment(text).containing(end)?.index ?? 0
  return text.slice(0, begins === 0 ? end : begins)
}

/** `photo.jpg`, `photo (2).jpg`, `photo (3).jpg` ... */
export function numbered(name: string, n: number): string {
  if (n === 1) return name
  const [stem, extension] = splitName(name)
  return `${stem} (${n})${extension}`
}
