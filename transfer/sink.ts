/** Where a received file lands. Nothing is visible under its final name before `finish` has resolved. */
export interface Sink {
  /** The name it will have, which need not be the one that was offered. */
  readonly name: string
  /**
   * SHA-256 in lower-case hex of each block that is here already and safe, from an earlier try; holes where not. Asked
   * once, before the first write.
   */
  readonly have: readonly (string | undefined)[]
  /**
   * Block `index`, whole: see blockLength. In any order, one call after the other; a block is written again if its hash
   * was wrong. `bytes` is the caller's again once it has resolved. Throws TransferError `disk-full` or `disk-error`.
   */
  write(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>
  /** What was written last as block `index` has this hash, and the sender says the same. */
  keep(index: number, hash: string): void
  /** All blocks are kept: make it final. `root` as both sides have it; absent where nobody checked. */
  finish(root?: string): Promise<Landed>
  /** It goes on later, maybe in another run: make safe what is kept, let go of the file. */
  suspend(): Promise<void>
  /** It will not be finished: leave nothing behind. Safe to call after a failed write or finish. */
  discard(): Promise<void>
}

export interface Landed {
  /** The name it got at last. */
  readonly name: string
  /** Desktop only: where it lies. */
  readonly path?: string
  /** Of the whole file, lower-case hex, where this side computes it. */
  readonly sha256?: string
}
