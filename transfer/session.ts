import { decodePart } from '#protocol/blocks.ts'
import { assertNever, ProtocolError, type Reason } from '#protocol/errors.ts'
import {
  decodeFrames,
  encodeFrame,
  type Batch,
  type Credentials,
  type Frame,
  type LaneWish,
  type MeasureFrame,
  type SyncFrame,
  type TransferFrame,
} from '#protocol/frames.ts'
import { NAME_CHARS_MAX, PLACES_MAX, PROTOCOL_VERSION } from '#protocol/limits.ts'
import { isFiller, readFiller } from '#protocol/measure.ts'
import { Allowances } from './allowances.ts'
import { Incoming } from './incoming.ts'
import type { Lane, LaneKind } from './lane.ts'
import { Lanes } from './lanes.ts'
import type { Measuring } from './measuring/measuring.ts'
import { Outgoing } from './outgoing.ts'
import { Throttle } from './rate-limit.ts'
import type { Peer, SessionOptions } from './session-options.ts'
import type { Source } from './source.ts'

export type { SessionOptions } from './session-options.ts'

/** What a conversation with a device can do, however it speaks (see also legacy/legacy-session.ts). */
export interface Conversation {
  /** Queues the file. Returns the transfer's id. */
  send(source: Source): string
  /** Ends one transfer; unknown and finished ids are ignored. */
  cancel(id: string): void
  /** Ends all transfers with `code`. */
  end(code: Reason): void
}

/** Frames about transfers, which come over one lane at a time, in order. */
type OrderedFrame = Exclude<
  Frame,
  SyncFrame | MeasureFrame | { readonly t: 'hello' | 'ping' | 'credentials' | 'remember' | 'unfinished' | 'close' }
>

/** What one lane brings, as far as it is answered by more than it is long: a lane costs a handshake, a frame nothing. */
interface LaneAnswers {
  readonly allowances: Allowances
  /** After `hello`: repeats what the other side should know of this one. */
  readonly greeted: Throttle
  /** After `hello`: tells what is kept of its files. */
  readonly tellKept: Throttle
  /** After `resume`: repeats offers, and what is said of records and texts. */
  readonly resumed: Throttle
}

/** The first `hello` and the first `resume` on a lane are answered at once. */
const ANSWERS = { burst: 1, perSecond: 20 }

/**
 * Holds what goes on between this side and a device. It outlives lanes: they come and go, transfers stay, and resume from
 * what the receiver has as soon as there is a lane again. Dispatches frames to the two directions, parsed here.
 */
export class Session implements Conversation {
  readonly #options: SessionOptions
  readonly #lanes: Lanes
  readonly #out: Outgoing
  readonly #in: Incoming
  readonly #measuring: Measuring | undefined
  #wish: LaneWish | undefined
  #ended: Reason | null = null
  /** One side did not keep to the protocol: nothing more is read. */
  #isBroken = false
  /** Which run of the other side's program this is, and what it said of itself. */
  #run: string | null = null
  #peer: Peer | null = null
  /** It is another run than before, and was not told yet what waits for it. */
  #isAnotherRun = false
  /** Which run greeted on the lane. */
  readonly #greeted = new WeakMap<Lane, string>()
  /** Where the other side's ordered frames come from: what comes late over the one before is not true any more. */
  #orderedLane: Lane | null = null
  readonly #answers = new WeakMap<Lane, LaneAnswers>()

