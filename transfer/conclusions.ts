import type { Reason } from '#protocol/errors.ts'
import type { Frame } from '#protocol/frames.ts'
import { reasonOf, Suspended } from './errors.ts'
import type { Ended, Incoming } from './incoming.ts'
import type { Lanes } from './lanes.ts'
import type { Outgoing } from './outgoing.ts'
import type { Receiver } from './receiver.ts'
import type { Sender } from './sender.ts'
import { viewOf, type Proof, type TransferView } from './transfer-view.ts'

type Transfer = Sender | Receiver
type Result = Partial<Pick<TransferView, 'path' | 'sha256' | 'proof'>> & { readonly root?: string | undefined }

export interface ConclusionsPorts {
  readonly in: Incoming
  readonly out: Outgoing
  readonly lanes: Lanes
  frame(frame: Frame): void
  readonly onTransfer: (view: TransferView) => void
}

/** What is told of transfers, to the screen and to the other side, up to their end and then never again. */
export class Conclusions {
  readonly #ports: ConclusionsPorts

  constructor(ports: ConclusionsPorts) {
    this.#ports = ports
  }

  /** Waits for the transfer's end, tells it, and lets the next one go. */
  async conclude(transfer: Transfer, run: Promise<Result>): Promise<void> {
    try {
      const { root, path, sha256, proof } = await run
      this.#over(transfer, { t: 'done', ...(root !== undefined && { root }) })
      const seen = transfer.direction === 'in' ? proofOf(transfer, root) : 'verified'
      this.tell(transfer, 'done', { ...(path && { path }), ...(sha256 && { sha256 }), proof: proof ?? seen })
    } catch (error) {
      this.#failed(transfer, error)
    }
    this.#ports.out.next()
  }

  /** It never began. */
  refuse(transfer: Sender, reason: Reason): void {
    this.#ports.out.ended(transfer)
    this.tell(transfer, isOwnWish(transfer, reason) ? 'cancelled' : 'failed', { reason })
  }

  /** Ends it here. The other side knows, or is told by the caller. */
  stop(transfer: Transfer, code: Reason): void {
    if (transfer.direction === 'out' && this.#ports.out.isWaiting(transfer) && !transfer.handedOut) {
      this.refuse(transfer, code)
      this.#ports.out.next()
      return
    }
    // Off the list at once: from now on it is neither offered again nor taken on, however long its file takes to close.
    if (transfer.direction === 'out') this.#ports.out.unname(transfer)
    else if (!transfer.landing) this.#ports.in.over(transfer, { t: 'stop', code })
    transfer.stop(code)
  }

  /** Ends what was let go of, to go on when it is offered again. */
  giveUp(receiver: Receiver, code: Reason): void {
    this.#ports.in.giveUp(receiver, code)
    this.tell(receiver, isOwnWish(receiver, code) ? 'cancelled' : 'failed', { reason: code })
  }

  /** The other side has begun anew and does not know of what was let go of: that goes on when a person sends it once more. */
  waitForAnother(): void {
    for (const one of this.#ports.in.surplus) this.giveUp(one, 'peer-left')
    for (const one of this.#ports.in.resting) this.tell(one, 'moving', { phase: 'paused', paused: 'anew' })
  }

  tell(transfer: Transfer, state: TransferView['state'], end: Partial<TransferView> = {}): void {
    const { lanes, onTransfer } = this.#ports
    onTransfer(viewOf(transfer, state, { lane: lanes.kindOf(transfer.direction), away: !lanes.any, end }))
  }

  #failed(transfer: Transfer, error: unknown): void {
    if (error instanceof Suspended) {
      this.tell(transfer, 'moving', { phase: 'paused', paused: 'away' })
      return
    }
    const reason = reasonOf(error)
    // Told to the other side unless it was the one that said so.
    if (reason !== 'cancelled' && this.#isLive(transfer)) {
      this.#ports.frame({ t: 'stop', n: transfer.n, code: reason })
    }
    this.#over(transfer, { t: 'stop', code: reason })
    this.tell(transfer, isOwnWish(transfer, reason) ? 'cancelled' : 'failed', { reason })
  }

  #isLive(transfer: Transfer): boolean {
    const { in: incoming, out } = this.#ports
    const there = transfer.direction === 'out' ? out.of(transfer.n) : incoming.of(transfer.n)
    return there === transfer
  }

  #over(transfer: Transfer, ended: Ended): void {
    if (transfer.direction === 'out') {
      this.#ports.out.ended(transfer)
      return
    }
    const wasLive = this.#isLive(transfer)
    this.#ports.in.over(transfer, ended)
    if (ended.t === 'done' && wasLive && transfer.at === null) this.#ports.frame({ ...ended, n: transfer.n })
  }
}

const proofOf = ({ at }: Receiver, root: string | undefined): Proof =>
  at !== null ? 'browser' : root === undefined ? 'complete' : 'verified'

/** Whether a person wanted it to end: cancelled on either side, or not accepted here. */
function isOwnWish({ direction }: Transfer, reason: Reason): boolean {
  return reason === 'cancelled' || (reason === 'not-allowed' && direction === 'in')
}
