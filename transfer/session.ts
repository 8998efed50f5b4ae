import type { Reason } from '#protocol/errors.ts'
import {
  encodeFrame,
  type Batch,
  type Credentials,
  type Frame,
  type LaneWish,
  type SyncFrame,
} from '#protocol/frames.ts'
import { BLOCK_BYTES, NAME_CHARS_MAX, PROTOCOL_VERSION } from '#protocol/limits.ts'
import { Conclusions } from './conclusions.ts'
import { FrameDoor } from './frame-door.ts'
import { Incoming } from './incoming.ts'
import type { Lane, LaneKind } from './lane.ts'
import { Lanes, type LanesEvents } from './lanes.ts'
import { Outgoing } from './outgoing.ts'
import { Receiver } from './receiver.ts'
import { Semaphore } from './concurrency.ts'
import { Sender } from './sender.ts'
import type { SessionOptions } from './session-options.ts'
import type { Source } from './source.ts'

export type { SessionOptions } from './session-options.ts'

/** What a conversation with a device can do, however it speaks (see also legacy.ts). */
export interface Conversation {
  /** Queues the file. Returns the transfer's id. */
  send(source: Source): string
  /** Ends one transfer; unknown and finished ids are ignored. */
  cancel(id: string): void
  /** Ends all transfers with `code`. */
  end(code: Reason): void
}

/**
 * Room for files that are open here at a time; those after them are accepted when one of these is done. One of a single
 * block waits most of its time for the disk to say that it is safe, and the more do so at once the less each of them costs.
 */
const OPEN_PLACES = 32
const placesOf = (size: number): number => (size <= BLOCK_BYTES ? 1 : 2)

/**
 * What this side and a device have going on. It outlives lanes: they come and go, transfers stay, and go on from what the
 * receiver has as soon as there is a lane again.
 */
export class Session implements Conversation {
  readonly #ports: SessionOptions
  readonly #out: Outgoing
  readonly #in: Incoming
  readonly #lanes: Lanes
  readonly #ends: Conclusions
  readonly #open = new Semaphore(OPEN_PLACES)
  #wish: LaneWish | undefined
  #ended: Reason | null = null

