const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES = new Map(Array.from(ALPHABET, (char, value) => [char, value] as const))

/** RFC 4648 section 5, without padding. Pages on plain http and Node share no built-in for it. */
export function toBase64Url(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const chars = Math.min(bytes.length - i, 3) + 1
    for (let k = 0; k < chars; k++) out += ALPHABET.charAt((group >> (18 - 6 * k)) & 63)
  }
  return out
}

/** The bytes, or null for text that is not the one canonical encoding of any. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 === 1) return null
  const out = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (const char of text) {
    const value = VALUES.get(char)
    if (value === undefined) return null
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = (held >> bits) & 0xff
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? out : null
}

/** As above; no bytes at all for text that is none: equal to nothing that is compared with it. */
export const bytesFrom = (text: string): Uint8Array => fromBase64Url(text) ?? new Uint8Array(0)
