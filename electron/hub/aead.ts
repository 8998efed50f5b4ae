import { createCipheriv, createDecipheriv } from 'node:crypto'
import { TAG_BYTES, type MakeAead } from '#protocol/sealed-records.ts'
import { answersRight } from '#transfer/sealing/known-answer.ts'
import { nobleAead } from '#transfer/sealing/noble.ts'
import { sodiumAead } from '#transfer/sealing/sodium.ts'

const NAME = 'chacha20-poly1305'

/** Seals and opens by OpenSSL, by far the fastest. Plain Node has it; Electron 33, built with BoringSSL, does not. */
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

/** Finds the fastest that this runtime has, by trying: OpenSSL's, then libsodium in WebAssembly, then script. */
export const bestAead = async (): Promise<MakeAead> =>
  answersRight(nativeAead) ? nativeAead : ((await sodiumAead()) ?? nobleAead)
