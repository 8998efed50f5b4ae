import type { Part } from '#protocol/blocks.ts'
import { ProtocolError, type Reason } from '#protocol/errors.ts'
import type { Frame, OfferFile, TransferFrame } from '#protocol/frames.ts'
import { BLOCK_BYTES, CREDIT_BYTES, OFFERS_MAX } from '#protocol/limits.ts'
import { BoundedMap } from './bounded-map.ts'
import { Semaphore } from './concurrency.ts'
import { reasonOf, Suspended } from './errors.ts'
import type { Lanes } from './lanes.ts'
import { Receiver } from './receiver.ts'
import type { Outcome, SessionOptions } from './session-options.ts'
import { viewOf, type TransferView } from './transfer-view.ts'

/** Outcomes that are remembered: a few times what can be in flight when a lane breaks. */
const OUTCOMES_MAX = 4_096
/** Files that wait to be offered again: what four runs of the other side may have had in flight. */
const RESTING_MAX = 4 * OFFERS_MAX
/**
 * Room for files that are open here at a time; those after them are accepted when one of these is done. One of a single
 * block waits most of its time for the disk to say that it is safe, and the more do so at once the less each of them costs.
 */
const OPEN_PLACES = 32
const placesOf = (size: number): number => (size <= BLOCK_BYTES ? 1 : 2)

/** Receives the files of a session: known by number, as frames name them, and by id, as they are when they come again. */
export class Incoming {
  readonly #options: SessionOptions
  readonly #lanes: Lanes
  readonly #say: (frame: Frame) => void
  readonly #byN = new Map<number, Receiver>()
  readonly #byId = new Map<string, Receiver>()
  readonly #open = new Semaphore(OPEN_PLACES)
  /** How files ended, for a sender that offers one again because it did not hear it. */
  readonly #outcomes = new BoundedMap<string, Outcome>(OUTCOMES_MAX)
  readonly #runs = new WeakMap<Receiver, Promise<void>>()
  /** Those that close their file: by id, until it can be opened again. */
  readonly #closing = new Map<string, Promise<void>>()
  /** Suspended, and not offered again yet. */
  readonly #resting = new Map<string, Receiver>()
  /** Nobody has ended these: offered again they begin again. */
  readonly #suspended = new WeakSet<Receiver>()
  readonly #strays: Strays

  /** `say` sends a control frame, until the session ends. */
  constructor(options: SessionOptions, lanes: Lanes, say: (frame: Frame) => void) {
    this.#options = options
    this.#lanes = lanes
    this.#say = say
    this.#strays = new Strays(options.parity)
  }

