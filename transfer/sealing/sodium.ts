import loadLibsodium, { type Libsodium } from 'libsodium'
import { RECORD_BYTES_MAX, TAG_BYTES, type Aead, type MakeAead } from '#protocol/sealed-records.ts'
import { answersRight } from './known-answer.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const AAD_BYTES_MAX = 16

/** Draws one number, for libsodium's start; the cipher needs none. */
const getRandomValue = (): number => new DataView(crypto.getRandomValues(new Uint8Array(4)).buffer).getUint32(0)

/**
 * libsodium's ChaCha20-Poly1305 by its raw functions, in memory that is taken once: its wrapper takes and frees some at
 * every call, which makes it several times slower in Chromium. One memory for all keys: each call leaves it to the next.
 */
class Sodium {
  readonly #code: Libsodium
  readonly #keyAt: number
  readonly #nonceAt: number
  readonly #aadAt: number
  readonly #dataAt: number

  constructor(code: Libsodium) {
    this.#code = code
    this.#keyAt = code._malloc(KEY_BYTES + NONCE_BYTES + AAD_BYTES_MAX + RECORD_BYTES_MAX)
    if (this.#keyAt === 0) throw new RangeError('no memory for a record')
    this.#nonceAt = this.#keyAt + KEY_BYTES
    this.#aadAt = this.#nonceAt + NONCE_BYTES
    this.#dataAt = this.#aadAt + AAD_BYTES_MAX
  }

  aead(key: Uint8Array): Aead {
    if (key.length !== KEY_BYTES) throw new RangeError('not a key')
    const own = Uint8Array.from(key)
    return {
      seal: (nonce, aad, data) => {
        const at = this.#load(own, nonce, aad, data)
        const length = data.length - TAG_BYTES
        // prettier-ignore
        this.#code._crypto_aead_chacha20poly1305_ietf_encrypt(at, 0, at, length, 0, this.#aadAt, aad.length, 0, 0, this.#nonceAt, this.#keyAt)
        data.set(this.#code.HEAPU8.subarray(at, at + data.length))
      },
      open: (nonce, aad, data) => {
        const at = this.#load(own, nonce, aad, data)
        // prettier-ignore
        const failed = this.#code._crypto_aead_chacha20poly1305_ietf_decrypt(at, 0, 0, at, data.length, 0, this.#aadAt, aad.length, 0, this.#nonceAt, this.#keyAt)
        if (failed !== 0) return false
        data.set(this.#code.HEAPU8.subarray(at, at + data.length - TAG_BYTES))
        return true
      },
    }
  }

  /** Puts everything in its place. Returns where the data is. */
  #load(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, data: Uint8Array): number {
    // What is shorter would be read together with bytes of the call before.
    if (nonce.length !== NONCE_BYTES) throw new RangeError('not a nonce')
    if (aad.length > AAD_BYTES_MAX || data.length > RECORD_BYTES_MAX) throw new RangeError('too long for a record')
    const memory = this.#code.HEAPU8
    memory.set(key, this.#keyAt)
    memory.set(nonce, this.#nonceAt)
    memory.set(aad, this.#aadAt)
    memory.set(data, this.#dataAt)
    return this.#dataAt
  }
}

/** Starts libsodium in WebAssembly. Null where there is none, or it does not give the known answers. */
export async function sodiumAead(): Promise<MakeAead | null> {
  try {
    const code = await loadLibsodium({ getRandomValue })
    if (code._sodium_init() < 0) return null
    const sodium = new Sodium(code)
    const make: MakeAead = (key) => sodium.aead(key)
    return answersRight(make) ? make : null
  } catch {
    return null
  }
}