  constructor(ports: SessionOptions) {
    this.#ports = ports
    const frame = (said: Frame): void => {
      this.#say(said)
    }
    this.#out = new Outgoing(ports.parity, {
      newSender: (n, source, batch) => this.#newSender(n, source, batch),
      frame,
      run: (sender) => void this.#ends.conclude(sender, sender.run()),
    })
    this.#in = new Incoming({
      newReceiver: (offer) => this.#newReceiver(offer),
      frame,
      landed: (id) => ports.landed?.(id) ?? null,
      run: (receiver) => {
        this.#ends.tell(receiver, 'moving')
        return this.#ends.conclude(receiver, receiver.run())
      },
    })
    this.#lanes = this.#openLanes()
    this.#ends = new Conclusions({
      in: this.#in,
      out: this.#out,
      lanes: this.#lanes,
      frame,
      onTransfer: ports.onTransfer,
    })
  }

  /** A lane that leads to the device, and to nobody else. */
  addLane(lane: Lane): void {
    if (this.#ended === null) this.#lanes.add(lane, encodeFrame(this.#hello()))
    else lane.close()
  }

  /** The kinds of lanes that are open, oldest first. */
  get lanes(): readonly LaneKind[] {
    return this.#lanes.kinds
  }

  /** That of the bytes of files. */
  get lane(): LaneKind {
    return this.#lanes.kind
  }

  /** Which lane the bytes of files are to take, on both sides. */
  set wish(wish: LaneWish) {
    this.#wish = wish
    this.#lanes.wish = wish
    this.#say(this.#hello())
  }

  send(source: Source): string {
    const sender = this.#out.add(source)
    this.#ends.tell(sender, 'moving')
    if (this.#ended === null) this.#out.next()
    else this.#ends.refuse(sender, this.#ended)
    return sender.id
  }

  /** Queues many: `files` are asked for when there is room for them. */
  sendBatch(batch: Omit<Batch, 't'>, files: AsyncIterator<Source>): void {
    // Sparse files may sum up to what is no number of bytes any more.
    const bytes = Math.min(batch.bytes, Number.MAX_SAFE_INTEGER)
    const named = { ...batch, name: batch.name.slice(0, NAME_CHARS_MAX), bytes }
    if (this.#ended === null) this.#out.addBatch({ t: 'batch', ...named }, files)
    else void files.return?.()
  }

  /** Page: whether its person wants it remembered beyond its tab. */
  remember(on: boolean): void {
    this.#say({ t: 'remember', on })
  }

  /** Desktop: what the phone comes back with. */
  giveCredentials(credentials: Credentials): void {
    this.#say(credentials)
  }

  /** Something of records or texts, which are not this engine's; lost when there is no lane. */
  sync(frame: SyncFrame): void {
    this.#say(frame)
  }

  cancel(id: string): void {
    const transfer = this.#withId(id)
    if (transfer === undefined) this.#cancelResting(id)
    if (transfer === undefined || (transfer.direction === 'in' && transfer.landing)) return
    this.#say({ t: 'stop', n: transfer.n, code: 'cancelled' })
    this.#ends.stop(transfer, 'cancelled')
  }

  /** Ends what is left of a batch, here and there. */
  cancelBatch(id: string): void {
    this.#out.endBatch(id)
    for (const one of this.#all()) if (one.batch === id) this.cancel(one.id)
  }

  /** Holds a transfer up, or lets it go on. */
  pause(id: string, on: boolean): void {
    this.#withId(id)?.pauseState.here(on)
  }

  /** Puts a waiting file before all others that have not begun. */
  first(id: string): void {
    const sender = this.#out.withId(id)
    if (sender !== undefined) this.#out.first(sender)
  }

  /** There may be room on the disk again for this file. */
  tryDisk(id: string): void {
    this.#in.withId(id)?.pauseState.tryDisk()
  }

  /** Lets go of files that are being received; they go on when they are offered again. Resolves when they are safe. */
  rest(): Promise<void> {
    // With a code: what the sender has under way falls on the floor.
    for (const { n } of this.#in.all) this.#say({ t: 'pause', n, on: true, code: 'peer-left' })
    return this.#in.suspendAll()
  }

  end(code: Reason): void {
    if (this.#ended !== null) return
    this.#ended = code
    this.#out.endBatch()
    for (const transfer of this.#all()) this.#ends.stop(transfer, code)
    for (const receiver of this.#in.resting) this.#ends.giveUp(receiver, code)
    this.#lanes.close()
  }

  #cancelResting(id: string): void {
    const receiver = this.#in.resting.find((one) => one.id === id)
    if (receiver === undefined) return
    this.#ends.giveUp(receiver, 'cancelled')
    void Promise.resolve(this.#in.free(id)).then(() => receiver.abandon())
  }

  #all(): (Sender | Receiver)[] {
    return [...this.#out.all, ...this.#in.all]
  }

  #withId(id: string): Sender | Receiver | undefined {
    return this.#out.withId(id) ?? this.#in.withId(id)
  }

  #openLanes(): Lanes {
    const door = new FrameDoor({
      ports: this.#ports,
      isEnded: () => this.#ended !== null,
      in: this.#in,
      out: this.#out,
      ends: () => this.#ends,
      lanes: () => this.#lanes,
    })
    const events: LanesEvents = {
      onFrame: (data, lane) => {
        if (this.#ended === null) door.take(data, lane)
      },
      onLost: (lane) => {
        if (this.#lanes.any) for (const sender of this.#out.all) sender.laneLost(lane)
        else this.#out.pause()
      },
      onControl: (lane) => {
        this.#out.resume()
        door.movedTo(lane)
      },
      onChange: () => {
        this.#ports.onLanes?.(this.#lanes.kinds)
        if (this.#ended === null) for (const transfer of this.#all()) this.#ends.tell(transfer, 'moving')
      },
    }
    return new Lanes(events, this.#ports.newBatcher)
  }

  #hello(): Frame {
    const { self, session } = this.#ports
    return { t: 'hello', v: PROTOCOL_VERSION, ...self, session, ...(this.#wish && { lane: this.#wish }) }
  }

  #newSender(n: number, source: Source, batch: string | undefined): Sender {
    const sender: Sender = new Sender(n, source.id ?? this.#ports.newId(), source, batch, {
      forBlock: (bytes) => this.#lanes.forBlock(bytes),
      acked: (lane, bytes) => {
        this.#lanes.acked(lane, bytes)
      },
      sha256: this.#ports.sha256,
      handOut: this.#ports.handOut,
      frame: (frame) => {
        this.#say(frame)
      },
      changed: () => {
        this.#ends.tell(sender, 'moving')
      },
      accepted: () => {
        this.#out.wanted(sender)
      },
      idle: () => {
        this.#out.idle(sender)
      },
      released: () => {
        this.#out.next()
      },
      refused: (code) => {
        this.#refuse(sender, code)
      },
    })
    return sender
  }

  #refuse(sender: Sender, code: Reason): void {
    this.#say({ t: 'stop', n: sender.n, code })
    this.#ends.stop(sender, code)
  }

  #newReceiver(offer: Receiver['offer']): Receiver {
    const { sha256, mayTake, landsAs, mustFetch, openSink, checks = () => true } = this.#ports
    const receiver: Receiver = new Receiver(offer, {
      sha256: checks() ? sha256 : null,
      // What is kept of it is known once its file is closed.
      mayTake: mayTake && ((o, look) => this.#in.free(o.id)?.then(() => mayTake(o, look)) ?? mayTake(o, look)),
      landsAs,
      mustFetch,
      enter: () => this.#open.enter(placesOf(offer.size)),
      openSink: async (o, fresh) => {
        await this.#in.free(o.id)
        return openSink(o, fresh)
      },
      frame: (frame) => {
        this.#say(frame)
      },
      changed: () => {
        this.#ends.tell(receiver, 'moving')
      },
    })
    return receiver
  }

  #say(frame: Frame): void {
    if (this.#ended === null) this.#lanes.say(encodeFrame(frame))
  }
}
