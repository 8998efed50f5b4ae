import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import type { MakeAead } from '#protocol/sealed-records.ts'
import { TAG_BYTES } from '#protocol/sealed-records.ts'

/** In script: audited, runs everywhere, some 110 MB/s on a laptop of 2020. */
export const nobleAead: MakeAead = (key) => ({
  seal: (nonce, aad, data) => {
    chacha20poly1305(key, nonce, aad).encrypt(data.subarray(0, -TAG_BYTES), data)
  },
  open: (nonce, aad, data) => {
    try {
      chacha20poly1305(key, nonce, aad).decrypt(data, data.subarray(0, -TAG_BYTES))
      return true
    } catch {
      // Its one reason here: the tag is not right. Nothing has been written then.
      return false
    }
  },
})