  get all(): readonly Receiver[] {
    return [...this.#byId.values()]
  }

  withId(id: string): Receiver | undefined {
    return this.#byId.get(id)
  }

  /** Tells the screen about a receiver: that it moves, or how it ended. */
  tell(receiver: Receiver, state: TransferView['state'] = 'moving', end: Partial<TransferView> = {}): void {
    const lane = this.#lanes.kindOf(receiver.direction)
    this.#options.onTransfer(viewOf(receiver, state, { lane, away: !this.#lanes.any, end }))
  }

  /** Takes an offer. Throws ProtocolError for one that can't be. */
  offered(offer: OfferFile): void {
    const { n, id } = offer
    if (n % 2 === this.#options.parity) throw ProtocolError.malformed('number of an offer')
    this.#strays.offered(n)
    const there = this.#byN.get(n)
    if (there !== undefined && there.id !== id) throw ProtocolError.malformed('number of an offer')
    const known = this.#byId.get(id)
    const outcome = this.#outcomes.get(id) ?? this.#options.landed?.(id) ?? null
    if (known !== undefined) this.#offeredAgain(known, offer)
    else if (outcome !== null) this.#say({ ...outcome, n })
    else this.#begin(offer)
  }

  /** Takes a frame of the sender's. */
  receive(frame: TransferFrame): void {
    this.#byN.get(frame.n)?.receive(frame)
  }

  /** Takes a part of a block. Throws ProtocolError when too many come of files that are not here. */
  part(part: Part): void {
    const receiver = this.#byN.get(part.n)
    if (receiver === undefined) {
      // Parts may still be in flight when a transfer was stopped: nobody's fault.
      this.#strays.count(part)
      return
    }
    try {
      receiver.part(part)
    } catch (error) {
      receiver.stop(reasonOf(error))
    }
  }

  /** Takes the sender's list of what it goes on with; the rest it has ended. */
  resume(ns: readonly number[]): void {
    const alive = new Set(ns)
    for (const [n, receiver] of [...this.#byN]) {
      if (alive.has(n) || receiver.landing) continue
      // Off the list at once: as many new ones may be offered next.
      this.#remove(receiver, { t: 'stop', code: 'cancelled' })
      receiver.stop('cancelled')
    }
  }

  /** Ends a transfer for a person here, and tells the other side; not one whose file just gets its name. */
  cancel(receiver: Receiver): void {
    if (receiver.landing) return
    this.#say({ t: 'stop', n: receiver.n, code: 'cancelled' })
    this.#stop(receiver, 'cancelled')
  }

  /** Ends one that is suspended, and removes what is here of it. */
  cancelResting(id: string): void {
    const receiver = this.#resting.get(id)
    if (receiver === undefined) return
    this.#giveUp(receiver, 'cancelled')
    void Promise.resolve(this.#closing.get(id)).then(() => receiver.abandon())
  }

  /** Ends a transfer that the sender has stopped: its number is free, also where the file is just landing. */
  stopped(n: number, code: Reason): void {
    const receiver = this.#byN.get(n)
    if (receiver === undefined) return
    this.#remove(receiver, { t: 'stop', code })
    this.#stop(receiver, code)
  }

  /** Ends all, with those that are suspended. */
  end(code: Reason): void {
    for (const receiver of this.all) this.#stop(receiver, code)
    for (const receiver of [...this.#resting.values()]) this.#giveUp(receiver, code)
  }

  /** There may be room on the disk again for this file. */
  tryDisk(id: string): void {
    this.#byId.get(id)?.pauseState.tryDisk()
  }

  /** Suspends all, and has the sender drop what it has in flight. Resolves when all files are safe. */
  rest(): Promise<void> {
    // With a code: what the sender has in flight is lost.
    for (const { n } of this.all) this.#say({ t: 'pause', n, on: true, code: 'peer-left' })
    return this.#suspendAll()
  }

  /** Called when the sender has begun anew: it does not know what it was sending, nor the numbers of before. */
  senderChanged(): void {
    this.#strays.forget()
    void this.#suspendAll()
  }

  /** Resolves when no file is being closed any more. */
  async rested(): Promise<void> {
    await Promise.all(this.#closing.values())
  }

  /** Tells the screen that what is suspended goes on only when a person sends it once more. */
  waitForAnother(): void {
    const surplus = [...this.#resting.values()].slice(0, Math.max(0, this.#resting.size - RESTING_MAX))
    // A sender that begins anew again and again leaves more and more: the oldest go.
    for (const one of surplus) this.#giveUp(one, 'peer-left')
    for (const one of [...this.#resting.values()]) this.tell(one, 'moving', { phase: 'paused', paused: 'anew' })
  }

  #offeredAgain(receiver: Receiver, offer: OfferFile): void {
    if (this.#byN.get(receiver.n) === receiver) this.#byN.delete(receiver.n)
    this.#byN.set(offer.n, receiver)
    receiver.offeredAgain(offer)
  }

  #begin(offer: OfferFile): void {
    if (this.#byId.size >= OFFERS_MAX) throw ProtocolError.malformed('too many offers')
    const receiver = this.#newReceiver(offer)
    this.#resting.delete(offer.id)
    this.#byN.set(offer.n, receiver)
    this.#byId.set(offer.id, receiver)
    this.#runs.set(receiver, this.#run(receiver))
  }

  #newReceiver(offer: OfferFile): Receiver {
    const { sha256, mayTake, landsAs, mustFetch, openSink, checks = () => true } = this.#options
    const closed = (id: string): Promise<void> | undefined => this.#closing.get(id)
    return new Receiver(offer, {
      sha256: checks() ? sha256 : null,
      // What is kept of it is known once its file is closed.
      mayTake: mayTake && ((o, wantThumb) => closed(o.id)?.then(() => mayTake(o, wantThumb)) ?? mayTake(o, wantThumb)),
      landsAs,
      mustFetch,
      enter: () => this.#open.enter(placesOf(offer.size)),
      openSink: async (o, fresh) => {
        await closed(o.id)
        return openSink(o, fresh)
      },
      frame: this.#say,
      onChange: (receiver) => {
        this.tell(receiver)
      },
    })
  }

  /** Receives a file and tells how it ends; resolves when it has, or when its file can be opened again. */
  async #run(receiver: Receiver): Promise<void> {
    try {
      this.tell(receiver)
      const { root, path, sha256 } = await receiver.run()
      this.#done(receiver, root)
      const proof = receiver.byHttp ? 'browser' : root === undefined ? 'complete' : 'verified'
      this.tell(receiver, 'done', { ...(path && { path }), ...(sha256 && { sha256 }), proof })
    } catch (error) {
      this.#failed(receiver, error)
    }
  }

  #done(receiver: Receiver, root: string | undefined): void {
    const isListed = this.#isListed(receiver)
    const outcome = { t: 'done' as const, ...(root !== undefined && { root }) }
    this.#remove(receiver, outcome)
    if (isListed && !receiver.byHttp) this.#say({ ...outcome, n: receiver.n })
  }

  #failed(receiver: Receiver, error: unknown): void {
    if (error instanceof Suspended) {
      this.tell(receiver, 'moving', { phase: 'paused', paused: 'away' })
      return
    }
    const reason = reasonOf(error)
    // Told to the other side unless it was the one that said so.
    if (reason !== 'cancelled' && this.#isListed(receiver)) this.#say({ t: 'stop', n: receiver.n, code: reason })
    this.#remove(receiver, { t: 'stop', code: reason })
    this.#tellStopped(receiver, reason)
  }

  /** Ends a transfer here. The other side knows, or is told by the caller. */
  #stop(receiver: Receiver, code: Reason): void {
    // Off the list at once: from now on it is not taken on, however long its file takes to close.
    if (!receiver.landing) this.#remove(receiver, { t: 'stop', code })
    receiver.stop(code)
  }

  /** Ends what is suspended: an offer of it is answered so. */
  #giveUp(receiver: Receiver, code: Reason): void {
    this.#resting.delete(receiver.id)
    this.#suspended.delete(receiver)
    this.#remove(receiver, { t: 'stop', code })
    this.#tellStopped(receiver, code)
  }

  #tellStopped(receiver: Receiver, reason: Reason): void {
    const wasWished = reason === 'cancelled' || reason === 'not-allowed'
    this.tell(receiver, wasWished ? 'cancelled' : 'failed', { reason })
  }

  async #suspendAll(): Promise<void> {
    for (const receiver of this.all) this.#suspend(receiver)
    await this.rested()
  }

  #suspend(receiver: Receiver): void {
    const { id } = receiver
    this.#byN.delete(receiver.n)
    // It has all of its file: that this is so can still be said.
    if (receiver.landing) return
    this.#suspended.add(receiver)
    if (receiver.suspend()) this.#resting.set(id, receiver)
    this.#unlist(receiver)
    const closed = this.#runs.get(receiver)?.then(() => {
      if (this.#closing.get(id) === closed) this.#closing.delete(id)
    })
    if (closed !== undefined) this.#closing.set(id, closed)
  }

  #isListed(receiver: Receiver): boolean {
    return this.#byN.get(receiver.n) === receiver
  }

