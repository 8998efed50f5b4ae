import type { LeftOut } from './left-out.ts'
import type { Paused, TransferView } from './view.ts'

/** Files that go together, a folder or a crowd that was picked at once, as a screen sees them. */
export interface BatchView extends LeftOut {
  /** What the `batch` of its files says. */
  readonly id: string
  readonly direction: 'in' | 'out'
  /** The folder's; '' of a crowd of files. */
  readonly name: string
  /** How many there are, and what became of them. The rest of `files` is still to come. */
  readonly files: number
  readonly done: number
  readonly failed: number
  /** Those of `done` of which both ends computed the same checksum. */
  readonly verified: number
  /** Those of `done` that the receiver had, by size, time and hash: nothing of them travelled. */
  readonly already: number
  /** Bytes that are safe at the receiver, of all files. */
  readonly bytes: number
  readonly total: number
  /** Final when it is not `moving`. `failed`: some of its files did. */
  readonly state: TransferView['state']
  readonly phase: 'sending' | 'paused'
  readonly paused?: Paused
}

/** A batch of more files is one row; the files of a smaller one have a row each. */
export const SHOWN_SINGLY_MAX = 30
