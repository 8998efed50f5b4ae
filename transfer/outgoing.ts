import type { Reason } from '#protocol/errors.ts'
import type { Batch, Frame, TransferFrame } from '#protocol/frames.ts'
import { OFFERS_MAX } from '#protocol/limits.ts'
import { BoundedMap } from './bounded-map.ts'
import { reasonOf } from './errors.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import { Sender, type SenderPorts, type Sent } from './sender.ts'
import type { SessionOptions } from './session-options.ts'
import type { Source } from './source.ts'
import { viewOf, type TransferView } from './transfer-view.ts'

/** Files whose bytes are sent at a time: while one waits for its disk or its hash, another has the lane. */
const ACTIVE_MAX = 3
/** Files whose bytes are sent and which the other side still checks. Small files are not worth a round trip each. */
const CHECKING_MAX = 32
/** Downloads whose end is repeated on a new lane: more than end while there is none. */
const TAKEN_MAX = 32
/** Files of a batch that are looked at before their turn. */
const PULL_AHEAD = OFFERS_MAX

/** A batch whose files are made when there is room for them: a folder of 100,000 files is never in memory whole. */
interface Pull {
  readonly batch: Batch
  readonly files: AsyncIterator<Source>
}

/** Sends the files of a session: queues and offers them, runs a few at a time, and tells how each of them ends. */
export class Outgoing {
  readonly #options: SessionOptions
  readonly #lanes: Lanes
  readonly #say: (frame: Frame) => void
  readonly #senderPorts: SenderPorts
  readonly #byN = new Map<number, Sender>()
  readonly #byId = new Map<string, Sender>()
  #nextN: number
  /** Not offered yet. */
  readonly #queue: Sender[] = []
  /** Offered and not ended. */
  readonly #offered = new Set<Sender>()
  /** Accepted, and not begun. */
  readonly #accepted: Sender[] = []
  readonly #active = new Set<Sender>()
  readonly #checking = new Set<Sender>()
  readonly #pulls: Pull[] = []
  /** Batches of which something is still to come or in flight. */
  readonly #batches = new Map<string, Batch>()
  /** Downloads that were taken whole lately. */
  readonly #taken = new BoundedMap<number, Sender>(TAKEN_MAX)
  #isPulling = false
  /** A lane is open. */
  #isOpen = false
  /** A lane was open before. */
  #wasOpen = false

  /** `say` sends a control frame, until the session ends. */
  constructor(options: SessionOptions, lanes: Lanes, say: (frame: Frame) => void) {
    this.#options = options
    this.#lanes = lanes
    this.#say = say
    this.#nextN = options.parity === 0 ? 2 : 1
    this.#senderPorts = this.#portsOfSenders()
  }

