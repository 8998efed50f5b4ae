import type { Reason } from '#protocol/errors.ts'
import type { LaneKind } from './lane.ts'
import type { LeftOut, Said } from './left-out.ts'

/** `anew`: the other side is here, and has begun anew; it goes on when it is sent from there once more. */
export type Paused = 'here' | 'there' | 'away' | 'anew' | 'disk-full' | 'disk-error'
/**
 * `verified`: both ends computed the same root. `complete`: all bytes came, encrypted, and the receiver did not check.
 * `browser`: a browser took the download; what it has nobody here can see.
 */
export type Proof = 'verified' | 'complete' | 'browser'

/** One transfer as a screen, a log line or a test sees it. `state` is final when it is not `moving`. */
export interface TransferView {
  readonly id: string
  readonly direction: 'in' | 'out'
  readonly name: string
  /** Bytes that are safe at the receiver, as far as this side knows. */
  readonly bytes: number
  readonly total: number
  readonly state: 'moving' | 'done' | 'failed' | 'cancelled'
  /** What a moving transfer is doing just now. */
  readonly phase: 'queued' | 'waiting' | 'sending' | 'checking' | 'paused'
  /** Why it is paused: a person here or there, the other side is away or has begun anew, or the disk here or there. */
  readonly paused?: Paused
  /** Bytes that the disk lacks, where it is paused for that and it is known. */
  readonly needBytes?: number
  /** It began again, because the file was no longer the one of the earlier try. */
  readonly startedOver?: boolean
  /** Once done: the receiver had it, and nothing of it travelled. */
  readonly already?: boolean
  readonly lane: LaneKind
  /** The batch that it belongs to. */
  readonly batch?: string
  /** Page only: where the hub has it for a download over plain http, for a person who takes that way. */
  readonly at?: string
  /** Once done: how sure this side is that what arrived is what was sent. */
  readonly proof?: Proof
  /** Why it failed or was cancelled. */
  readonly reason?: Reason
  /** Desktop only, once done: where it lies. Never leaves the main process. */
  readonly path?: string
  /** Of one that holds many: how many things are not in it, and some of their names. The other side's may be foreign text. */
  readonly skipped?: number
  readonly skippedNames?: readonly string[]
  /** Of the whole file, lower-case hex, once done, where this side computed it. */
  readonly sha256?: string
}

/** Tells whether its bytes are on their way. A download begins with a tap on the phone. */
export const isRunning = ({ state, phase, lane, bytes }: TransferView): boolean =>
  state === 'moving' && phase === 'sending' && (lane !== 'http' || bytes > 0)

/** Files that belong together, a folder or a crowd that was picked at once, as a screen sees them. */
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

/** What both a sender and a receiver tell of themselves. */
export interface Viewable {
  readonly id: string
  readonly direction: 'in' | 'out'
  readonly name: string
  /** Bytes: of the file, and of those the ones that are safe at the receiver. */
  readonly size: number
  readonly moved: number
  readonly phase: TransferView['phase']
  readonly pauseState: { readonly why: Paused | null; readonly needBytes: number | undefined }
  readonly batch: string | undefined
  readonly startedOver: boolean
  readonly already: boolean
  /** Its bytes go as a download over plain http; `at`: where, if this side is to take it from there. */
  readonly byHttp: boolean
  readonly at?: string | null
  readonly left: Said
}

/** Returns the view of a transfer as it is. `away`: nobody is at the other end just now. */
export function viewOf(
  transfer: Viewable,
  state: TransferView['state'],
  { lane, away, end }: { readonly lane: LaneKind; readonly away: boolean; readonly end: Partial<TransferView> },
): TransferView {
  const { id, direction, name, size, batch, startedOver, pauseState, byHttp, at } = transfer
  const paused = state === 'moving' ? (pauseState.why ?? (away && !byHttp ? 'away' : null)) : null
  return {
    id,
    direction,
    name,
    bytes: state === 'done' ? size : transfer.moved,
    total: size,
    state,
    phase: paused === null ? transfer.phase : 'paused',
    lane: byHttp ? 'http' : lane,
    ...(paused !== null && { paused }),
    ...(paused !== null && pauseState.needBytes !== undefined && { needBytes: pauseState.needBytes }),
    ...(batch !== undefined && { batch }),
    ...(startedOver && { startedOver }),
    ...(state === 'done' && transfer.already && { already: true }),
    ...transfer.left,
    ...(typeof at === 'string' && { at }),
    ...end,
  }
}
