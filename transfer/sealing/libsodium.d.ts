// What is used of libsodium's raw module, which comes without types: `paths` of tsconfig.base.json leads here. Numbers are
// addresses in HEAPU8 or lengths; lengths have 64 bits, and come as two halves of 32, the lower first.

export interface Libsodium {
  /** All its memory. Another array after the memory has grown, which only `_malloc` makes it do. */
  readonly HEAPU8: Uint8Array<ArrayBuffer>
  /** Returns 0 when there is no memory. */
  _malloc(bytes: number): number
  /** Returns less than 0 when it can't be used. */
  _sodium_init(): number
  _crypto_aead_chacha20poly1305_ietf_encrypt(
    cipher: number,
    cipherLengthAt: number,
    message: number,
    messageLength: number,
    messageLengthHigh: number,
    aad: number,
    aadLength: number,
    aadLengthHigh: number,
    unused: number,
    nonce: number,
    key: number,
  ): number
  /** Returns 0 when the tag is right, and else leaves zeros at `message`. */
  _crypto_aead_chacha20poly1305_ietf_decrypt(
    message: number,
    messageLengthAt: number,
    unused: number,
    cipher: number,
    cipherLength: number,
    cipherLengthHigh: number,
    aad: number,
    aadLength: number,
    aadLengthHigh: number,
    nonce: number,
    key: number,
  ): number
}

/** Makes an instance with memory of its own. */
declare const load: (options: { readonly getRandomValue: () => number }) => Promise<Libsodium>
export default load
