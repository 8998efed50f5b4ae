/** Where a received file lands. Nothing is visible under its final name before `finish` has resolved. */
export interface Sink {
  /** The name it will have, which need not be the one that was offered. */
  readonly name: string
  /**
   * The next bytes. Called one after the other, never past the announced size. `bytes` is the caller's again once
   * it has resolved.
   */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>
  /** All bytes are there and checked: make it final. */
  finish(): Promise<Landed>
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
