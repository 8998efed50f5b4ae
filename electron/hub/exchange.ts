import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { ProtocolError } from '#protocol/errors.ts'

export interface Exchange {
  /** 32 bytes, for the other side. */
  readonly publicKey: Uint8Array
  /** What both sides get. Throws ProtocolError for a public key that is none. */
  shared(theirs: Uint8Array): Uint8Array
}

/** A fresh X25519 key, by Node's own crypto: Electron has this part of it. */
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
