import { montgomery } from '@noble/curves/abstract/montgomery.js'

const P = 2n ** 255n - 19n

/** `base` to the power of P - 2, which is public: its inverse. */
function inverse(base: bigint): bigint {
  let result = 1n
  let square = base
  for (let left = P - 2n; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % P
    square = (square * square) % P
  }
  return result
}

/**
 * X25519 (RFC 7748). The same ladder as `x25519` of noble's ed25519.js, but without the curve of signatures that comes
 * along there and weighs 7 kB on its way to the phone.
 */
export const x25519 = montgomery({
  P,
  type: 'x25519',
  adjustScalarBytes: (bytes: Uint8Array) => {
    bytes[0] = (bytes[0] ?? 0) & 248
    bytes[31] = ((bytes[31] ?? 0) & 127) | 64
    return bytes
  },
  powPminus2: inverse,
})
