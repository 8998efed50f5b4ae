/**
 * What `ws` looks for in the optional package bufferutil, which is compiled code that we do not ship: the build puts this in
 * its place. Browsers mask all that they send, and the byte-by-byte loop of `ws` takes 2.5 ms for a MB, a tenth of what a
 * transfer costs in all; four bytes at a time take a sixth. Runtimes that can do it natively are left to it, by `ws` itself.
 */

const WORD_BYTES = 4
const NONE = new Uint32Array(0)

/** Applies the mask of four bytes in place; applied twice it is gone. */
export function unmask(bytes: Uint8Array, key: Uint8Array): void {
  const { buffer, byteOffset, length } = bytes
  // A word is read only where one may begin, so the mask is turned to begin there as well.
  const head = Math.min(length, (WORD_BYTES - (byteOffset % WORD_BYTES)) % WORD_BYTES)
  const words = head === length ? NONE : new Uint32Array(buffer, byteOffset + head, (length - head) >>> 2)
  for (let i = 0; i < head; i++) bytes[i] = at(bytes, i) ^ at(key, i)
  const turned = Uint8Array.from({ length: WORD_BYTES }, (_, i) => at(key, (head + i) % WORD_BYTES))
  const word = new Uint32Array(turned.buffer)[0] ?? 0
  for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ word
  for (let i = head + words.length * WORD_BYTES; i < length; i++) bytes[i] = at(bytes, i) ^ at(key, i % WORD_BYTES)
}

/** As `ws` calls it for what it sends: a masked copy in `output`. */
export function mask(source: Uint8Array, key: Uint8Array, output: Uint8Array, offset: number, length: number): void {
  const copy = output.subarray(offset, offset + length)
  copy.set(source.subarray(0, length))
  unmask(copy, key)
}

const at = (bytes: Uint8Array, i: number): number => bytes[i] ?? 0