  #remove(receiver: Receiver, outcome: Outcome): void {
    this.#unlist(receiver)
    if (!this.#suspended.has(receiver)) this.#outcomes.set(receiver.id, outcome)
  }

  #unlist(receiver: Receiver): void {
    if (this.#isListed(receiver)) this.#byN.delete(receiver.n)
    if (this.#byId.get(receiver.id) === receiver) this.#byId.delete(receiver.id)
  }
}

/** Parts of files that were never offered. One is a mistake; so many are no sender of ours. */
const UNKNOWN_MAX = 50
/** Bytes of a file that has ended: what was in flight when it did, and as much again that a lane's loss had sent twice. */
const STRAY_BYTES_MAX = 2 * CREDIT_BYTES
/** Ended files of which parts still came: counted apart, up to so many. */
const STRAY_FILES_MAX = 1_024

/** Counts parts that belong to no file of now. Some are nobody's fault: they were in flight when their file was stopped. */
class Strays {
  readonly #parity: 0 | 1
  #highest = -1
  #unknown = 0
  readonly #bytes = new BoundedMap<number, number>(STRAY_FILES_MAX)

  /** `parity` of the numbers of this side's own transfers. */
  constructor(parity: 0 | 1) {
    this.#parity = parity
  }

  offered(n: number): void {
    this.#highest = Math.max(this.#highest, n)
  }

  /** The other side has begun anew, with its numbers too. */
  forget(): void {
    this.#highest = -1
    this.#bytes.clear()
  }

  /** Throws ProtocolError when it is too much. */
  count({ n, payload }: Part): void {
    if (n > this.#highest || n % 2 === this.#parity) {
      if (++this.#unknown > UNKNOWN_MAX) throw ProtocolError.malformed('parts of nothing')
      return
    }
    const bytes = (this.#bytes.get(n) ?? 0) + payload.byteLength
    if (bytes > STRAY_BYTES_MAX) throw new ProtocolError('overrun', 'parts of a file that has ended')
    this.#bytes.set(n, bytes)
  }
}