  constructor(options: SessionOptions) {
    this.#options = options
    const say = (frame: Frame): void => {
      this.#say(frame)
    }
    this.#lanes = this.#openLanes()
    this.#out = new Outgoing(options, this.#lanes, say)
    this.#in = new Incoming(options, this.#lanes, say)
    // Past what batches frames: it would be part of the figure.
    this.#measuring = options.newMeasuring?.((lane, frame) => {
      lane.send(encodeFrame(frame))
    })
  }

  /** Takes a lane that leads to the device, and to nobody else. */
  addLane(lane: Lane): void {
    if (this.#ended === null) this.#lanes.add(lane, encodeFrame(this.#hello()))
    else lane.close()
  }

  /** The kinds of lanes that are open, oldest first. */
  get lanes(): readonly LaneKind[] {
    return this.#lanes.kinds
  }

  /** One of each kind that is open, to be measured. */
  get lanesToMeasure(): readonly Lane[] {
    return this.#lanes.all.filter(({ kind }, at, all) => all.findIndex((one) => one.kind === kind) === at)
  }

  /** That of the bytes of files. */
  get lane(): LaneKind {
    return this.#lanes.kind
  }

  /** Which lane the bytes of files are to take, on both sides. */
  set wish(wish: LaneWish) {
    this.#wish = wish
    this.#lanes.wish = wish
    this.greetAgain()
  }

  /** Says again who this side is, and where, as that has changed. */
  greetAgain(): void {
    this.#say(this.#hello())
  }

  send(source: Source): string {
    this.#measuring?.giveWay()
    return this.#out.send(source, this.#ended).id
  }

  /** Queues many: `files` are asked for when there is room for them. */
  sendBatch(batch: Omit<Batch, 't'>, files: AsyncIterator<Source>): void {
    this.#measuring?.giveWay()
    // Sparse files may sum up to what is no number of bytes any more.
    const bytes = Math.min(batch.bytes, Number.MAX_SAFE_INTEGER)
    const named = { ...batch, name: batch.name.slice(0, NAME_CHARS_MAX), bytes }
    if (this.#ended === null) this.#out.sendBatch({ t: 'batch', ...named }, files)
    else void files.return?.()
  }

  /** Page: says whether its person wants it remembered beyond its tab. */
  remember(on: boolean): void {
    this.#say({ t: 'remember', on })
  }

  /** Desktop: gives the phone what it comes back with. */
  giveCredentials(credentials: Credentials): void {
    this.#say(credentials)
  }

  /** Sends a frame of records or texts, which are not this engine's; it is lost when there is no lane. */
  sync(frame: SyncFrame): void {
    this.#say(frame)
  }

  cancel(id: string): void {
    const sender = this.#out.withId(id)
    const receiver = sender === undefined ? this.#in.withId(id) : undefined
    if (sender !== undefined) this.#out.cancel(sender)
    else if (receiver !== undefined) this.#in.cancel(receiver)
    else this.#in.cancelResting(id)
  }

  /** Ends what is left of a batch, here and there. */
  cancelBatch(id: string): void {
    this.#out.endBatch(id)
    for (const one of [...this.#out.all, ...this.#in.all]) if (one.batch === id) this.cancel(one.id)
  }

  /** Pauses a transfer, or lets it go on. */
  pause(id: string, on: boolean): void {
    const transfer = this.#out.withId(id) ?? this.#in.withId(id)
    transfer?.pauseState.here(on)
  }

  /** Moves a waiting file before all others that have not begun. */
  first(id: string): void {
    this.#out.first(id)
  }

  /** There may be room on the disk again for this file. */
  tryDisk(id: string): void {
    this.#in.tryDisk(id)
  }

  /** Suspends files that are being received; they resume when they are offered again. Resolves when they are safe. */
  rest(): Promise<void> {
    return this.#in.rest()
  }

  end(code: Reason): void {
    if (this.#ended !== null) return
    this.#ended = code
    this.#measuring?.giveWay()
    this.#out.end(code)
    this.#in.end(code)
    this.#lanes.close()
  }

  #openLanes(): Lanes {
    return new Lanes(
      {
        onFrame: (data, lane) => {
          this.#receive(data, lane)
        },
        onLost: (lane) => {
          this.#measuring?.lost(lane)
          this.#out.laneLost(lane)
        },
        onControl: (lane) => {
          this.#out.resume()
          // One that they greeted on before will bring no greeting that repeats the rest.
          if (this.#greeted.has(lane) && !this.#isLate(lane)) this.#repeat()
        },
        onChange: () => {
          this.#options.onLanes?.(this.#lanes.kinds)
          if (this.#ended !== null) return
          for (const sender of this.#out.all) this.#out.tell(sender)
          for (const receiver of this.#in.all) this.#in.tell(receiver)
        },
      },
      this.#options.newBatcher,
    )
  }

  #hello(): Frame {
    const { self, session } = this.#options
    const at = this.#options.at?.().slice(0, PLACES_MAX) ?? []
    const lane = this.#wish && { lane: this.#wish }
    return { t: 'hello', v: PROTOCOL_VERSION, ...self, session, ...lane, ...(at.length > 0 && { at }) }
  }

  #say(frame: Frame): void {
    if (this.#ended === null) this.#lanes.say(encodeFrame(frame))
  }

  #receive(data: string | Uint8Array, lane: Lane): void {
    this.#guarded(() => {
      if (typeof data !== 'string') this.#onPart(data, lane)
      else if (!this.#isLate(lane)) this.#onText(data, lane)
    })
  }

  /** Ends the conversation where what the other side said can't be; also for what is answered later than it was heard. */
  #guarded(act: () => void): void {
    if (this.#ended !== null || this.#isBroken) return
    try {
      act()
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : 'failed'
      this.#isBroken = true
      // The other side hears why, as the last of all.
      this.#lanes.say(encodeFrame({ t: 'close', code }))
      this.#options.onBroken(code)
    }
  }

  #onText(data: string, lane: Lane): void {
    const { allowances } = this.#answersOf(lane)
    for (const frame of decodeFrames(data)) {
      allowances.take(frame)
      this.#onFrame(frame, lane)
      // What came before it in the same message may have ended the conversation.
      if (this.#isBroken || this.#isLate(lane)) return
    }
  }

  #onPart(data: Uint8Array, lane: Lane): void {
    if (this.#measuring !== undefined && isFiller(data)) {
      this.#measuring.take(readFiller(data), data.length, lane)
      return
    }
    const part = decodePart(data)
    if (!this.#isLate(lane)) this.#in.part(part)
  }

  #onFrame(frame: Frame, lane: Lane): void {
    switch (frame.t) {
      case 'hello':
        this.#onHello(frame, lane)
        return
      case 'ping':
        return
      case 'credentials':
        this.#options.onCredentials?.(frame)
        return
      case 'remember':
        this.#options.onRemember?.(frame.on)
        return
      case 'unfinished':
        this.#options.onUnfinished?.(frame)
        return
      case 'close':
        this.#isBroken = true
        this.#options.onClosed?.(frame.code)
        return
      case 'sync':
      case 'records':
      case 'changed':
      case 'export':
      case 'export-missing':
      case 'text':
      case 'text-ack':
        this.#options.onSync?.(frame)
        return
      case 'probe':
      case 'probed':
      case 'measure':
      case 'measured':
        if (this.#measuring === undefined) throw ProtocolError.malformed(frame.t)
        this.#measuring.receive(frame, lane)
        return
      default:
        if (this.#isInOrder(frame, lane)) this.#onOrderedFrame(frame, lane)
    }
  }

  /** Whether the frame may count: ordered ones come over one lane at a time; `resume` is the first on another. */
  #isInOrder(frame: OrderedFrame, lane: Lane): boolean {
    const goesOn = this.#orderedLane !== null && this.#lanes.isOpen(this.#orderedLane)
    if (frame.t === 'resume' || !goesOn) this.#orderedLane = lane
    return this.#orderedLane === lane
  }

  #onOrderedFrame(frame: OrderedFrame, lane: Lane): void {
    switch (frame.t) {
      case 'resume':
        this.#in.resume(frame.ns)
        this.#answersOf(lane).resumed.ask()
        return
      case 'batch':
        this.#options.onBatch?.(frame)
        return
      case 'offer':
        this.#measuring?.giveWay()
        this.#in.offered(frame)
        return
      default:
        this.#onTransferFrame(frame)
    }
  }

  #onTransferFrame(frame: TransferFrame): void {
    switch (frame.t) {
      case 'thumb':
      case 'block':
      case 'end':
      case 'download':
      case 'download-progress':
        this.#in.receive(frame)
        return
      case 'want-thumb':
      case 'accept':
      case 'ack':
      case 'resend':
      case 'done':
      case 'fetch':
        this.#out.receive(frame)
        return
      case 'pause':
        this.#out.receive(frame)
        this.#in.receive(frame)
        return
      case 'stop':
        if (!this.#out.stopped(frame.n, frame.code)) this.#in.stopped(frame.n, frame.code)
        return
      default:
        assertNever(frame)
    }
  }

  #onHello(hello: Extract<Frame, { t: 'hello' }>, lane: Lane): void {
    const { v, name, kind, folders = false, many = false, pieces = false, session = '', lane: wish } = hello
    const { records = false, texts = false, measures = false, at = [] } = hello
    if (v !== PROTOCOL_VERSION) throw new ProtocolError('version', `version ${v}`)
    if (wish !== undefined) this.#lanes.wish = wish
    this.#greeted.set(lane, session)
    if (many) this.#lanes.takesMany(lane)
    if (pieces) this.#lanes.takesPieces(lane)
    const isAnother = this.#run !== null && session !== this.#run
    this.#run = session
    if (isAnother) {
      this.#orderedLane = null
      this.#in.senderChanged()
      this.#lanes.closeWhere((one) => this.#isLate(one))
    }
    this.#isAnotherRun ||= isAnother
    this.#peer = { name, kind, folders, records, texts, measures, at }
    const answers = this.#answersOf(lane)
    answers.tellKept.ask()
    answers.greeted.ask()
  }

  #answersOf(lane: Lane): LaneAnswers {
    const known = this.#answers.get(lane)
    if (known !== undefined) return known
    const throttled = (act: () => void): Throttle =>
      new Throttle(() => {
        this.#guarded(act)
      }, ANSWERS)
    const answers = {
      allowances: new Allowances(),
      greeted: throttled(() => {
        this.#repeat()
      }),
      tellKept: throttled(() => void this.#tellKept(lane)),
      resumed: throttled(() => {
        this.#out.repeat()
        this.#repeat()
      }),
    }
    this.#answers.set(lane, answers)
    return answers
  }

  /** Has the program repeat what may be lost of records and texts. */
  #repeat(): void {
    if (this.#peer !== null) this.#options.onPeer(this.#peer)
  }

  /** Tells what is kept: what was arriving until now is among it once its file is closed, and the next lane may greet before. */
  async #tellKept(lane: Lane): Promise<void> {
    await this.#in.rested()
    for (const one of this.#options.unfinished?.() ?? []) this.#lanes.sayOn(lane, encodeFrame(one))
    if (this.#isAnotherRun) this.#in.waitForAnother()
    this.#isAnotherRun = false
  }

  /** Whether the lane leads to a run of the other side's program that is no more. */
  #isLate(lane: Lane): boolean {
    const greeted = this.#greeted.get(lane)
    return greeted !== undefined && greeted !== this.#run
  }
}
