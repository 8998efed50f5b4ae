import { fromBase64Url, toBase64Url } from '#protocol/base64url.ts'
import { ProtocolError } from '#protocol/errors.ts'

/**
 * Which blocks a receiver has, for `accept`: bit `i % 8` of byte `i / 8` is block i; zero bytes at the end are left out.
 */
export function encodeHave(count: number, has: (index: number) => boolean): string | undefined {
  const bytes = new Uint8Array(Math.ceil(count / 8))
  let used = 0
  for (let i = 0; i < count; i++) {
    if (!has(i)) continue
    bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7))
    used = (i >> 3) + 1
  }
  return used === 0 ? undefined : toBase64Url(bytes.subarray(0, used))
}

/** Whether each of `count` blocks is there. Throws ProtocolError for a list of more blocks than there are. */
export function decodeHave(count: number, text: string | undefined): (index: number) => boolean {
  if (text === undefined) return () => false
  const bytes = fromBase64Url(text)
  if (bytes === null || bytes.length > Math.ceil(count / 8)) throw ProtocolError.malformed('list of blocks')
  const past = (bytes[count >> 3] ?? 0) >> (count & 7)
  if (past !== 0) throw ProtocolError.malformed('a block beyond the file')
  return (index) => ((bytes[index >> 3] ?? 0) & (1 << (index & 7))) !== 0
}
