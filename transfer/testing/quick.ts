import { TransferError } from '../errors.ts'
import type { Sha256 } from '../hashing.ts'
import * as files from './files.ts'

export { bytesOf } from './files.ts'

/**
 * 64 characters of hex that differ where the bytes do, in place of SHA-256: the engine does not look into a hash, and
 * these tests move gigabytes. That both ends make the right ones is shown by the vectors and beside the real hashers.
 */
export function hexHash(bytes: Uint8Array): string {
  const even = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  const words = new Uint32Array(even.buffer, even.byteOffset, even.byteLength >> 2)
  let a = bytes.byteLength | 0
  let b = 0x9e3779b9 | 0
  // By index: over a list of numbers `of` takes ten times as long.
  const { length } = words
  for (let i = 0; i < length; i++) {
    a = Math.imul(a ^ (words[i] ?? 0), 0x01000193)
    b = (Math.imul(b, 31) + a) | 0
  }
  for (let i = length * 4; i < bytes.byteLength; i++) a = Math.imul(a ^ (bytes[i] ?? 0), 0x01000193)
  return [a, b, a ^ b, Math.imul(a, 7), b + a, ~a, ~b, a - b].map((word) => hex(word)).join('')
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

/** As a page's worker might: takes its time. */
export const memoryHash: Sha256 = async (bytes) => {
  await Promise.resolve()
  return hexHash(bytes)
}

/** A file made of bytes, that is hashed quickly. */
export class MemorySource extends files.MemorySource {
  constructor(name: string, bytes: Uint8Array<ArrayBuffer>) {
    super(name, bytes, hexHash)
  }
}

/** Where a file lands that is hashed quickly. */
export class MemorySink extends files.MemorySink {
  constructor(name: string, beforeWrite?: (bytes: number) => Promise<void>, earlier?: MemorySink | null) {
    super(name, beforeWrite, earlier, hexHash)
  }
}

/** A source that says `code` at the read of `offset`. */
export function failingSource(name: string, size: number, offset: number, code: 'source-changed'): MemorySource {
  const source = new MemorySource(name, files.bytesOf(size))
  let at = 0
  source.beforeRead = () => {
    const here = at
    at += 1_048_576
    return here >= offset ? Promise.reject(new TransferError(code)) : Promise.resolve()
  }
  return source
}
