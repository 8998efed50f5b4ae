import { fromBase64Url } from '#protocol/base64url.ts'
import { blockCount, encodeHave, type Part } from '#protocol/blocks.ts'
import { ProtocolError, type Reason } from '#protocol/errors.ts'
import type { Frame, OfferFile, TransferFrame } from '#protocol/frames.ts'
import { FILE_BYTES_MAX } from '#protocol/limits.ts'
import { BlockReceiver, Stale } from './block-receiver.ts'
import { PauseState } from './pause-state.ts'
import { saidOf, type Said } from './left-out.ts'
import { isOfDisk, isWaitedOut, Suspended, TransferError } from './errors.ts'
import type { Sha256 } from './hashing.ts'
import type { Landed, Sink } from './sink.ts'
import { Throttle } from './rate-limit.ts'
import { Condition } from './concurrency.ts'

/**
 * Asks the sender for a thumbnail of the file, for the person who decides. Calls back once or never, and not after the
 * answer. What comes is anything that the other side likes: to be checked before it is shown.
 */
export type WantThumb = (seen: (jpeg: Uint8Array) => void) => void

/** Whether a file is wanted; it may take a person to say so. Rejects for one that can't be taken whatever they say. */
export type MayTake = (offer: OfferFile, wantThumb: WantThumb) => Promise<boolean>

/** Opens the sink of a file. `fresh`: it is not the one of an earlier try, so what is left of that is no use. */
export type OpenSink = (offer: OfferFile, fresh: boolean) => Promise<Sink>

export interface ReceiverPorts {
  /** Null: this side is too slow to check what it gets. */
  readonly sha256: Sha256 | null
  /** Whether the file is wanted; it may take a person to say so. Absent = every file is. */
  readonly mayTake?: MayTake | undefined
  /** What it will be called here, before the sink has decided. Absent = as it is offered. */
  readonly landsAs?: ((offer: OfferFile) => string) | undefined
  /** Whether this side can only have the file as a download over http. */
  readonly mustFetch?: ((offer: OfferFile) => boolean) | undefined
  /** Waits until another file may be open here; resolves to what lets the next one in. */
  enter(): Promise<() => void>
  readonly openSink: OpenSink
  frame(frame: Frame): void
  /** Bytes written, or the phase, changed. */
  onChange(receiver: Receiver): void
}

/** The same file is offered once more for each lane that breaks. */
const ANSWERS = { burst: 8, perSecond: 20 }

