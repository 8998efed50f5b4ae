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
 * What a Range header asks of a file of `size` bytes (RFC 9110, section 14). One range and no more: several would need
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
