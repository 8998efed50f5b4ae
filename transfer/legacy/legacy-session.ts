import type { Reason } from '#protocol/errors.ts'
import type { Transfile } from '#protocol/hub-events.ts'
import { CREDIT_BYTES } from '#protocol/limits.ts'
import { reasonOf } from '#transfer/errors.ts'
import type { Sha256 } from '#transfer/hashing.ts'
import type { Lane } from '#transfer/lane.ts'
import { EarlyPieces, LegacyReceiver } from './legacy-receiver.ts'
import { LegacySender } from './legacy-sender.ts'
import type { Conversation } from '#transfer/session.ts'
import type { Landed, Sink } from '#transfer/sink.ts'
import type { Source } from '#transfer/source.ts'
import type { TransferView } from '#transfer/transfer-view.ts'

export interface LegacyPorts {
  newId(): string
  /** Whether the file is wanted; it may take a person to say so. Absent = every file is. */
  mayTake?(id: string, file: Transfile): Promise<boolean>
  /** What it will be called here. Absent = as it is announced. */
  landsAs?(file: Transfile): string
  openSink(file: Transfile): Promise<Sink>
  readonly sha256: Sha256
  /** An event of the 2018 protocol, by way of the hub. */
  signal(event: 'transfile' | 'ctrlSendSpeed' | 'exception', payload: unknown): void
  onTransfer(view: TransferView): void
  after(ms: number, then: () => void): () => void
}

/** Files that wait for a person's yes at a time. A 2018 app waits for the end of one before the next. */
const ASKING_MAX = 16

/** How long a piece that may be a repeated one is kept before it is taken for a file of its own. */
const DOUBT_MS = 2_000

/** Speaks with a 2018 app, as the desktop: one file at a time in each direction. */
export class LegacySession implements Conversation {
  readonly #lane: Lane
  readonly #ports: LegacyPorts
  readonly #queue: LegacySender[] = []
  #sending: LegacySender | null = null
  #receiving: LegacyReceiver | null = null
  /** All that come and have not ended, the last one included. */
  readonly #incoming = new Set<LegacyReceiver>()
  readonly #early = new EarlyPieces()
  /** The first piece of the file that is coming, should it not be a late repetition of the last one of the file before. */
  #doubt: { readonly receiver: LegacyReceiver; readonly piece: Uint8Array } | null = null
  #ended: Reason | null = null

  constructor(lane: Lane, ports: LegacyPorts) {
    this.#lane = lane
    this.#ports = ports
    lane.listen({
      onFrame: (data) => {
        this.#onPiece(data)
      },
      onClose: () => {
        this.end('connection-lost')
      },
    })
  }

  send(source: Source): string {
    const sender: LegacySender = new LegacySender(this.#ports.newId(), source, {
      lane: this.#lane,
      announce: (file) => {
        this.#ports.signal('transfile', file)
      },
      changed: () => {
        this.#tell(sender, 'moving')
      },
      after: (ms, then) => this.#ports.after(ms, then),
    })
    this.#queue.push(sender)
    this.#tell(sender, 'moving')
    if (this.#ended === null) this.#startNext()
    else this.#drop(sender, this.#ended)
    return sender.id
  }

  cancel(id: string): void {
    const queued = this.#queue.find((sender) => sender.id === id)
    if (queued !== undefined) this.#drop(queued, 'cancelled')
    const running = [this.#sending, ...this.#incoming].find((transfer) => transfer?.id === id)
    if (running === undefined || running === null || running.over) return
    if (running.direction === 'in' && running.landing) return
    running.stop('cancelled')
    this.#ports.signal(
      'exception',
      `cancelled: ${running.direction === 'out' ? running.source.name : running.file.name}`,
    )
  }

