import { decodePart } from '#protocol/blocks.ts'
import { assertNever, ProtocolError, type Reason } from '#protocol/errors.ts'
import { decodeFrames, encodeFrame, type Frame, type SyncFrame, type TransferFrame } from '#protocol/frames.ts'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import type { Conclusions } from './conclusions.ts'
import { reasonOf } from './errors.ts'
import type { Incoming } from './incoming.ts'
import type { Lane } from './lane.ts'
import { LaneHearing } from './lane-hearing.ts'
import type { Lanes } from './lanes.ts'
import type { Outgoing } from './outgoing.ts'
import type { Peer, SessionOptions } from './session-options.ts'
import { Strays } from './strays.ts'

/** What is said of transfers, in order. */
type Word = Exclude<
  Frame,
  SyncFrame | { readonly t: 'hello' | 'ping' | 'credentials' | 'remember' | 'unfinished' | 'close' }
>

export interface FrameDoorPorts {
  readonly ports: SessionOptions
  /** The conversation is over: nothing is answered any more. */
  readonly isEnded: () => boolean
  readonly in: Incoming
  readonly out: Outgoing
  readonly ends: () => Conclusions
  readonly lanes: () => Lanes
}

/** Where frames of the other side come in: parsed here, and given to whom they are about. */
export class FrameDoor {
  readonly #of: FrameDoorPorts
  readonly #strays: Strays
  /** Which run of the other side's program greeted on the lane. */
  readonly #greeted = new WeakMap<Lane, string>()
  /** Where the other side's words come from: what comes late over the one before is not true any more. */
  #words: Lane | null = null
  /** Which run of the other side's program this is. */
  #peer: string | null = null
  #who: Peer | null = null
  /** It did not keep to the protocol, or says that we did not: nothing more is read. */
  #isOver = false
  readonly #hearings = new WeakMap<Lane, LaneHearing>()
  /** It is another run than before, and was not told yet what waits for it. */
  #isAnew = false

  constructor(of: FrameDoorPorts) {
    this.#of = of
    this.#strays = new Strays(of.ports.parity)
  }

  /** Our words go over this lane from now on. One that they greeted on before will bring no greeting that repeats the rest. */
  movedTo(lane: Lane): void {
    if (this.#greeted.has(lane) && !this.#isLate(lane)) this.#repeat()
  }

  take(data: string | Uint8Array, lane: Lane): void {
    if (this.#isOver) return
    try {
      if (typeof data !== 'string') this.#onPart(data, lane)
      else if (!this.#isLate(lane)) this.#onText(data, lane)
    } catch (error) {
      this.#break(error instanceof ProtocolError ? error.code : 'failed')
    }
  }

  /** What is answered later than it was heard. */
  #guarded(answer: () => void): () => void {
    return () => {
      if (this.#isOver || this.#of.isEnded()) return
      try {
        answer()
      } catch (error) {
        this.#break(error instanceof ProtocolError ? error.code : 'failed')
      }
    }
  }

  /** The other side hears why, as the last of all. */
  #break(code: Reason): void {
    this.#isOver = true
    this.#of.lanes().say(encodeFrame({ t: 'close', code }))
    this.#of.ports.onBroken(code)
  }

  #onText(data: string, lane: Lane): void {
    const { allowances } = this.#hearingOf(lane)
    for (const frame of decodeFrames(data)) {
      allowances.take(frame)
      this.#onFrame(frame, lane)
      // What came before it in the same message may have ended the conversation.
      if (this.#isOver || this.#isLate(lane)) return
    }
  }

  #onPart(data: Uint8Array, lane: Lane): void {
    const part = decodePart(data)
    if (this.#isLate(lane)) return
    // Parts may still be under way when a transfer was stopped: nobody's fault.
    const transfer = this.#of.in.of(part.n)
    if (transfer === undefined) {
      this.#strays.count(part)
      return
    }
    try {
      transfer.part(part)
    } catch (error) {
      transfer.stop(reasonOf(error))
    }
  }

  #onFrame(frame: Frame, lane: Lane): void {
    const { ports } = this.#of
    switch (frame.t) {
      case 'hello':
        this.#onHello(frame, lane)
        return
      case 'ping':
        return
      case 'credentials':
        ports.onCredentials?.(frame)
        return
      case 'remember':
        ports.onRemember?.(frame.on)
        return
      case 'unfinished':
        ports.onUnfinished?.(frame)
        return
      case 'close':
        this.#isOver = true
        ports.onClosed?.(frame.code)
        return
      case 'sync':
      case 'records':
      case 'changed':
      case 'export':
      case 'export-missing':
      case 'text':
      case 'text-ack':
        ports.onSync?.(frame)
        return
      default:
        if (this.#isInOrder(frame, lane)) this.#onWord(frame, lane)
    }
  }

  #onWord(frame: Word, lane: Lane): void {
    const { ports, in: incoming } = this.#of
    if (frame.t === 'resume') {
      incoming.resume(frame.ns)
      this.#hearingOf(lane).resume.ask()
    } else if (frame.t === 'batch') ports.onBatch?.(frame)
    else if (frame.t === 'offer') {
      if (frame.n % 2 === ports.parity) throw ProtocolError.malformed('number of an offer')
      this.#strays.offered(frame.n)
      incoming.offered(frame)
    } else this.#onTransferFrame(frame)
  }

  /** What is said of transfers comes over one lane at a time, in order; `resume` is the first word on another. */
  #isInOrder(frame: Word, lane: Lane): boolean {
    const goesOn = this.#words !== null && this.#of.lanes().isOpen(this.#words)
    if (frame.t === 'resume' || !goesOn) this.#words = lane
    return this.#words === lane
  }