/** Receives one file: has it accepted, opens its sink, checks every block and the whole, and ends it. */
export class Receiver {
  readonly direction = 'in'
  readonly id: string
  readonly batch: string | undefined
  /** As it was offered first, and said yes to, with the number of the offer that came last. */
  offer: OfferFile
  /** The name it will have here, as far as that is known. */
  name: string
  /** The file is whole and gets its name now: too late to cancel. */
  landing = false
  startedOver = false
  /** Where it is to be had over http, for a person who takes that way. */
  at: string | null = null
  readonly pauseState: PauseState
  #phase: 'waiting' | 'sending' | 'checking' = 'waiting'
  /** Its file was opened, or is just being opened, which takes a while where much of it is here. */
  #begun = false
  #blocks: BlockReceiver | null = null
  /** What is here of it is a file that landed before: should it be another one, nothing had been begun. */
  #landedBefore = false
  /** Bytes that are known of while no blocks are open here: fetched by the browser, or kept for later. */
  #elsewhere = 0
  #fetchedAll = false
  #root: string | null = null
  /** What its sender could not put into it, as it said last. */
  #left: Said = {}
  /** It has asked for blocks that it had said were there: an `end` may have been said before that was heard. */
  #askedAgain = false
  /** Who waits for a thumbnail. */
  #seen: ((jpeg: Uint8Array) => void) | null = null
  /** Says what is here, which takes up to 200,000 characters. */
  readonly #answer = new Throttle(() => {
    if (!this.#isOver) this.#answerAgain()
  }, ANSWERS)
  #isOver = false
  readonly #condition = new Condition()
  readonly #ports: ReceiverPorts

  constructor(offer: OfferFile, ports: ReceiverPorts) {
    this.id = offer.id
    this.batch = offer.batch
    this.name = ports.landsAs?.(offer) ?? offer.name
    this.offer = offer
    this.#ports = ports
    this.pauseState = new PauseState((on, why) => {
      this.#ports.frame({ t: 'pause', n: this.n, on, ...why })
      this.#ports.onChange(this)
      this.#condition.wake()
    })
  }

  get n(): number {
    return this.offer.n
  }

  /** Bytes of the file. */
  get size(): number {
    return this.offer.size
  }

  /** Its bytes come as a download over http. */
  get byHttp(): boolean {
    return this.at !== null
  }

  get phase(): 'waiting' | 'sending' | 'checking' | 'paused' {
    return this.pauseState.why === null ? this.#phase : 'paused'
  }

  /** What its sender could not put into it. */
  get left(): Said {
    return { ...saidOf(this.offer), ...this.#left }
  }

  /** It was here: nothing of it travelled. */
  get already(): boolean {
    return this.offer.size > 0 && this.#blocks?.came === false
  }

  /** Bytes that are written. */
  get moved(): number {
    return this.#blocks?.written ?? this.#elsewhere
  }

  /** Receives the file: resolves when it is whole, checked and under its final name. Else leaves nothing behind, unless Suspended. */
  async run(): Promise<Landed & { readonly root?: string | undefined }> {
    if (this.offer.size > FILE_BYTES_MAX) throw new TransferError('too-large')
    await this.#beWanted(this.offer)
    if (this.#ports.mustFetch?.(this.offer) === true) return this.#fetch()
    const entry = this.#ports.enter()
    try {
      await this.#condition.pass(entry.then(() => undefined))
      return await this.#landWhateverTheDisk()
    } finally {
      void entry.then((leave) => {
        leave()
      })
    }
  }

  /** Throws TransferError for a file that is not wanted. A person may take all day; a sender that cancels ends it at once. */
  async #beWanted(offer: OfferFile): Promise<void> {
    const { mayTake } = this.#ports
    if (mayTake === undefined) return
    const said = { yes: false }
    const wantThumb: WantThumb = (seen) => {
      if (offer.thumb !== true) return
      this.#seen = seen
      this.#sayWantThumb()
    }
    const answer = mayTake(offer, wantThumb).then(
      (yes) => {
        said.yes = yes
      },
      (error: unknown) => {
        this.#condition.fail(error instanceof Error ? error : new TransferError('failed'))
      },
    )
    await this.#condition.pass(answer).finally(() => {
      this.#seen = null
    })
    if (!said.yes) throw new TransferError('not-allowed')
  }

  #sayWantThumb(): void {
    this.#ports.frame({ t: 'want-thumb', n: this.n })
  }

  #onThumb(data: string): void {
    const seen = this.#seen
    this.#seen = null
    const jpeg = fromBase64Url(data)
    if (jpeg !== null) seen?.(jpeg)
  }

  /** Has the browser take the file as a download; the sender says how far that is. */
  async #fetch(): Promise<Landed> {
    this.#begun = true
    this.#enter('sending')
    this.#ports.frame({ t: 'fetch', n: this.n })
    await this.#condition.until(() => this.#fetchedAll)
    return { name: this.name }
  }

  /** Lands the file; a full disk, or a folder that went away, pauses it until somebody says that it may be tried again. */
  async #landWhateverTheDisk(): Promise<Landed & { readonly root?: string | undefined }> {
    let fresh = false
    for (;;) {
      try {
        return await this.#land(fresh)
      } catch (error) {
        if (error instanceof Stale) {
          fresh = true
          if (!this.#landedBefore) this.startedOver = true
        } else if (isWaitedOut(error)) {
          this.pauseState.disk(error.code, error.needBytes)
          await this.#diskAgain()
        } else throw error
      }
    }
  }

  async #diskAgain(): Promise<void> {
    try {
      await this.#condition.until(() => !this.pauseState.byDisk)
    } catch (error) {
      if (!(error instanceof Suspended)) void this.abandon()
      throw error
    }
  }

  /** Removes what is here of a file that was suspended and will not go on. */
  async abandon(): Promise<void> {
    try {
      await (await this.#ports.openSink(this.offer, true)).discard()
    } catch {
      // Its folder is gone, and what was in it.
    }
  }

  async #land(fresh: boolean): Promise<Landed & { readonly root?: string | undefined }> {
    // Let go of a moment ago: whoever opens the same file waits for that, and would wait for itself here.
    this.#condition.check()
    let sink: Sink | null = null
    this.#begun = true
    try {
      sink = await this.#ports.openSink(this.offer, fresh)
      this.#condition.check()
      const blocks = this.#begin(sink)
      await this.#condition.until(() => {
        blocks.check()
        return this.#root !== null && blocks.complete
      })
      return await this.#finish(sink, blocks)
    } catch (error) {
      await this.#letGo(sink, error)
      throw error
    }
  }

  async #letGo(sink: Sink | null, error: unknown): Promise<void> {
    const blocks = this.#blocks
    this.#blocks = null
    await blocks?.settled()
    const later = error instanceof Suspended || isOfDisk(error)
    if (later && blocks !== null) {
      await blocks.keepRest()
      this.#elsewhere = blocks.written
    }
    await (later ? sink?.suspend() : sink?.discard())
  }

  #begin(sink: Sink): BlockReceiver {
    const ports = this.#ports
    const { offer } = this
    this.name = sink.name
    this.#landedBefore = sink.landed === true
    this.#root = null
    this.#blocks = new BlockReceiver(offer.size, sink, ports.sha256, {
      acked: (i) => {
        ports.frame({ t: 'ack', n: this.n, i })
        ports.onChange(this)
      },
      again: (i) => {
        this.#root = null
        this.#askedAgain = true
        ports.frame({ t: 'resend', n: this.n, i })
      },
      wake: () => {
        this.#condition.wake()
      },
    })
    this.#askedAgain = this.#phase !== 'waiting'
    if (this.#askedAgain) this.#blocks.replaceOther()
    this.#enter('sending')
    this.#accept()
    return this.#blocks
  }

  #accept(): void {
    const blocks = this.#blocks
    if (blocks === null) return
    const have = encodeHave(blockCount(this.offer.size), (i) => blocks.has(i))
    const landed = this.#landedBefore && { landed: true as const }
    this.#ports.frame({ t: 'accept', n: this.n, ...(have !== undefined && { have, ...landed }) })
  }

  /** Takes the offer of the same file once more: the sender does not know what became of what it sent. */
  offeredAgain(offer: OfferFile): void {
    if (offer.size !== this.offer.size) throw ProtocolError.malformed('size of a file that is offered again')
    // Nothing else of it is news: a yes was for the first one, and it must not land under the name of another.
    this.offer = { ...this.offer, n: offer.n }
    if (this.landing) return
    if (this.#phase !== 'waiting') this.#phase = 'sending'
    this.#blocks?.resume()
    this.#root = null
    // Control frames may still be in flight on the lane before.
    this.#askedAgain = true
    this.#answer.ask()
    this.#ports.onChange(this)
  }

  #answerAgain(): void {
    const { offer } = this
    // The lane that was to bring the thumbnail may be gone, and what was said on it with it.
    if (this.#seen !== null) this.#sayWantThumb()
    if (this.landing) return
    if (this.#blocks !== null) this.#accept()
    else if (this.at !== null || this.#ports.mustFetch?.(offer) === true) this.#ports.frame({ t: 'fetch', n: this.n })
    this.pauseState.tell()
  }

  receive(frame: TransferFrame): void {
    if (frame.t === 'end' || frame.t === 'download-progress') this.#left = saidOf(frame)
    if (frame.t === 'end') this.#ended(frame.root)
    else if (frame.t === 'block') this.#announced(frame.i, frame.hash)
    else if (frame.t === 'thumb') this.#onThumb(frame.data)
    else if (frame.t === 'pause') this.pauseState.there(frame.on ? 'there' : null)
    else if (frame.t === 'download') this.at = frame.path
    else if (frame.t === 'download-progress') this.#taken(frame.bytes, frame.over)
    this.#ports.onChange(this)
    this.#condition.wake()
  }

  /** Takes a part. Throws TransferError for one that fits nowhere. */
  part(part: Part): void {
    if (this.#phase === 'waiting') throw new TransferError('malformed')
    this.#blocks?.part(part)
  }

  stop(code: Reason): void {
    this.#isOver = true
    this.#condition.fail(new TransferError(code))
  }

  /** Suspends the transfer; it resumes when the sender offers the file again. Returns false for one that has not begun: it is over. */
  suspend(): boolean {
    this.#isOver = true
    this.#condition.fail(this.#begun ? new Suspended() : new TransferError('peer-left'))
    return this.#begun
  }

  #taken(bytes: number, over: boolean): void {
    this.#elsewhere = Math.min(bytes, this.offer.size)
    this.#fetchedAll = over
  }

  #announced(index: number, hash: string): void {
    if (this.#phase === 'waiting') this.stop('malformed')
    else this.#blocks?.announce(index, hash)
  }

  /** Takes `end`: every block was acknowledged before, so one that is missing now is missing for ever, unless it was asked for again. */
  #ended(root: string): void {
    if (this.#phase === 'waiting') this.stop('malformed')
    if (this.#blocks === null || this.landing) return
    if (!this.#blocks.allWritten) {
      if (!this.#askedAgain) this.stop('corrupt')
      return
    }
    this.#askedAgain = false
    this.#root = root
    this.#enter('checking')
  }

  #enter(phase: 'sending' | 'checking'): void {
    this.#phase = phase
    this.#ports.onChange(this)
  }

  async #finish(sink: Sink, blocks: BlockReceiver): Promise<Landed & { readonly root?: string | undefined }> {
    // It may be offered again meanwhile, which takes the sender's word back, and changes nothing.
    const theirs = this.#root ?? undefined
    const root = await blocks.root()
    if (root !== undefined && root !== theirs) throw new TransferError('corrupt')
    this.#condition.check()
    this.landing = true
    try {
      const landed = await sink.finish(theirs)
      this.#isOver = true
      this.name = landed.name
      return { ...landed, root }
    } finally {
      this.landing = false
    }
  }
}