  end(code: Reason): void {
    if (this.#ended !== null) return
    this.#ended = code
    for (const sender of [...this.#queue]) this.#drop(sender, code)
    this.#sending?.stop(code)
    this.#receiving?.stop(code)
    // Bytes that nobody said yes to are not kept for later.
    for (const receiver of this.#incoming) if (receiver.asking) receiver.stop(code)
  }

  /** Takes `transfile`: a file begins. One that was still coming is over: the app has turned to another. */
  onTransfile(file: Transfile): void {
    if (this.#ended !== null) return
    this.#endDoubt()
    // A file that has all its bytes is only being finished: that goes on.
    if (this.#receiving?.complete === false) this.#receiving.stop('failed')
    const id = this.#ports.newId()
    const mayTake = this.#ports.mayTake?.bind(this.#ports)
    const landsAs = this.#ports.landsAs?.bind(this.#ports)
    const receiver: LegacyReceiver = new LegacyReceiver(id, file, {
      mayTake: mayTake && ((f) => mayTake(id, f)),
      landsAs,
      openSink: (f) => this.#ports.openSink(f),
      sha256: this.#ports.sha256,
      report: (bytes) => {
        // After the end the app may be back already, with another file and another count.
        if (this.#ended === null) this.#ports.signal('ctrlSendSpeed', bytes)
      },
      changed: () => {
        this.#tell(receiver, 'moving')
      },
    })
    this.#receiving = receiver
    this.#incoming.add(receiver)
    this.#tell(receiver, 'moving')
    void this.#conclude(receiver, receiver.run())
    if (this.#asksTooMuch()) receiver.stop('overrun')
    this.#feed(receiver)
  }

  /** Takes `ctrlSendSpeed`. */
  onReport(bytes: number): void {
    this.#sending?.report(bytes)
  }

  /** Whether the app announces file after file while a person thinks: that would fill the memory, or the screen. */
  #asksTooMuch(): boolean {
    const asking = [...this.#incoming].filter((receiver) => receiver.asking)
    return asking.length > ASKING_MAX || asking.reduce((sum, { held }) => sum + held, 0) > CREDIT_BYTES
  }

  #feed(receiver: LegacyReceiver): void {
    const doubtful = this.#early.takeDoubtful(receiver.file.size)
    if (doubtful !== null) this.#suspect(receiver, doubtful)
    for (const piece of this.#early.take()) this.#onPiece(piece)
  }

  #onPiece(data: string | Uint8Array): void {
    if (typeof data === 'string' || data.byteLength === 0 || this.#ended !== null) return
    const receiver = this.#receiving
    if (receiver === null || receiver.complete) {
      if (!this.#early.hold(data)) this.#lane.close()
      return
    }
    if (!receiver.untouched || !this.#early.repeats(data)) this.#take(receiver, data)
    else if (data.byteLength === receiver.file.size) this.#suspect(receiver, data)
  }

  /** Holds a piece that may be the whole file, or the last one of the file before once more: what comes next tells, or that nothing does. */
  #suspect(receiver: LegacyReceiver, piece: Uint8Array): void {
    // Of two that are the same, one is the file's.
    if (this.#doubt?.receiver === receiver) {
      this.#take(receiver, piece)
      return
    }
    this.#doubt = { receiver, piece }
    this.#ports.after(DOUBT_MS, () => {
      if (this.#doubt?.receiver === receiver) this.#endDoubt()
    })
  }

  /** Takes the piece in doubt for the file: nothing else has come for that, and nothing will. */
  #endDoubt(): void {
    const doubt = this.#doubt
    this.#doubt = null
    if (doubt?.receiver.untouched === true && this.#ended === null) this.#take(doubt.receiver, doubt.piece)
  }

  #take(receiver: LegacyReceiver, piece: Uint8Array): void {
    receiver.piece(piece)
    if (receiver.complete) this.#early.ended(piece)
  }

  #startNext(): void {
    if (this.#sending !== null || this.#ended !== null) return
    const sender = this.#queue.shift()
    if (sender === undefined) return
    this.#sending = sender
    void this.#conclude(sender, sender.run())
  }

  #drop(sender: LegacySender, code: Reason): void {
    this.#queue.splice(this.#queue.indexOf(sender), 1)
    this.#tell(sender, code === 'cancelled' ? 'cancelled' : 'failed', { reason: code })
  }

  async #conclude(transfer: LegacySender | LegacyReceiver, run: Promise<Partial<Landed>>): Promise<void> {
    try {
      const { path, sha256 } = await run
      this.#tell(transfer, 'done', { ...(path && { path }), ...(sha256 && { sha256 }) })
    } catch (error) {
      const reason = reasonOf(error)
      // It has no word for a no: the text is all that the person at the phone gets.
      if (reason === 'not-allowed' && transfer.direction === 'in' && this.#ended === null)
        this.#ports.signal('exception', `refused: ${transfer.file.name}`)
      const wish = reason === 'cancelled' || reason === 'not-allowed'
      this.#tell(transfer, wish ? 'cancelled' : 'failed', { reason })
    }
    if (transfer.direction === 'in') this.#incoming.delete(transfer)
    if (this.#sending !== transfer) return
    await this.#sending.settled()
    this.#sending = null
    this.#startNext()
  }

  #tell(transfer: LegacySender | LegacyReceiver, state: TransferView['state'], end: Partial<TransferView> = {}): void {
    const { id, direction } = transfer
    const name = transfer.direction === 'out' ? transfer.source.name : transfer.name
    const total = transfer.direction === 'out' ? transfer.source.size : transfer.file.size
    const moved = transfer.direction === 'out' ? transfer.received : transfer.written
    const phase = this.#queue.some((sender) => sender === transfer)
      ? 'queued'
      : isAsked(transfer)
        ? 'waiting'
        : 'sending'
    this.#ports.onTransfer({
      id,
      direction,
      name,
      bytes: state === 'done' ? total : moved,
      total,
      state,
      phase,
      lane: this.#lane.kind,
      ...end,
    })
  }
}

const isAsked = (transfer: LegacySender | LegacyReceiver): boolean => transfer.direction === 'in' && transfer.asking
