import type { Reason } from '#protocol/errors.ts'
import type { Unfinished } from '#protocol/frames.ts'
import type { BatchView, TransferView } from '#transfer/transfer-view.ts'
import type { LaneKind } from '#transfer/lane.ts'
import type { Lack } from './lacks.ts'
import type { Refusal } from './refusals.svelte.ts'

/**
 * Why a connection is lost that nobody has ended, and what is done about it: this phone is on no network; the computer is looked
 * for at its other addresses; this page stood still, mostly as its phone slept; its clock jumped, as it stood still or was set; so
 * many wait to be let in that the computer's hub takes no more.
 */
export type Meanwhile = 'offline' | 'full' | 'looking' | 'slept' | 'jumped'

/** What the phone's page shows. The class that fills it is in phone.svelte.ts; components only read it. */
export interface PhoneModel {
  readonly connection: 'connecting' | 'connected' | 'lost' | 'refused'
  /** Why it is lost or refused; null = nothing to say beyond the state itself. */
  readonly reason: Reason | Lack | null
  /** What goes on while the connection is lost; null = nothing that is known. */
  readonly meanwhile: Meanwhile | null
  /** It is refused, and may not be the next time, with what this page came with. */
  readonly canTry: boolean
  /** It is refused, and this page keeps a key that may be good another time. */
  readonly canForget: boolean
  /** The computer's name, '' until known. */
  readonly desktopName: string
  /** This browser comes back without scanning, also when the tab was closed. */
  readonly remembered: boolean
  /** What the bytes of files travel on; null while there is no connection. */
  readonly lane: LaneKind | null
  /** Newest first. */
  readonly transfers: readonly PhoneTransfer[]
  /** Of files that belong together: one row for very many. */
  readonly batches: readonly BatchView[]
  /** What the computer keeps of files that this browser had begun to send: pick one again, and it goes on. */
  readonly unfinished: readonly Unfinished[]
  /** What was refused beside that, oldest first. */
  readonly refusals: readonly Refusal[]
  /** Queues the files for the computer. */
  send(files: readonly File[]): void
  /** Ends a transfer, or all that moves of a batch. */
  cancel(id: string): void
  /** Holds a transfer up, or lets it go on. */
  pause(id: string, on: boolean): void
  /** Takes one off the list of what is unfinished. */
  forget(id: string): void
  /** Sends once more what failed or was cancelled on its way out. */
  retry(id: string): void
  /** Whether this browser is to be remembered beyond this tab. */
  remember(on: boolean): void
  /** Takes finished rows off the list. */
  clearFinished(): void
  /** Takes a refusal off the list. */
  dismiss(words: string): void
  /** Tries to connect again now. */
  reconnect(): void
  /** Takes away what this page keeps to come back with. */
  forgetComputer(): void
}

export interface PhoneTransfer extends TransferView {
  /** A received file: an object URL for "Save again". */
  readonly saved?: string
  readonly canRetry: boolean
}
