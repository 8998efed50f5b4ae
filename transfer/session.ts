import { decodePart } from '#protocol/blocks.ts'
import { assertNever, ProtocolError, type Reason } from '#protocol/errors.ts'
import { decodeFrame, encodeFrame, type Frame, type Keep, type OfferFile } from '#protocol/frames.ts'
import { OFFERS_MAX, PROTOCOL_VERSION } from '#protocol/limits.ts'
import type { PeerKind } from '#protocol/hub-events.ts'
import { reasonOf } from './errors.ts'
import type { Sha256 } from './hashing.ts'
import type { Lane } from './lane.ts'
import { Receiver, type Look } from './receiver.ts'
import { Room } from './room.ts'
import { Sender } from './sender.ts'
import type { Landed, Sink } from './sink.ts'
import type { Source } from './source.ts'
import type { TransferView } from './view.ts'

/** What a connection with a device can do, however it speaks (see also legacy.ts). */
export interface Conversation {
  /** Queues the file. Returns the transfer's id. */
  send(source: Source): string
  /** Ends one transfer; unknown and finished ids are ignored. */
  cancel(id: string): void
  /** Ends all transfers with `code`. The lane is the caller's to close. */
  end(code: Reason): void
}

export interface SessionPorts {
  /** Parity of the numbers given to our own transfers: 1 on the phone, 0 on the desktop. */
  readonly parity: 0 | 1
  readonly self: { readonly name: string; readonly kind: PeerKind }
  readonly sha256: Sha256
  /** 32 characters of hex from a good source of randomness. */
  newId(): string
  /** Whether the file is wanted; it may take a person to say so. Absent = every file is. */
  mayTake?(offer: OfferFile, look: Look): Promise<boolean>
  /** Throws TransferError to refuse the file. */
  openSink(offer: OfferFile): Promise<Sink>
  onPeer(peer: { readonly name: string; readonly kind: PeerKind }): void
  onTransfer(view: TransferView): void
  /** Phone: what it comes back with. */
  onKeep?(keep: Keep): void
  /** Desktop: whether the page's person wants it remembered beyond its tab. */
  onRemember?(on: boolean): void
  /** The other side does not keep to the protocol; nothing more will be heard from it. */
  onBroken(code: Reason): void
}

/** Files that are open here at a time; those after them are accepted when one of these is done. */
const OPEN_MAX = 16
/** Files whose bytes are sent and which the other side still checks. Small files are not worth a round trip each. */
const CHECKING_MAX = 16

/** One connected device: sends queued files one after the other, receives what the other side offers. */
export class Session implements Conversation {
  readonly #lane: Lane
  readonly #ports: SessionPorts
  readonly #live = new Map<number, Sender | Receiver>()
  readonly #open = new Room(OPEN_MAX)
  readonly #queue: Sender[] = []
  /** Of all transfers in either direction: what has ended stays ended. */
  readonly #ids = new Set<string>()
  #next: number
  #handing: Sender | null = null
  #ended: Reason | null = null

  constructor(lane: Lane, ports: SessionPorts) {
    this.#lane = lane
    this.#ports = ports
    this.#next = ports.parity === 0 ? 2 : 1
    lane.listen({
      onFrame: (data) => {
        this.#receive(data)
      },
      onClose: () => {
        this.end('connection-lost')
      },
    })
    this.#frame({ t: 'hello', v: PROTOCOL_VERSION, ...ports.self })
  }