  /** What was said of records and texts may be lost, as after a greeting. */
  #repeat(): void {
    if (this.#who !== null) this.#of.ports.onPeer(this.#who)
  }

  #onTransferFrame(frame: TransferFrame): void {
    switch (frame.t) {
      case 'stop':
        this.#onStop(frame.n, frame.code)
        return
      case 'thumb':
      case 'block':
      case 'end':
      case 'download':
      case 'download-progress':
        this.#of.in.of(frame.n)?.receive(frame)
        return
      case 'want-thumb':
      case 'accept':
      case 'ack':
      case 'resend':
      case 'done':
      case 'fetch':
        this.#toSender(frame)
        return
      case 'pause':
        this.#toSender(frame)
        this.#of.in.of(frame.n)?.receive(frame)
        return
      default:
        assertNever(frame)
    }
  }

  #toSender(frame: TransferFrame): void {
    const { out, ends } = this.#of
    const sender = out.of(frame.n)
    if (sender === undefined) return
    const went = sender.handedOut
    sender.receive(frame)
    const goes: boolean = sender.handedOut
    if (went || !goes) return
    out.aside(sender)
    void ends().conclude(sender, sender.runHandedOut())
  }

  #onHello(hello: Extract<Frame, { t: 'hello' }>, lane: Lane): void {
    const { v, name, kind, folders = false, many = false, pieces = false, session = '', lane: wish } = hello
    const { records = false, texts = false } = hello
    const { in: incoming, lanes } = this.#of
    if (v !== PROTOCOL_VERSION) throw new ProtocolError('version', `version ${v}`)
    if (wish !== undefined) lanes().wish = wish
    this.#greeted.set(lane, session)
    if (many) lanes().takesMany(lane)
    if (pieces) lanes().takesPieces(lane)
    const isAnother = this.#peer !== null && session !== this.#peer
    this.#peer = session
    if (isAnother) {
      this.#words = null
      this.#strays.forget()
      void incoming.suspendAll()
      lanes().closeWhere((one) => this.#isLate(one))
    }
    this.#isAnew ||= isAnother
    this.#who = { name, kind, folders, records, texts }
    const hearing = this.#hearingOf(lane)
    hearing.tellKept.ask()
    hearing.greeted.ask()
  }

  #hearingOf(lane: Lane): LaneHearing {
    const there = this.#hearings.get(lane)
    if (there !== undefined) return there
    const hearing = new LaneHearing({
      greeted: this.#guarded(() => {
        this.#repeat()
      }),
      tellKept: this.#guarded(() => void this.#tellKept(lane)),
      resume: this.#guarded(() => {
        this.#of.out.repeat()
        this.#repeat()
      }),
    })
    this.#hearings.set(lane, hearing)
    return hearing
  }

  /** What was arriving until now is among it once its file is closed; the next lane may greet before that. */
  async #tellKept(lane: Lane): Promise<void> {
    const { in: incoming, ports, ends, lanes } = this.#of
    await incoming.rested()
    for (const one of ports.unfinished?.() ?? []) lanes().sayOn(lane, encodeFrame(one))
    if (this.#isAnew) ends().waitForAnother()
    this.#isAnew = false
  }

  /** It leads to a run of the other side's program that is no more. */
  #isLate(lane: Lane): boolean {
    const greeted = this.#greeted.get(lane)
    return greeted !== undefined && greeted !== this.#peer
  }

  #onStop(n: number, code: Reason): void {
    const { in: incoming, out, ends } = this.#of
    const transfer = out.of(n) ?? incoming.of(n)
    if (transfer === undefined) return
    // Their number is free now, also where the file is just landing.
    if (transfer.direction === 'in') incoming.over(transfer, { t: 'stop', code })
    ends().stop(transfer, code)
  }
}
