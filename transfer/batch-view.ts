/** Files that belong together, as one row on a screen. */
export interface BatchView {
  readonly id: string
  readonly direction: 'in' | 'out'
  readonly name: string
  /** How many there are; of them, those that are done, and those that ended otherwise. */
  readonly files: number
  readonly done: number
  readonly failed: number
  readonly cancelled: number
  /** Of those that are done: how many both ends have computed the same root of. */
  readonly verified: number
  /** Bytes that are safe at the receiver, out of `total`. */
  readonly bytes: number
  readonly total: number
  readonly state: 'moving' | 'done' | 'failed' | 'cancelled'
  readonly phase: 'sending' | 'paused'
}

/** A batch of more files is one row; the files of a smaller one have a row each. */
export const SHOWN_SINGLY_MAX = 30
