import { rootInput } from '#protocol/blocks.ts'

/**
 * Computes SHA-256 in lower-case hex. `bytes` fills its buffer and is not touched until this has resolved; then it is the
 * caller's again. A hasher in another thread may take it along: it is empty then, and `giveBack` gets its memory.
 */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>, giveBack?: (memory: ArrayBuffer) => void) => Promise<string>

/** Computes the hash over all block hashes of a file of `size` bytes: the one value that both ends compare. */
export const rootOf = (sha256: Sha256, size: number, hashes: readonly string[]): Promise<string> =>
  sha256(rootInput(size, hashes))
