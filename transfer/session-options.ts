import type { Batch, Credentials, LaneWish, OfferFile, SyncFrame, Unfinished } from '#protocol/frames.ts'
import type { Reason } from '#protocol/errors.ts'
import type { ClaimedKind } from '#protocol/hub-events.ts'
import type { Sha256 } from './hashing.ts'
import type { LaneKind } from './lane.ts'
import type { WantThumb, OpenSink } from './receiver.ts'
import type { HandOut } from './sender.ts'
import type { TransferView } from './transfer-view.ts'
import type { Measuring, SayOn } from './measuring/measuring.ts'
import type { NewBatcher } from './message-batcher.ts'

/** Who is at the other end. */
export interface Peer {
  readonly name: string
  readonly kind: ClaimedKind
  /** Takes folders as they are; others get one file of all. */
  readonly folders: boolean
  /** Has records that it may be asked for (records/record-replica.ts). */
  readonly records: boolean
  /** Takes texts (records/texts.ts). */
  readonly texts: boolean
  /** Answers who asks how fast a lane is (measuring/link-test.ts). */
  readonly measures: boolean
  /** Where else the computer's hub may be reached, each as `host:port`. */
  readonly at: readonly string[]
}

/** How a file ended at its receiver, for a sender that offers it again because it did not hear it. */
export type Outcome =
  { readonly t: 'done'; readonly root?: string | undefined } | { readonly t: 'stop'; readonly code: Reason }

/** Holds what a session needs of the program around it. */
export interface SessionOptions {
  /** Parity of the numbers given to this side's own transfers: 1 on the phone, 0 on the desktop. */
  readonly parity: 0 | 1
  readonly self: {
    readonly name: string
    readonly kind: ClaimedKind
    readonly folders?: boolean
    readonly records?: boolean
    readonly texts?: boolean
    /** Several control frames may come in one message. */
    readonly many?: boolean
    /** A long text may come in several messages over a data channel. */
    readonly pieces?: boolean
    /** What has come over a data channel is told (ChannelQueue). */
    readonly got?: boolean
    /** Phone: answers who asks how fast a lane is. */
    readonly measures?: boolean
    readonly lane?: LaneWish
  }
  /** Makes what batches control frames, for who takes several in a message. Absent: each is a message. */
  readonly newBatcher?: NewBatcher
  /** Desktop: where its hub can be reached, each as `host:port`; asked at each `hello`. */
  at?(): readonly string[]
  /** Makes what asks how fast lanes are, or answers that. Absent: this side does neither. */
  readonly newMeasuring?: (say: SayOn) => Measuring
  /** Drawn once by this run of the program or page: 32 characters of hex. */
  readonly session: string
  readonly sha256: Sha256
  /** False: this side is too slow to check what it gets. */
  readonly checks?: () => boolean
  /** 32 characters of hex from a good source of randomness. */
  newId(): string
  /**
   * Whether the file is wanted; it may take a person to say so. Absent = every file is. Throws TransferError to refuse it
   * without asking.
   */
  readonly mayTake?: (offer: OfferFile, wantThumb: WantThumb) => Promise<boolean>
  /** Whether this side can only have it as a download over http. Absent = never. */
  readonly mustFetch?: (offer: OfferFile) => boolean
  /** What it will be called here, as far as that is known before it comes. Absent = as it is offered. */
  readonly landsAs?: (offer: OfferFile) => string
  /** Throws TransferError to refuse the file. */
  readonly openSink: OpenSink
  /** How a file of that id ended in an earlier run of this program. Absent = nobody remembers. */
  landed?(id: string): Outcome | null
  /** What is kept of files from earlier tries. Absent = nothing. */
  unfinished?(): readonly Unfinished[]
  /** Gives a file out as a download over http. Absent = there is no such way. */
  readonly handOut?: HandOut
  /** Called after each `hello`, and whenever control frames may have been lost: whatever matters is to be sent again. */
  onPeer(peer: Peer): void
  readonly onTransfer: (view: TransferView) => void
  /** The other side sends many files that belong together. */
  onBatch?(batch: Batch): void
  /** The other side keeps some of a file from an earlier try. */
  onUnfinished?(file: Unfinished): void
  /** Called when lanes came or went: these are open. */
  onLanes?(kinds: readonly LaneKind[]): void
  /** Phone: what it comes back with. */
  onCredentials?(credentials: Credentials): void
  /** Desktop: whether the page's person wants it remembered beyond its tab. */
  onRemember?(on: boolean): void
  /** Called with frames of records and texts. One may come twice, out of order, or be lost with a lane; whenever it may be lost there is an `onPeer`. */
  onSync?(frame: SyncFrame): void
  /** The other side has ended the conversation, since this one did not keep to the protocol; the caller ends the session. */
  onClosed?(code: Reason): void
  /** The other side does not keep to the protocol and has been told so; the caller ends the session. */
  onBroken(code: Reason): void
}
