import * as v from 'valibot'
import { toBase64Url } from '#protocol/base64url.ts'
import { decodeHave } from '#protocol/blocks.ts'
import type { Reason } from '#protocol/errors.ts'
import { Frame, type TransferFrame } from '#protocol/frames.ts'
import { FILE_BYTES_MAX, MIME_CHARS_MAX } from '#protocol/limits.ts'
import { toTime } from '#protocol/times.ts'
import { BlockSender } from './block-sender.ts'
import { Bucket, Throttle } from './rate-limit.ts'
import { TransferError } from './errors.ts'
import { saidOf, type Said } from './left-out.ts'
import type { Sha256 } from './hashing.ts'
import { PauseState } from './pause-state.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { OpenSource, Source } from './source.ts'
import { Condition } from './concurrency.ts'
import type { Proof } from './transfer-view.ts'

/** Gives a file to a phone's browser as a download over http; `path` is where, `stop` takes it away. */
export type HandOut = (
  source: Source,
  events: { taken(bytes: number): void; over(): void; failed(code: Reason): void },
) => { readonly path: string; readonly stop: () => void }

/** Holds what all senders of a session need of it. */
export interface SenderPorts {
  readonly lanes: Lanes
  readonly sha256: Sha256
  readonly handOut: HandOut | undefined
  frame(frame: Frame): void
  /** Bytes at the receiver, or the phase, changed. */
  onChange(sender: Sender): void
  /** The receiver wants it: it may start when it is its turn. */
  onAccepted(sender: Sender): void
  /** All bytes are in flight, or it is paused: the next file may start. */
  onIdle(sender: Sender): void
  /** Whether more files are to be sent than have begun. */
  othersWait(): boolean
  /** It is no longer paused. */
  onReleased(): void
  /** It can't go on, whether it has begun or not. */
  onRefused(sender: Sender, code: Reason): void
}

/** How a file was sent. */
export interface Sent {
  readonly sha256?: string
  readonly proof: Proof
}

/** What the receiver has is looked through block by block each time that it says so. */
const ANSWERS = { burst: 128, perSecond: 8 }
/** A page that was loaded again asks again where its download is. */
const DOWNLOADS = { burst: 8, perSecond: 20 }

type AcceptFrame = Extract<TransferFrame, { readonly t: 'accept' }>
type Phase = 'queued' | 'waiting' | 'sending' | 'checking'

/**
 * Sends one file: offers it, waits for the answer, sends the blocks that are missing as credit allows, then `end`. Where the
 * receiver is a page that can't hold it, its browser takes it as a download instead.
 */
