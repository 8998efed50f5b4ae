import { createHash } from 'node:crypto'
import { rootInput } from '#protocol/blocks.ts'
import type { OfferFile } from '#protocol/frames.ts'

/** What the inbox needs to know of an offered file. `path`: folders above it, outermost first, at most 32. */
export type OfferedFile = Pick<OfferFile, 'id' | 'name' | 'size' | 'mtime'> & {
  readonly path?: readonly string[] | undefined
}

/** The value that both ends compare, from the hashes of all blocks. */
export const rootFrom = (size: number, hashes: readonly string[]): string =>
  createHash('sha256').update(rootInput(size, hashes)).digest('hex')
