import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { sameBytes, type Primitives } from '#protocol/primitives.ts'

/** For pages: those on plain http have no crypto.subtle. */
export const primitives: Primitives = {
  sha256: (data) => sha256(data),
  hmac: (key, data) => hmac(sha256, key, data),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  same: sameBytes,
}
