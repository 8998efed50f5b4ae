import { blockCount, blockLength, type Part } from '#protocol/blocks.ts'
import { BLOCK_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { TransferError } from './errors.ts'

/**
 * Puts parts together to blocks. A block comes in order over one lane; when that lane breaks it comes again from its
 * start over another, while late parts may still follow: the bytes are the same, so whatever fits counts.
 */
export class BlockAssembly {
  readonly #size: number
  readonly #open = new Map<number, { readonly bytes: Uint8Array<ArrayBuffer>; filled: number }>()
  /** Blocks that were written and let go of, to be filled again. */
  readonly #spare: Uint8Array<ArrayBuffer>[] = []
  /** Bytes of blocks that were begun and not written yet. */
  #held = 0
  /** Of those, what a sender no longer counts as under way, since it began again. */
  #carried = 0
  /** Parts may follow of which the ones before are not here any more. */
  #resumed = false

  constructor(size: number) {
    this.#size = size
  }

  /** The block that this part completes; null while it is not whole. Throws TransferError for a part that fits nowhere. */
  add({ block: index, offset, payload }: Part): Uint8Array<ArrayBuffer> | null {
    if (index >= blockCount(this.#size)) throw new TransferError('overrun')
    // Late, and of no use: its block will come whole.
    if (this.#resumed && offset > 0 && !this.#open.has(index)) return null
    const block = this.#open.get(index) ?? this.#begin(index)
    const end = offset + payload.byteLength
    if (end > block.bytes.byteLength) throw new TransferError('overrun')
    if (offset > block.filled) {
      if (!this.#resumed) throw new TransferError('malformed')
      return null
    }
    block.bytes.set(payload, offset)
    block.filled = Math.max(block.filled, end)
    if (block.filled < block.bytes.byteLength) return null
    this.#open.delete(index)
    return block.bytes
  }

  /** So many bytes are written; the sender may send as many. */
  written(length: number): void {
    this.#held -= length
  }

  /** Nobody looks at these any more. */
  reuse(bytes: Uint8Array<ArrayBuffer>): void {
    // A hasher in another thread may have taken it along.
    if (bytes.byteLength === BLOCK_BYTES) this.#spare.push(bytes)
  }

  /** The sender begins again with every block that is not whole. What is here of them stays: the bytes are the same. */
  resume(): void {
    this.expectLate()
    // Never more than one sender could rightly have under way, however often it begins again.
    this.#carried = Math.min(this.#held, CREDIT_BYTES)
  }

  /** In place of another for the same file: what was under way to that one may still come, from anywhere on. */
  replaceOther(): void {
    this.expectLate()
    this.#carried = CREDIT_BYTES
  }

  /** Parts may follow of blocks that are no longer here. */
  expectLate(): void {
    this.#resumed = true
  }

  #begin(index: number): { readonly bytes: Uint8Array<ArrayBuffer>; filled: number } {
    const length = blockLength(this.#size, index)
    if (this.#held + length > CREDIT_BYTES + this.#carried) throw new TransferError('overrun')
    const spare = length === BLOCK_BYTES ? this.#spare.pop() : undefined
    const block = { bytes: spare ?? new Uint8Array(length), filled: 0 }
    this.#open.set(index, block)
    this.#held += length
    return block
  }
}
