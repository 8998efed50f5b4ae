import { isUtf8 } from 'node:buffer'
import { opendir, stat } from 'node:fs/promises'
import { isAbsolute, join, parse, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * File names that are no text. A name on Linux is any bytes; those from before UTF-8 are often Latin-1. A path is text
 * everywhere in Lanyard, and each byte that is not UTF-8 stands in it as a lone surrogate, U+DC80 to U+DCFF (Python's
 * surrogateescape, PEP 383): such text also survives JSON. Only what calls the file system turns it back into bytes.
 */
const ESCAPES = /[\udc80-\udcff]/gu
const ESCAPE = /([\udc80-\udcff])/u
const ESCAPED_FROM = 0xdc00

/** Windows keeps names as UTF-16, in which a lone surrogate means itself. */
const ARE_BYTES = process.platform !== 'win32'

/** Bytes of the sequence that begins with this one; 0 = none does. */
function lengthFrom(lead: number): number {
  if (lead < 0x80) return 1
  if (lead >= 0xc2 && lead < 0xe0) return 2
  if (lead >= 0xe0 && lead < 0xf0) return 3
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0
}

/** Returns the text that stands for a name as the disk has it. */
export function textOfName(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString()
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0
    const whole = bytes.subarray(at, at + lengthFrom(lead))
    const isText = whole.length > 0 && isUtf8(whole)
    text += isText ? whole.toString() : String.fromCharCode(ESCAPED_FROM + lead)
    at += isText ? whole.length : 1
  }
  return text
}

const bytesOf = (path: string): Buffer =>
  Buffer.concat(
    path
      .split(ESCAPE)
      .map((part) => (ESCAPE.test(part) ? Buffer.of(part.charCodeAt(0) - ESCAPED_FROM) : Buffer.from(part))),
  )

const FILE_URI = /^file:\/\/(?:localhost)?(?=\/)/iu

/** Returns the path that a `file:` URI names, in which a name may be any bytes; null for all else. */
export function pathOfUri(uri: string): string | null {
  if (!FILE_URI.test(uri)) return null
  try {
    if (!ARE_BYTES) return fileURLToPath(uri)
  } catch {
    return null
  }
  const parts = uri.replace(FILE_URI, '').split(/%([0-9a-f]{2})/iu)
  const bytes = parts.map((part, n) => (n % 2 === 0 ? Buffer.from(part) : Buffer.from(part, 'hex')))
  const path = textOfName(Buffer.concat(bytes))
  return path.includes('\0') ? null : path
}

/** Returns what the file system is asked for. */
export const diskPath = (path: string): string | Buffer => (ARE_BYTES && ESCAPE.test(path) ? bytesOf(path) : path)

/** Returns the name as a person may read it: bytes that are not UTF-8 are taken for Windows-1252, as most of them are. */
export function readableName(name: string): string {
  if (!ARE_BYTES) return name
  const latin = new TextDecoder('windows-1252')
  return name.replace(ESCAPES, (unit) => latin.decode(Uint8Array.of(unit.charCodeAt(0) - ESCAPED_FROM)))
}

/** Entries read at once; Node's own 32 is slow where there are thousands. */
const AT_ONCE = 256

/** Lists the names in a folder. Throws what the disk says. */
export async function* entryNames(absolute: string): AsyncGenerator<string, void, undefined> {
  if (!ARE_BYTES) {
    for await (const { name } of await opendir(absolute, { bufferSize: AT_ONCE })) yield name
    return
  }
  // Node's types know names as text alone. The path too is bytes, or Node can't join the two where it has to.
  const options = { bufferSize: AT_ONCE, encoding: 'buffer' as BufferEncoding }
  for await (const { name } of await opendir(bytesOf(absolute), options)) yield textOfName(name as unknown as Buffer)
}

const LOST = '\ufffd'
/** How many of them stand for a few bytes depends on who decoded them. */
const blurred = (name: string): string => name.replaceAll(/\ufffd+/gu, LOST)
const isThere = (path: string): Promise<boolean> =>
  stat(diskPath(path)).then(
    () => true,
    () => false,
  )

/**
 * Finds a path of which only a decoded form is known, as of the command line's and a dropped file's: there bytes that
 * are not UTF-8 have become U+FFFD. Returns the path itself where nothing, or more than one thing, could be meant.
 */
export async function pathMeant(path: string): Promise<string> {
  if (!ARE_BYTES || !isAbsolute(path) || !path.includes(LOST) || (await isThere(path))) return path
  let found = parse(path).root
  for (const part of path.slice(found.length).split(sep)) {
    const plain = join(found, part)
    const next = part.includes(LOST) && !(await isThere(plain)) ? await onlyMatch(found, part) : plain
    if (next === null) return path
    found = next
  }
  return found
}

async function onlyMatch(folder: string, part: string): Promise<string | null> {
  const matches: string[] = []
  try {
    for await (const name of entryNames(folder)) {
      if (ESCAPE.test(name) && blurred(name.replace(ESCAPES, LOST)) === blurred(part)) matches.push(name)
    }
  } catch {
    return null
  }
  const [only, ...more] = matches
  return only === undefined || more.length > 0 ? null : join(folder, only)
}
