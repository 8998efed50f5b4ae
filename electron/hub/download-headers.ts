import type { IncomingHttpHeaders } from 'node:http'

/** First and last byte, both included, as HTTP counts them. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** `whole`: the header is to be ignored, which HTTP always allows. `none`: no byte of the file is in it. */
export type RangeAnswer = ByteRange | 'whole' | 'none'

// Digits only: what JavaScript takes for a number (`9e99`, `0x10`, ` 1`) is none in HTTP.
const ONE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * Reads what a Range header asks of a file of `size` bytes (RFC 9110, section 14). One range and no more: several would need
 * a body of several parts, which no browser's download asks for, and a thousand overlapping ones are a known way to
 * make a server send a file a thousand times. They get the whole file once.
 */
export function rangeOf(header: string | undefined, size: number): RangeAnswer {
  const match = ONE_RANGE.exec(header ?? '')
  if (match === null) return 'whole'
  const [, from = '', to = ''] = match
  if (from === '' && to === '') return 'whole'
  return from === '' ? lastBytes(Number(to), size) : between(Number(from), to === '' ? Infinity : Number(to), size)
}

function lastBytes(count: number, size: number): RangeAnswer {
  if (count === 0) return 'none'
  // There are last bytes of an empty file, namely none, and Content-Range has no words for them.
  return size === 0 ? 'whole' : { first: Math.max(0, size - count), last: size - 1 }
}

// More digits than a double holds become a rounded number or Infinity: both are beyond any file, so nothing is lost.
function between(first: number, last: number, size: number): RangeAnswer {
  if (last < first) return 'whole'
  return first >= size ? 'none' : { first, last: Math.min(last, size - 1) }
}

/** What tells one version of a file from another. */
export interface Version {
  /** Strong, with its quotes: the same tag means the same bytes. */
  readonly etag: string
  /** HTTP date, which knows no fractions of a second; null = not known. */
  readonly modified: string | null
}

export const httpDate = (ms: number): string => new Date(ms).toUTCString()

const SECOND = 1000

/** Returns milliseconds, or NaN: then the header is as good as missing, which is what HTTP says about dates that are none. */
const timeOf = (date: string | undefined | null): number => Date.parse(date ?? '')

const tagsOf = (header: string): string[] => header.split(',').map((tag) => tag.trim())

const names = (header: string, etag: string, isWeakEnough: boolean): boolean =>
  header.trim() === '*' ||
  tagsOf(header).some((tag) => tag === etag || (isWeakEnough && tag.replace(/^W\//, '') === etag))

/** Evaluates the conditions of a request in the order of RFC 9110, section 13.2.2. Null: they hold. */
export function preconditionStatus(headers: IncomingHttpHeaders, { etag, modified }: Version): 304 | 412 | null {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  const isAfter = timeOf(modified) > timeOf(headers['if-unmodified-since'])
  if (ifMatch !== undefined ? !names(ifMatch, etag, false) : isAfter) return 412
  const isNoLater = timeOf(modified) <= timeOf(headers['if-modified-since'])
  return (ifNoneMatch !== undefined ? names(ifNoneMatch, etag, true) : isNoLater) ? 304 : null
}

/**
 * Tells whether the Range beside an If-Range header counts. Only what surely names the same bytes will do, or a browser
 * would put the end of one version behind the beginning of another: a strong tag, or exactly our date.
 */
export function rangeCounts({ 'if-range': ifRange }: IncomingHttpHeaders, { etag, modified }: Version): boolean {
  if (ifRange === undefined) return true
  if (typeof ifRange !== 'string') return false
  const said = ifRange.trim()
  if (said.startsWith('"') || said.startsWith('W/')) return said === etag
  return modified !== null && Math.abs(timeOf(said) - timeOf(modified)) < SECOND
}

// What may stand in front of a browser's or an old download manager's own reading of quotes, escapes and percent signs.
const NOT_PLAIN = /[^\x20-\x7e]|["\\%]/gu
// eslint-disable-next-line no-control-regex -- control characters are what this is for
const NOT_IN_NAMES = /[\u0000-\u001f\u007f-\u009f/\\]/gu
const LONE_SURROGATE = /\p{Surrogate}/gu
/** UTF-16 units of the name's end, with its extension: file systems take 255, and more would only fill the header. */
const NAME_CHARS_MAX = 255
// Beyond what encodeURIComponent does, RFC 8187 wants these encoded.
const NOT_ATTR_CHAR = /['()*]/g

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(NOT_ATTR_CHAR, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/**
 * Returns the Content-Disposition for a file of this name: RFC 6266 with the name as it is (RFC 8187), and before it a
 * plain one for programs that do not know that. Always both and always quoted: one shape is one that was tried.
 */
export function attachment(name: string): string {
  const shown = name.slice(-NAME_CHARS_MAX).replace(LONE_SURROGATE, '_').replace(NOT_IN_NAMES, '_') || 'untitled'
  return `attachment; filename="${shown.replace(NOT_PLAIN, '_')}"; filename*=UTF-8''${encoded(shown)}`
}
