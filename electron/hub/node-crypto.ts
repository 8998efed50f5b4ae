import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { ProtocolError } from '#protocol/errors.ts'
import type { Primitives } from '#protocol/primitives.ts'
import { TAG_BYTES, type MakeAead } from '#protocol/sealed-records.ts'

/** Implements the primitives of the protocol by Node's own crypto. */
export const primitives: Primitives = {
  sha256: (data) => createHash('sha256').update(data).digest(),
  hmac: (key, data) => createHmac('sha256', key).update(data).digest(),
  random: (bytes) => randomBytes(bytes),
  same: (a, b) => a.length === b.length && timingSafeEqual(a, b),
}

export interface Exchange {
  /** 32 bytes, for the other side. */
  readonly publicKey: Uint8Array
  /** Returns the secret that both sides get. Throws ProtocolError for a public key that is none. */
  shared(theirs: Uint8Array): Uint8Array
}

/** Makes a fresh X25519 key; Electron's crypto has this part too. */
export function startExchange(): Exchange {
  const own = generateKeyPairSync('x25519')
  return {
    publicKey: bytesFrom(own.publicKey.export({ format: 'jwk' }).x ?? ''),
    shared: (theirs) => {
      try {
        const jwk = { kty: 'OKP', crv: 'X25519', x: toBase64Url(theirs) }
        const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
        return diffieHellman({ privateKey: own.privateKey, publicKey })
      } catch {
        // OpenSSL and BoringSSL both throw where the result would be zero, each its own error.
        throw new ProtocolError('tampered', 'key of a lane')
      }
    },
  }
}

const NAME = 'chacha20-poly1305'

/** Makes a cipher that seals and opens by OpenSSL, by far the fastest. Plain Node has it; Electron 33, built with BoringSSL, does not. */
export const nativeAead: MakeAead = (key) => ({
  seal: (nonce, aad, data) => {
    const cipher = createCipheriv(NAME, key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(aad, { plaintextLength: data.length - TAG_BYTES })
    data.set(cipher.update(data.subarray(0, -TAG_BYTES)))
    cipher.final()
    data.set(cipher.getAuthTag(), data.length - TAG_BYTES)
  },
  open: (nonce, aad, data) => {
    // OpenSSL would throw.
    if (data.length < TAG_BYTES) return false
    const decipher = createDecipheriv(NAME, key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(aad, { plaintextLength: data.length - TAG_BYTES })
    decipher.setAuthTag(data.subarray(-TAG_BYTES))
    const payload = decipher.update(data.subarray(0, -TAG_BYTES))
    try {
      decipher.final()
    } catch {
      return false
    }
    data.set(payload)
    return true
  },
})
