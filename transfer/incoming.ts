import { ProtocolError, type Reason } from '#protocol/errors.ts'
import type { Frame, OfferFile } from '#protocol/frames.ts'
import { OFFERS_MAX } from '#protocol/limits.ts'
import type { Receiver } from './receiver.ts'

/** How a file ended, for a sender that asks again because it did not hear it. */
export type Ended =
  { readonly t: 'done'; readonly root?: string | undefined } | { readonly t: 'stop'; readonly code: Reason }

export interface IncomingPorts {
  newReceiver(offer: OfferFile): Receiver
  frame(frame: Frame): void
  /** How a file of that id ended in an earlier run; null = it did not. */
  landed(id: string): Ended | null
  /** Receives it; resolves when it is over, or when its file can be opened again. */
  run(receiver: Receiver): Promise<void>
}

/** Ends that are remembered: a few times what can be under way when a lane breaks. */
const ENDED_MAX = 4_096

/** Files that wait to be offered again: what four runs of the other side may have had under way. */
const RESTING_MAX = 4 * OFFERS_MAX

/** What the other side has offered: by number, as frames name it, and by id, as it is known when it comes again. */
export class Incoming {
  readonly #ports: IncomingPorts
  readonly #byN = new Map<number, Receiver>()
  readonly #byId = new Map<string, Receiver>()
  readonly #ended = new Map<string, Ended>()
  readonly #runs = new WeakMap<Receiver, Promise<void>>()
  /** Those that are letting go of their file: by id, until it can be opened again. */
  readonly #leaving = new Map<string, Promise<void>>()
  /** Let go of, and not offered again yet. */
  readonly #resting = new Map<string, Receiver>()
  /** Nobody has ended these: offered again they begin again. */
  readonly #left = new WeakSet<Receiver>()

  constructor(ports: IncomingPorts) {
    this.#ports = ports
  }

  get all(): readonly Receiver[] {
    return [...this.#byId.values()]
  }

  of(n: number): Receiver | undefined {
    return this.#byN.get(n)
  }

  withId(id: string): Receiver | undefined {
    return this.#byId.get(id)
  }

  /** Throws ProtocolError for an offer that can't be. */
  offered(offer: OfferFile): void {
    const { n, id } = offer
    const there = this.#byN.get(n)
    if (there !== undefined && there.id !== id) throw ProtocolError.malformed('number of an offer')
    const known = this.#byId.get(id)
    const ended = this.#ended.get(id) ?? this.#ports.landed(id)
    if (known !== undefined) this.#again(known, offer)
    else if (ended !== null) this.#ports.frame({ ...ended, n })
    else this.#begin(offer)
  }

  /** The sender's list of what it goes on with; the rest it has ended. */
  resume(ns: readonly number[]): void {
    const alive = new Set(ns)
    for (const [n, receiver] of [...this.#byN]) {
      if (alive.has(n) || receiver.landing) continue
      // Off the list at once: as many new ones may be offered next.
      this.over(receiver, { t: 'stop', code: 'cancelled' })
      receiver.stop('cancelled')
    }
  }

  /** The sender has begun anew and does not know what it was sending; it may offer the same again. Resolves when all is safe. */
  async suspendAll(): Promise<void> {
    for (const receiver of this.all) this.#suspend(receiver)
    await this.rested()
  }

  /** Resolves when nothing is being let go of any more. */
  async rested(): Promise<void> {
    await Promise.all(this.#leaving.values())
  }

  /** Those that are let go of and were not offered again. */
  get resting(): readonly Receiver[] {
    return [...this.#resting.values()]
  }

  /** Of those the ones that are too many, oldest first: a sender that begins anew again and again leaves more and more. */
  get surplus(): readonly Receiver[] {
    return this.resting.slice(0, Math.max(0, this.#resting.size - RESTING_MAX))
  }

  /** It is not to go on: an offer of it is answered so. */
  giveUp(receiver: Receiver, code: Reason): void {
    this.#resting.delete(receiver.id)
    this.#left.delete(receiver)
    this.over(receiver, { t: 'stop', code })
  }

  /** Resolves when the file of that id can be opened; undefined where it can be now. */
  free(id: string): Promise<void> | undefined {
    return this.#leaving.get(id)
  }

  over(receiver: Receiver, ended: Ended): void {
    this.#unlist(receiver)
    if (this.#left.has(receiver)) return
    this.#ended.set(receiver.id, ended)
    const [oldest] = this.#ended.keys()
    if (this.#ended.size > ENDED_MAX && oldest !== undefined) this.#ended.delete(oldest)
  }

  #again(receiver: Receiver, offer: OfferFile): void {
    if (this.#byN.get(receiver.n) === receiver) this.#byN.delete(receiver.n)
    this.#byN.set(offer.n, receiver)
    receiver.offeredAgain(offer)
  }

  #begin(offer: OfferFile): void {
    if (this.#byId.size >= OFFERS_MAX) throw ProtocolError.malformed('too many offers')
    const receiver = this.#ports.newReceiver(offer)
    this.#resting.delete(offer.id)
    this.#byN.set(offer.n, receiver)
    this.#byId.set(offer.id, receiver)
    this.#runs.set(receiver, this.#ports.run(receiver))
  }

  #suspend(receiver: Receiver): void {
    const { id } = receiver
    this.#byN.delete(receiver.n)
    // It has all of its file: that this is so can still be said.
    if (receiver.landing) return
    this.#left.add(receiver)
    if (receiver.suspend()) this.#resting.set(id, receiver)
    this.#unlist(receiver)
    const left = this.#runs.get(receiver)?.then(() => {
      if (this.#leaving.get(id) === left) this.#leaving.delete(id)
    })
    if (left !== undefined) this.#leaving.set(id, left)
  }
  #unlist(receiver: Receiver): void {
    if (this.#byN.get(receiver.n) === receiver) this.#byN.delete(receiver.n)
    if (this.#byId.get(receiver.id) === receiver) this.#byId.delete(receiver.id)
  }
}
