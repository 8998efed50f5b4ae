import type { Reason } from '#protocol/errors.ts'
import type { LaneKind } from './lane.ts'
import type { Receiver } from './receiver.ts'
import type { Sender } from './sender.ts'

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

/** The view of a transfer as it is. `away`: nobody is at the other end just now. */
export function viewOf(
  transfer: Sender | Receiver,
  state: TransferView['state'],
  { lane, away, end }: { readonly lane: LaneKind; readonly away: boolean; readonly end: Partial<TransferView> },
): TransferView {
  const { id, direction, batch, startedOver, holds } = transfer
  const name = transfer.direction === 'out' ? transfer.source.name : transfer.name
  const total = transfer.direction === 'out' ? transfer.source.size : transfer.offer.size
  const byHttp = transfer.direction === 'out' ? transfer.handedOut : transfer.at !== null
  const moving = state === 'moving'
  const paused = moving ? (holds.why ?? (away && !byHttp ? 'away' : null)) : null
  return {
    id,
    direction,
    name,
    bytes: state === 'done' ? total : transfer.moved,
    total,
    state,
    phase: paused === null ? transfer.phase : 'paused',
    lane: byHttp ? 'http' : lane,
    ...(paused !== null && { paused }),
    ...(paused !== null && holds.needBytes !== undefined && { needBytes: holds.needBytes }),
    ...(batch !== undefined && { batch }),
    ...(startedOver && { startedOver }),
    ...(state === 'done' && transfer.already && { already: true }),
    ...transfer.left,
    ...(transfer.direction === 'in' && transfer.at !== null && { at: transfer.at }),
    ...end,
  }
}
