import type { LeftOut } from './left-out.ts'

/** A file that can be sent. Opened when its turn comes, closed when it is over. */
export interface Source {
  /** The transfer's id, where whoever sends it wants to know it again; else the session draws one. */
  readonly id?: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970; 0 = not known. */
  readonly mtime: number
  /** A hint for the receiver's icon; '' = not known. */
  readonly mime: string
  /** The folders it lies in, outermost first, where it is part of one that is sent whole. */
  readonly path?: readonly string[]
  /** Desktop only: the file that it is. Never leaves the main process. */
  readonly file?: string
  /** Returns what a source that holds many files can't hold, as far as that is known by now. */
  left?(): LeftOut | null
  /** Makes a small JPEG of the file within the limits of `thumb`, for a person who is asked; null where there is none after all. */
  thumbnail?(): Promise<Uint8Array | null>
  open(): Promise<OpenSource>
  /** Returns the same file as it is now, for another try. Where this is missing, the source itself will do. */
  again?(): Promise<Source>
}

export interface OpenSource {
  /**
   * `length` bytes at `offset`, in any order, also several at once: a receiver may have some already, or want some again.
   * Throws TransferError `source-changed` when the bytes are not there any more. The caller owns the returned array.
   * `room`, of as many bytes, is memory that the source may read into, and return, or leave be; it may come back in another
   * array, and be empty in this one.
   */
  read(offset: number, length: number, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
  /** Called after the last read; returns SHA-256 of the whole file in lower-case hex where this side computes it. */
  finish(): Promise<{ readonly sha256?: string }>
  close(): Promise<void>
}
