import { createCipheriv, createDecipheriv } from 'node:crypto'
import { TAG_BYTES, type MakeAead } from '#protocol/sealed-records.ts'
import { nobleAead } from '#transfer/sealing/noble.ts'
import { wasmAead } from '#transfer/sealing/wasm.ts'

const NAME = 'chacha20-poly1305'

/** OpenSSL's, by far the fastest. Plain Node has it; Electron, which is built with BoringSSL, does not. */
export const nativeAead: MakeAead = (key) => ({
  seal: (nonce, aad, data) => {
    const cipher = createCipheriv(NAME, key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(aad, { plaintextLength: data.length - TAG_BYTES })
    data.set(cipher.update(data.subarray(0, -TAG_BYTES)))
    cipher.final()
    data.set(cipher.getAuthTag(), data.length - TAG_BYTES)
  },
  open: (nonce, aad, data) => {
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

/** Whether it can be used here: by trying it. */
export function hasNativeAead(): boolean {
  try {
    nativeAead(new Uint8Array(32)).seal(new Uint8Array(12), new Uint8Array(0), new Uint8Array(TAG_BYTES))
    return true
  } catch {
    return false
  }
}

/** The fastest that this runtime has. */
export const bestAead = (): MakeAead => (hasNativeAead() ? nativeAead : (wasmAead() ?? nobleAead))