export class Sender {
  readonly direction = 'out'
  readonly n: number
  readonly id: string
  readonly batch: string | undefined
  readonly source: Source
  readonly pauseState: PauseState
  startedOver = false
  #phase: Phase = 'queued'
  #offered = false
  #shown = false
  #accepted = false
  /** The receiver's answer to the last offer has come: what is said of blocks has a meaning for it. */
  #synced = false
  /** The receiver may have lost what is in flight to it. */
  #dropped = true
  /** What the receiver had is not of an earlier try. */
  #landedBefore = false
  readonly #blocks: BlockSender
  #offeredAgain = false
  /** What a receiver says that it had before all was sent. */
  #claimed: { readonly root?: string | undefined } | null = null
  #result: { readonly root?: string | undefined } | null = null
  #download: ReturnType<HandOut> | null = null
  /** Bytes that the browser has taken. */
  #taken = 0
  readonly #sayDownload = new Throttle(() => {
    if (this.#download !== null) this.#ports.frame({ t: 'download', n: this.n, path: this.#download.path })
  }, DOWNLOADS)
  readonly #answers = new Bucket(ANSWERS)
  readonly #condition = new Condition()
  readonly #ports: SenderPorts

  constructor(n: number, id: string, source: Source, batch: string | undefined, ports: SenderPorts) {
    this.n = n
    this.id = id
    this.source = source
    this.batch = batch
    this.#ports = ports
    this.#blocks = new BlockSender({
      n,
      size: Math.min(source.size, FILE_BYTES_MAX),
      sha256: ports.sha256,
      condition: this.#condition,
      choice: ports.lanes.choice,
      othersWait: () => ports.othersWait(),
      mayGo: () => this.#synced && this.pauseState.why === null,
      mayTell: () => this.#synced,
      isOver: () => this.#result !== null,
      frame: (frame) => {
        ports.frame(frame)
      },
      idle: () => {
        ports.onIdle(this)
      },
    })
    this.pauseState = new PauseState((on) => {
      if (this.#offered) ports.frame({ t: 'pause', n, on })
      this.#held()
    })
  }

  get name(): string {
    return this.source.name
  }

  /** Bytes of the file. */
  get size(): number {
    return this.source.size
  }

  get phase(): Phase | 'paused' {
    return this.pauseState.why === null ? this.#phase : 'paused'
  }

  /** Bytes that are written at the receiver, as far as this side knows. */
  get moved(): number {
    return this.byHttp ? this.#taken : this.#blocks.outbox.acked
  }

  /** The receiver had it: nothing of it travelled. */
  get already(): boolean {
    return this.source.size > 0 && !this.byHttp && !this.#blocks.outbox.gave
  }

  /** Its bytes go as a download over http. */
  get byHttp(): boolean {
    return this.#download !== null
  }

  /** A browser has taken all of it. */
  get isTaken(): boolean {
    return this.byHttp && this.#result !== null
  }

  /** What could not be put into it. */
  get left(): Said {
    return saidOf(this.source.left?.() ?? {})
  }

  /** Asks the receiver whether it wants the file, or, once more, what it has of it. */
  offer(): void {
    const { n, id, source, batch } = this
    const { name, size, path } = source
    const again = this.#offered
    this.#synced = false
    this.#offered = true
    this.#shown = false
    const thumb = source.thumbnail !== undefined && !this.#accepted
    const where = { ...(batch && { batch }), ...(path && { path: [...path] }), ...this.left }
    const hints = { mtime: toTime(source.mtime), mime: source.mime.slice(0, MIME_CHARS_MAX), ...(thumb && { thumb }) }
    const frame = { t: 'offer' as const, n, id, name, size, ...hints, ...where }
    const refused = size > FILE_BYTES_MAX ? 'too-large' : v.is(Frame, frame) ? null : 'bad-name'
    if (refused !== null) {
      // The other side reads no such offer, and would end everything because of it, again and again.
      this.#ports.onRefused(this, refused)
      return
    }
    this.#ports.frame(frame)
    this.#offeredAgain = again
    // What held it up there is said again, by a receiver that still knows of it.
    this.pauseState.there(null)
    if (!again) this.#enter('waiting')
    if (again || this.pauseState.why !== null) this.pauseState.tell()
  }

  /** Sends an accepted file. Resolves after the receiver's `done`. Throws TransferError, or what the source threw. */
  async run(): Promise<Sent> {
    this.#enter('sending')
    const open = await this.source.open()
    try {
      const whole = await this.#deliver(open)
      return { ...whole, proof: this.#result?.root === undefined ? 'complete' : 'verified' }
    } finally {
      this.#blocks.outbox.dropAll()
      await open.close()
    }
  }

  /** Resolves when a browser has taken all of it. */
  async runDownload(): Promise<Sent> {
    await this.#condition.until(() => this.#result !== null)
    return { proof: 'browser' }
  }

  receive(frame: TransferFrame): void {
    const isAnswer = frame.t === 'accept' || frame.t === 'done'
    if (isAnswer && !this.#answers.take()) this.#ports.onRefused(this, 'overrun')
    else if (frame.t === 'accept') this.#accept(frame)
    else if (frame.t === 'want-thumb') void this.#show()
    else if (frame.t === 'done') this.#done(frame.root)
    else if (frame.t === 'ack') this.#credit(frame.i)
    else if (frame.t === 'resend') this.#blocks.again(frame.i)
    else if (frame.t === 'pause') this.#heldThere(frame)
    else if (frame.t === 'fetch') this.#giveOut()
    this.#condition.wake()
  }

  /** Sends again what was sent over this lane and not acknowledged. */
  laneLost(lane: Lane): void {
    this.#blocks.outbox.lost(lane)
    this.#condition.wake()
  }

  /** Called when no lane is left: what the receiver has will be known after the next offer. */
  adrift(): void {
    this.#synced = false
    this.#dropped = true
  }

  /** Ends the transfer here; the caller tells the other side where that is needed. */
  stop(code: Reason): void {
    this.#download?.stop()
    this.#condition.fail(new TransferError(code))
  }

  async #deliver(open: OpenSource): Promise<{ readonly sha256?: string } | null> {
    let whole: { readonly sha256?: string } | null = null
    await this.#blocks.probe(open)
    while (this.#result === null) {
      await this.#blocks.sendMissing(open)
      this.#ports.onIdle(this)
      const { round } = this.#blocks
      if (!(await this.#blocks.hashRest(open))) continue
      whole ??= await open.finish()
      if (this.#blocks.outbox.allAcked) await this.#end(round)
    }
    return whole
  }

  /** Sends `end`, if there still is nothing more to send. Returns at `done`, or when some of it is missing again. */
  async #end(round: object): Promise<void> {
    const over = (): boolean => this.#result !== null
    const isMissing = (): boolean => !this.#blocks.outbox.allAcked || this.#blocks.round !== round
    const root = await this.#blocks.root()
    await this.#condition.until(() => this.#synced || over() || isMissing())
    if (over() || isMissing()) return
    this.#result = this.#claimed
    this.#enter('checking')
    if (!over()) this.#ports.frame({ t: 'end', n: this.n, root, ...this.left })
    await this.#condition.until(() => over() || isMissing())
    if (this.#result === null) this.#enter('sending')
    else if (this.#result.root !== undefined && this.#result.root !== root) throw new TransferError('corrupt')
  }

  #accept({ have, landed }: AcceptFrame): void {
    if (!this.#offered) return
    const { outbox } = this.#blocks
    const before = outbox.acked
    // Its disk may have lost some of it, which it has said.
    const unasked = this.#accepted && this.#synced && !this.#dropped && !this.#landedBefore
    this.#blocks.restart(decodeHave(outbox.count, have), this.#dropped)
    this.#dropped = false
    this.#landedBefore = landed === true
    // Less than it had: it has thrown away what was of another version of the file.
    if (unasked && outbox.acked < before) this.startedOver = true
    this.#synced = true
    if (this.#accepted) this.#ports.onChange(this)
    else this.#acceptedFirst()
  }

  #acceptedFirst(): void {
    this.#accepted = true
    // Another one is being sent.
    if (this.#phase === 'waiting') this.#enter('queued')
    this.#ports.onAccepted(this)
  }

  /** Takes `done`. Before `end` was sent it is that of an earlier run, which had the file: if it is this one. */
  #done(root: string | undefined): void {
    if (this.#phase === 'checking') this.#result = { root }
    else if (!this.#offeredAgain) this.#ports.onRefused(this, 'corrupt')
    else {
      this.#claimed = { root }
      this.#blocks.restart(() => true, false)
      this.#synced = true
      if (!this.#accepted) this.#acceptedFirst()
    }
  }

  /** Sends a thumbnail, once: making one costs a phone some work. Without it the question is the same. */
  async #show(): Promise<void> {
    if (this.#shown || this.#phase !== 'waiting') return
    this.#shown = true
    const jpeg = await this.source.thumbnail?.().catch(() => null)
    // Answered meanwhile: nobody looks any more.
    if (!jpeg || this.#accepted) return
    this.#ports.frame({ t: 'thumb', n: this.n, data: toBase64Url(jpeg) })
  }

  #credit(index: number): void {
    this.#blocks.outbox.ack(index)
    this.#ports.onChange(this)
  }

  #heldThere({ on, code, needBytes }: Extract<TransferFrame, { t: 'pause' }>): void {
    const byDisk = code === 'disk-full' || code === 'disk-error' ? code : 'there'
    this.pauseState.there(on ? byDisk : null, on ? needBytes : undefined)
    // It has closed its file: what comes meanwhile falls on the floor.
    if (on && code !== undefined) {
      this.#dropped = true
      this.#blocks.outbox.dropAll()
    }
    this.#held()
  }

  #held(): void {
    this.#ports.onChange(this)
    if (this.pauseState.why === null) this.#ports.onReleased()
    else this.#ports.onIdle(this)
    this.#condition.wake()
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#ports.onChange(this)
  }

  /** Has the receiver's browser take it as a download; says once more where, to a page that asks once more. */
  #giveOut(): void {
    const { handOut } = this.#ports
    if (this.#download !== null) this.#sayDownload.ask()
    else if (handOut === undefined || this.#accepted) this.#ports.onRefused(this, 'too-large')
    else {
      this.#enter('sending')
      this.#download = handOut(this.source, {
        taken: (bytes) => {
          this.#progress(bytes, false)
        },
        over: () => {
          this.#progress(this.source.size, true)
          this.#result = {}
          this.#condition.wake()
        },
        failed: (code) => {
          this.stop(code)
        },
      })
      this.#sayDownload.ask()
    }
  }

  #progress(bytes: number, over: boolean): void {
    this.#taken = bytes
    this.#ports.frame({ t: 'download-progress', n: this.n, bytes, over, ...(over && this.left) })
    this.#ports.onChange(this)
  }
}
