import type { Reason } from '#protocol/errors.ts'
import type { LaneKind } from './lane.ts'

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
  readonly phase: 'queued' | 'waiting' | 'sending' | 'checking'
  readonly lane: LaneKind
  /** Why it failed or was cancelled. */
  readonly reason?: Reason
  /** Desktop only, once done: where it lies. Never leaves the main process. */
  readonly path?: string
  /** Of the whole file, lower-case hex, once done, where this side computed it. */
  readonly sha256?: string
}