  send(source: Source): string {
    const n = this.#next
    this.#next += 2
    const sender: Sender = new Sender(n, this.#ports.newId(), source, {
      lane: this.#lane,
      sha256: this.#ports.sha256,
      frame: (frame) => {
        this.#frame(frame)
      },
      changed: () => {
        this.#tell(sender, 'moving')
      },
      accepted: () => {
        this.#startNext()
      },
      handedOver: () => {
        this.#handing = null
        this.#startNext()
      },
    })
    this.#ids.add(sender.id)
    this.#live.set(n, sender)
    this.#tell(sender, 'moving')
    if (this.#ended === null) {
      this.#queue.push(sender)
      this.#startNext()
    } else void this.#conclude(sender, Promise.reject(new Error('no lane')), this.#ended)
    return sender.id
  }

  /** Page: whether its person wants it remembered beyond its tab. */
  remember(on: boolean): void {
    this.#frame({ t: 'remember', on })
  }

  /** Desktop: what the phone comes back with. */
  keep(keep: Keep): void {
    this.#frame(keep)
  }

  cancel(id: string): void {
    const transfer = [...this.#live.values()].find((t) => t.id === id)
    if (transfer === undefined || (transfer.direction === 'in' && transfer.landing)) return
    this.#frame({ t: 'stop', n: transfer.n, code: 'cancelled' })
    this.#stop(transfer, 'cancelled')
  }

  end(code: Reason): void {
    if (this.#ended !== null) return
    this.#ended = code
    for (const transfer of [...this.#live.values()]) this.#stop(transfer, code)
  }

  #startNext(): void {
    if (this.#ended === null) this.#offerAhead()
    const checking = [...this.#live.values()].filter((t) => t.direction === 'out' && t.phase === 'checking').length
    if (this.#handing !== null || this.#ended !== null || checking >= CHECKING_MAX) return
    const at = this.#queue.findIndex(({ wanted }) => wanted)
    const sender = this.#queue[at]
    if (sender === undefined) return
    this.#queue.splice(at, 1)
    this.#handing = sender
    void this.#conclude(sender, sender.run())
  }

  /** All of a batch at once, so that a person who is asked sees it whole. */
  #offerAhead(): void {
    let open = [...this.#live.values()].filter((t) => t.direction === 'out' && t.offered).length
    for (const sender of this.#queue) {
      if (open >= OFFERS_MAX) return
      if (sender.offered) continue
      sender.offer()
      open++
    }
  }

  #stop(transfer: Sender | Receiver, code: Reason): void {
    const waiting = this.#queue.indexOf(transfer as Sender)
    if (waiting < 0) transfer.stop(code)
    else {
      this.#queue.splice(waiting, 1)
      void this.#conclude(transfer, Promise.reject(new Error(code)), code)
    }
  }

  /** Waits for the transfer's end, tells it, and lets the next one go. */
  async #conclude(transfer: Sender | Receiver, run: Promise<Partial<Landed>>, known?: Reason): Promise<void> {
    try {
      const { path, sha256 } = await run
      this.#tell(transfer, 'done', { ...(path && { path }), ...(sha256 && { sha256 }) })
    } catch (error) {
      const reason = known ?? reasonOf(error)
      // Told to the other side unless it was the one that said so, or can't hear it any more.
      if (known === undefined && reason !== 'cancelled' && this.#live.get(transfer.n) === transfer) {
        this.#frame({ t: 'stop', n: transfer.n, code: reason })
      }
      this.#tell(transfer, isOwnWish(transfer, reason) ? 'cancelled' : 'failed', { reason })
    }
    // Unless the other side stopped it and has given its number to another since.
    if (this.#live.get(transfer.n) === transfer) this.#live.delete(transfer.n)
    if (this.#handing === transfer) this.#handing = null
    this.#startNext()
  }

  #tell(transfer: Sender | Receiver, state: TransferView['state'], end: Partial<TransferView> = {}): void {
    const { id, direction, phase } = transfer
    const name = transfer.direction === 'out' ? transfer.source.name : transfer.name
    const total = transfer.direction === 'out' ? transfer.source.size : transfer.offer.size
    const moved = transfer.direction === 'out' ? transfer.acked : transfer.written
    const bytes = state === 'done' ? total : moved
    this.#ports.onTransfer({ id, direction, name, bytes, total, state, phase, lane: this.#lane.kind, ...end })
  }

  #frame(frame: Frame): void {
    if (this.#ended === null) this.#lane.send(encodeFrame(frame))
  }

  #receive(data: string | Uint8Array): void {
    if (this.#ended !== null) return
    try {
      if (typeof data === 'string') this.#onFrame(decodeFrame(data))
      else this.#onPart(data)
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : 'failed'
      this.end(code)
      this.#ports.onBroken(code)
    }
  }

  #onPart(data: Uint8Array): void {
    const part = decodePart(data)
    const transfer = this.#live.get(part.n)
    // Parts may still be under way when a transfer was stopped: nobody's fault.
    if (transfer?.direction !== 'in') return
    try {
      transfer.part(part)
    } catch (error) {
      transfer.stop(reasonOf(error))
    }
  }

  #onFrame(frame: Frame): void {
    switch (frame.t) {
      case 'hello':
        if (frame.v !== PROTOCOL_VERSION) throw new ProtocolError('version', `version ${frame.v}`)
        this.#ports.onPeer({ name: frame.name, kind: frame.kind })
        return
      case 'keep':
        this.#ports.onKeep?.(frame)
        return
      case 'remember':
        this.#ports.onRemember?.(frame.on)
        return
      case 'offer':
        this.#onOffer(frame)
        return
      case 'stop':
        this.#onStop(frame.n, frame.code)
        return
      case 'look':
      case 'thumb':
      case 'accept':
      case 'ack':
      case 'done':
      case 'block':
      case 'end':
        this.#live.get(frame.n)?.receive(frame)
        return
      default:
        assertNever(frame)
    }
  }

  #onStop(n: number, code: Reason): void {
    const transfer = this.#live.get(n)
    if (transfer === undefined) return
    // Off the map first: the end of this transfer is not news to the side that told us.
    this.#live.delete(n)
    this.#stop(transfer, code)
  }

  #onOffer(offer: OfferFile): void {
    if (offer.n % 2 === this.#ports.parity || this.#live.has(offer.n))
      throw ProtocolError.malformed('number of an offer')
    if (this.#ids.has(offer.id)) throw ProtocolError.malformed('id of an offer')
    const receiving = [...this.#live.values()].filter((t) => t.direction === 'in').length
    if (receiving >= OFFERS_MAX) throw ProtocolError.malformed('too many offers')
    const receiver: Receiver = new Receiver(offer, {
      sha256: this.#ports.sha256,
      mayTake: this.#ports.mayTake?.bind(this.#ports),
      enter: () => this.#open.enter(),
      openSink: (o) => this.#ports.openSink(o),
      frame: (frame) => {
        this.#frame(frame)
      },
      changed: () => {
        this.#tell(receiver, 'moving')
      },
    })
    this.#ids.add(offer.id)
    this.#live.set(offer.n, receiver)
    this.#tell(receiver, 'moving')
    void this.#conclude(receiver, receiver.run())
  }
}

/** Whether a person wanted it to end: cancelled on either side, or not accepted here. */
function isOwnWish({ direction }: Sender | Receiver, reason: Reason): boolean {
  return reason === 'cancelled' || (reason === 'not-allowed' && direction === 'in')
}
