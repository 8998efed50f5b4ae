import type { IncomingHttpHeaders } from 'node:http'

/** What tells one version of a file from another. */
export interface Version {
  /** Strong, with its quotes: the same tag means the same bytes. */
  readonly etag: string
  /** HTTP date, which knows no fractions of a second; null = not known. */
  readonly modified: string | null
}

export const httpDate = (ms: number): string => new Date(ms).toUTCString()

const SECOND = 1000

/** Milliseconds, or NaN: then the header is as good as missing, which is what HTTP says about dates that are none. */
const timeOf = (date: string | undefined | null): number => Date.parse(date ?? '')

const tagsOf = (header: string): string[] => header.split(',').map((tag) => tag.trim())

const names = (header: string, etag: string, isWeakEnough: boolean): boolean =>
  header.trim() === '*' ||
  tagsOf(header).some((tag) => tag === etag || (isWeakEnough && tag.replace(/^W\//, '') === etag))

/** In the order of RFC 9110, section 13.2.2. Null: go on. */
export function preconditionStatus(headers: IncomingHttpHeaders, { etag, modified }: Version): 304 | 412 | null {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  const isAfter = timeOf(modified) > timeOf(headers['if-unmodified-since'])
  if (ifMatch !== undefined ? !names(ifMatch, etag, false) : isAfter) return 412
  const isNoLater = timeOf(modified) <= timeOf(headers['if-modified-since'])
  return (ifNoneMatch !== undefined ? names(ifNoneMatch, etag, true) : isNoLater) ? 304 : null
}

/**
 * Whether the Range beside an If-Range header counts. Only what surely names the same bytes will do, or a browser
 * would put the end of one version behind the beginning of another: a strong tag, or exactly our date.
 */
export function rangeCounts({ 'if-range': ifRange }: IncomingHttpHeaders, { etag, modified }: Version): boolean {
  if (ifRange === undefined) return true
  if (typeof ifRange !== 'string') return false
  const said = ifRange.trim()
  if (said.startsWith('"') || said.startsWith('W/')) return said === etag
  return modified !== null && Math.abs(timeOf(said) - timeOf(modified)) < SECOND
}