  get all(): readonly Sender[] {
    return [...this.#byN.values()]
  }

  withId(id: string): Sender | undefined {
    return this.#byId.get(id)
  }

  /** Queues a file; where the session has ended, `ended` says why, and the file ends at once. */
  send(source: Source, ended: Reason | null): Sender {
    const sender = this.#add(source)
    this.tell(sender)
    if (ended === null) this.#next()
    else this.#refuse(sender, ended)
    return sender
  }

  sendBatch(batch: Batch, files: AsyncIterator<Source>): void {
    this.#pulls.push({ batch, files })
    this.#batches.set(batch.id, batch)
    if (this.#isOpen) this.#say(batch)
    this.#next()
  }

  /** Tells the screen about a sender: that it moves, or how it ended. */
  tell(sender: Sender, state: TransferView['state'] = 'moving', end: Partial<TransferView> = {}): void {
    const lane = this.#lanes.kindOf(sender.direction)
    this.#options.onTransfer(viewOf(sender, state, { lane, away: !this.#lanes.any, end }))
  }

  /**
   * Called when control frames go over another lane than before, or over one after a time without any: repeats what the
   * other side may have missed, then offers more.
   */
  resume(): void {
    this.#isOpen = true
    if (this.#wasOpen) this.#sayResume()
    this.#wasOpen = true
    for (const batch of this.#batches.values()) this.#say(batch)
    this.repeat()
    this.#next()
  }

  /** Offers again what has not ended: the other side's last answers may be lost. */
  repeat(): void {
    if (this.#isOpen) for (const sender of this.#offered) if (!sender.isTaken) sender.offer()
  }

  /** Called when a lane is lost: what was in flight on it goes again, or everything waits where it was the last. */
  laneLost(lane: Lane): void {
    if (this.#lanes.any) {
      for (const sender of this.#byN.values()) sender.laneLost(lane)
      return
    }
    this.#isOpen = false
    for (const sender of this.#offered) sender.adrift()
  }

  /** Takes a frame of the receiver's. */
  receive(frame: TransferFrame): void {
    const sender = this.#byN.get(frame.n)
    if (sender === undefined) return
    const wasByHttp = sender.byHttp
    sender.receive(frame)
    const isByHttp: boolean = sender.byHttp
    if (wasByHttp || !isByHttp) return
    // Its bytes take no lane, and need no turn.
    drop(this.#accepted, sender)
    void this.#conclude(sender, sender.runDownload())
  }

  /** Moves a file before all others that have not begun. */
  first(id: string): void {
    const sender = this.#byId.get(id)
    if (sender === undefined) return
    for (const list of [this.#queue, this.#accepted]) if (drop(list, sender)) list.unshift(sender)
  }

  /** Ends a transfer for a person here, and tells the other side. */
  cancel(sender: Sender): void {
    this.#stopBoth(sender, 'cancelled')
  }

  /** Ends a transfer that the receiver has stopped. Returns false where the number is of none that is sent here. */
  stopped(n: number, code: Reason): boolean {
    const sender = this.#byN.get(n)
    if (sender !== undefined) this.#stop(sender, code)
    return sender !== undefined
  }

  /** Ends all. */
  end(code: Reason): void {
    this.endBatch()
    for (const sender of this.all) this.#stop(sender, code)
  }

  /** Takes no more files of this batch, or of any. */
  endBatch(id?: string): void {
    for (const pull of [...this.#pulls]) {
      if (id !== undefined && pull.batch.id !== id) continue
      drop(this.#pulls, pull)
      this.#tidy(pull.batch.id)
      void pull.files.return?.()
    }
  }

  #add(source: Source, batch?: string): Sender {
    const id = source.id ?? this.#options.newId()
    const sender = new Sender(this.#nextN, id, source, batch, this.#senderPorts)
    this.#nextN += 2
    this.#byN.set(sender.n, sender)
    this.#byId.set(sender.id, sender)
    this.#queue.push(sender)
    return sender
  }

  #portsOfSenders(): SenderPorts {
    return {
      lanes: this.#lanes,
      sha256: this.#options.sha256,
      handOut: this.#options.handOut,
      frame: this.#say,
      onChange: (sender) => {
        this.tell(sender)
      },
      onAccepted: (sender) => {
        this.#accepted.push(sender)
        this.#next()
      },
      onIdle: (sender) => {
        if (!this.#active.delete(sender)) return
        this.#checking.add(sender)
        this.#next()
      },
      othersWait: () => this.#accepted.length + this.#queue.length > 0,
      onReleased: () => {
        this.#next()
      },
      onRefused: (sender, code) => {
        this.#stopBoth(sender, code)
      },
    }
  }

  /** Ends a transfer here. The other side knows, or is told by the caller. */
  #stop(sender: Sender, code: Reason): void {
    if (this.#isWaiting(sender) && !sender.byHttp) {
      this.#refuse(sender, code)
      this.#next()
      return
    }
    // Off the list at once: from now on it is not offered again, however long its file takes to close.
    this.#byN.delete(sender.n)
    this.#offered.delete(sender)
    sender.stop(code)
  }

  #stopBoth(sender: Sender, code: Reason): void {
    this.#say({ t: 'stop', n: sender.n, code })
    this.#stop(sender, code)
  }

  /** Lists what goes on. Of a download that was taken whole only `download-progress` says so, which may have been lost. */
  #sayResume(): void {
    for (const sender of this.#offered) if (sender.isTaken) this.#taken.set(sender.n, sender)
    const ns = [...new Set([...[...this.#offered].map(({ n }) => n), ...this.#taken.keys()])]
    this.#say({ t: 'resume', ns: ns.slice(0, OFFERS_MAX) })
    for (const { n, source, left } of this.#taken.values())
      this.#say({ t: 'download-progress', n, bytes: source.size, over: true, ...left })
  }

  /** Waits for the end of a sender, tells it, and lets the next one go. */
  async #conclude(sender: Sender, run: Promise<Sent>): Promise<void> {
    try {
      const { sha256, proof } = await run
      this.#remove(sender)
      this.tell(sender, 'done', { ...(sha256 && { sha256 }), proof })
    } catch (error) {
      const reason = reasonOf(error)
      // Told to the other side unless it was the one that said so.
      const isListed = this.#byN.get(sender.n) === sender
      if (reason !== 'cancelled' && isListed) this.#say({ t: 'stop', n: sender.n, code: reason })
      this.#refuse(sender, reason)
    }
    this.#next()
  }

  /** Ends what does not run, or not any more. */
  #refuse(sender: Sender, reason: Reason): void {
    this.#remove(sender)
    this.tell(sender, reason === 'cancelled' ? 'cancelled' : 'failed', { reason })
  }

  /** Whether it has not begun, so that nobody waits for its end yet. */
  #isWaiting(sender: Sender): boolean {
    return this.#queue.includes(sender) || (this.#offered.has(sender) && !this.#hasBegun(sender))
  }

  #hasBegun(sender: Sender): boolean {
    return this.#active.has(sender) || this.#checking.has(sender)
  }

  #remove(sender: Sender): void {
    if (sender.isTaken) this.#taken.set(sender.n, sender)
    this.#byN.delete(sender.n)
    this.#byId.delete(sender.id)
    // The queue may hold tens of thousands: looked through only for one that can be there.
    if (!this.#offered.delete(sender) && !this.#hasBegun(sender)) drop(this.#queue, sender)
    drop(this.#accepted, sender)
    this.#active.delete(sender)
    this.#checking.delete(sender)
    this.#next()
    if (sender.batch !== undefined) this.#tidy(sender.batch)
  }

  #next(): void {
    if (!this.#isOpen) return
    void this.#pull()
    this.#go()
  }

  #go(): void {
    // All of a batch at once, so that a person who is asked sees it whole.
    for (const sender of this.#queue.splice(0, OFFERS_MAX - this.#offered.size)) {
      this.#offered.add(sender)
      sender.offer()
    }
    while (this.#active.size < ACTIVE_MAX && this.#checking.size < CHECKING_MAX) {
      const sender = this.#accepted.find(({ pauseState }) => pauseState.why === null)
      if (sender === undefined) return
      drop(this.#accepted, sender)
      this.#active.add(sender)
      void this.#conclude(sender, sender.run())
    }
  }

  /** Forgets a batch of which nothing is to come or in flight: it need not be announced again. */
  #tidy(batch: string): void {
    if (this.#pulls.some((pull) => pull.batch.id === batch)) return
    for (const list of [this.#offered, this.#queue]) for (const file of list) if (file.batch === batch) return
    this.#batches.delete(batch)
  }

  async #pull(): Promise<void> {
    if (this.#isPulling) return
    this.#isPulling = true
    while (this.#isOpen && this.#pulls[0] !== undefined && this.#queue.length + this.#offered.size < PULL_AHEAD) {
      await this.#pullFrom(this.#pulls[0])
    }
    this.#isPulling = false
  }

  async #pullFrom(pull: Pull): Promise<void> {
    const file = await pull.files.next().catch(() => null)
    if (!this.#pulls.includes(pull)) return
    if (file === null || file.done === true) {
      drop(this.#pulls, pull)
      this.#tidy(pull.batch.id)
    } else this.#add(file.value, pull.batch.id)
    if (this.#isOpen) this.#go()
  }
}

function drop<T>(list: T[], item: T): boolean {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
  return at >= 0
}
