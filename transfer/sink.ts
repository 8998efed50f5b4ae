/** Where a received file lands, in blocks. Nothing is visible under its final name before `finish` has resolved. */
export interface Sink {
  /** The name it will have, which need not be the one that was offered. */
  readonly name: string
  /**
   * SHA-256 (lower-case hex) of block i where that block is here already and safe, from an earlier try; holes where
   * not. Asked once, before the first write.
   */
  readonly have: readonly (string | undefined)[]
  /** What is here is a file that landed before and looks like this one, not an earlier try of it. */
  readonly landed?: true
  /**
   * Writes block `index` (1 MiB, the last one shorter; see blockLength). In any order, one call after the other; a block may
   * be written again if its hash was wrong. `bytes` is the caller's again once resolved.
   */
  write(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>
  /**
   * Keeps what was written last as block `index`, which has this hash. The sender says the same, or will be asked, now or when it goes on:
   * it may be counted on after a crash, once it is safe on disk.
   */
  keep(index: number, hash: string): void
  /**
   * Makes the file final, of which all blocks are kept, never replacing another. Resolves when it is durable. With `root`, the value
   * that both ends agreed on, it is compared once more with what is kept. May be called again after a failure.
   */
  finish(root?: string): Promise<Landed>
  /** Makes safe what is kept and closes the file, which resumes later (maybe after a restart). */
  suspend(): Promise<void>
  /** Leaves nothing behind of a file that will not be finished. Safe after a failed write/finish. */
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
