import { rootInput } from '#protocol/blocks.ts'

/** SHA-256 in lower-case hex. `bytes` is the caller's again once it has resolved. */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Promise<string>

/** The hash over all block hashes of a file of `size` bytes: the one value that both ends compare. */
export const rootOf = (sha256: Sha256, size: number, hashes: readonly string[]): Promise<string> =>
  sha256(rootInput(size, hashes))
