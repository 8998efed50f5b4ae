/**
 * The two functions that everything here which is secret is made of. Given by the platform: Node's crypto on the
 * desktop, @noble/hashes on pages, where plain http hides the browser's own.
 */
export interface Primitives {
  /** SHA-256: 32 bytes. */
  readonly sha256: (data: Uint8Array) => Uint8Array
  /** HMAC-SHA-256: 32 bytes. */
  readonly hmac: (key: Uint8Array, data: Uint8Array) => Uint8Array
  /** From a good source of randomness. */
  readonly random: (bytes: number) => Uint8Array
  /** Takes the same time wherever two texts of one length differ. */
  readonly same: (a: Uint8Array, b: Uint8Array) => boolean
}

const utf8 = new TextEncoder()

export const textBytes = (text: string): Uint8Array => utf8.encode(text)

export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Each part after its length in 2 bytes, big-endian, so that no two lists of parts give the same bytes. */
export const lengthPrefixed = (...parts: readonly (string | Uint8Array)[]): Uint8Array =>
  joinBytes(
    ...parts.flatMap((part) => {
      const bytes = typeof part === 'string' ? textBytes(part) : part
      if (bytes.length > 0xffff) throw new Error('too long for a transcript')
      return [Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]
    }),
  )

/** HKDF-SHA-256 (RFC 5869), first half. */
export const hkdfExtract = ({ hmac }: Primitives, salt: Uint8Array, key: Uint8Array): Uint8Array => hmac(salt, key)

/** HKDF-SHA-256, second half, for one block of output: 32 bytes. */
export const hkdfExpand = ({ hmac }: Primitives, prk: Uint8Array, info: Uint8Array): Uint8Array =>
  hmac(prk, joinBytes(info, Uint8Array.of(1)))

/** For parts of pages that have no `same` of their own to call: looks at every byte, whatever it finds. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let differ = a.length ^ b.length
  for (let i = 0; i < a.length; i++) differ |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return differ === 0
}
