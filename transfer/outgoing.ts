import type { Batch, Frame } from '#protocol/frames.ts'
import { OFFERS_MAX } from '#protocol/limits.ts'
import type { Sender } from './sender.ts'
import type { Source } from './source.ts'

/** Files whose bytes are sent at a time: while one waits for its disk or its hash, another has the lane. */
const ACTIVE_MAX = 3
/** Files whose bytes are sent and which the other side still checks. Small files are not worth a round trip each. */
const CHECKING_MAX = 32
/** Downloads whose end is said once more on a new lane: more than end while there is none. */
const GIVEN_MAX = 32
/** Files of a batch that are looked at before their turn. */
const PULL_AHEAD = OFFERS_MAX

export interface OutgoingPorts {
  newSender(n: number, source: Source, batch: string | undefined): Sender
  frame(frame: Frame): void
  /** Sends its bytes and waits for its end. */
  run(sender: Sender): void
}

/** A batch whose files are made when there is room for them: a folder of 100,000 files is never in memory whole. */
interface Pull {
  readonly batch: Batch
  readonly files: AsyncIterator<Source>
}

/** What is to be sent, in order: offered ahead, and a few at a time when they are wanted. */
export class Outgoing {
  readonly #ports: OutgoingPorts
  readonly #byN = new Map<number, Sender>()
  readonly #byId = new Map<string, Sender>()
  #next: number
  /** Not offered yet. */
  readonly #queue: Sender[] = []
  /** Offered and not ended. */
  readonly #offered = new Set<Sender>()
  /** Wanted, and not begun. */
  readonly #wanted: Sender[] = []
  readonly #active = new Set<Sender>()
  readonly #checking = new Set<Sender>()
  readonly #pulls: Pull[] = []
  /** Batches of which something is still to come or under way. */
  readonly #batches = new Map<string, Batch>()
  /** Downloads that were taken whole lately. */
  readonly #given = new Map<number, Sender>()
  #pulling = false
  #open = false
  /** There was a lane before. */
  #heard = false

  /** `parity` of the numbers: 1 on the phone, 0 on the desktop. */
  constructor(parity: 0 | 1, ports: OutgoingPorts) {
    this.#ports = ports
    this.#next = parity === 0 ? 2 : 1
  }

  get all(): readonly Sender[] {
    return [...this.#byN.values()]
  }

  of(n: number): Sender | undefined {
    return this.#byN.get(n)
  }

  withId(id: string): Sender | undefined {
    return this.#byId.get(id)
  }

  /** Puts it at the end of the queue. */
  add(source: Source, batch?: string): Sender {
    const sender = this.#ports.newSender(this.#next, source, batch)
    this.#next += 2
    this.#byN.set(sender.n, sender)
    this.#byId.set(sender.id, sender)
    this.#queue.push(sender)
    return sender
  }

  addBatch(batch: Batch, files: AsyncIterator<Source>): void {
    this.#pulls.push({ batch, files })
    this.#batches.set(batch.id, batch)
    if (this.#open) this.#ports.frame(batch)
    this.next()
  }

  /**
   * The other side hears us, on another lane than before or after a time without any: what it may have missed is said
   * again, then there may be more.
   */
  resume(): void {
    this.#open = true
    if (this.#heard) this.#sayResume()
    this.#heard = true
    for (const batch of this.#batches.values()) this.#ports.frame(batch)
    this.repeat()
    this.next()
  }

  /** What goes on. Of a download that was taken whole nothing but `download-progress` says so, which may have been lost. */
  #sayResume(): void {
    for (const sender of this.#offered) if (sender.handedOver) this.#given.set(sender.n, sender)
    const ns = [...new Set([...[...this.#offered].map(({ n }) => n), ...this.#given.keys()])]
    this.#ports.frame({ t: 'resume', ns: ns.slice(0, OFFERS_MAX) })
    for (const { n, source, left } of this.#given.values())
      this.#ports.frame({ t: 'download-progress', n, bytes: source.size, over: true, ...left })
  }

  /** What the other side said last of our files may be lost: it is asked again. */
  repeat(): void {
    if (this.#open) for (const sender of this.#offered) if (!sender.handedOver) sender.offer()
  }

  /** Nobody hears us. */
  pause(): void {
    this.#open = false
    for (const sender of this.#offered) sender.adrift()
  }

  wanted(sender: Sender): void {
    this.#wanted.push(sender)
    this.next()
  }

  /** Its bytes are on their way, or it is held up: another may have its turn. */
  idle(sender: Sender): void {
    if (!this.#active.delete(sender)) return
    this.#checking.add(sender)
    this.next()
  }

  /** Its bytes go another way. */
  aside(sender: Sender): void {
    drop(this.#wanted, sender)
  }

  /** Before all others that have not begun. */
  first(sender: Sender): void {
    for (const list of [this.#queue, this.#wanted]) if (drop(list, sender)) list.unshift(sender)
  }

  /** True when it had not begun, so that nobody waits for its end yet. */
  isWaiting(sender: Sender): boolean {
    return this.#queue.includes(sender) || (this.#offered.has(sender) && !this.#begun(sender))
  }

  /** It has been ended: what is said of it is not heard any more, and it is not offered again. */
  unname(sender: Sender): void {
    this.#byN.delete(sender.n)
    this.#offered.delete(sender)
  }

  ended(sender: Sender): void {
    if (sender.handedOver) this.#given.set(sender.n, sender)
    const [oldest] = this.#given.keys()
    if (this.#given.size > GIVEN_MAX && oldest !== undefined) this.#given.delete(oldest)
    this.#byN.delete(sender.n)
    this.#byId.delete(sender.id)
    // The queue may hold tens of thousands: looked through only for one that can be there.
    if (!this.#offered.delete(sender) && !this.#begun(sender)) drop(this.#queue, sender)
    drop(this.#wanted, sender)
    this.#active.delete(sender)
    this.#checking.delete(sender)
    this.next()
    if (sender.batch !== undefined) this.#tidy(sender.batch)
  }

  /** No more files of this batch, or of any. */
  endBatch(id?: string): void {
    for (const pull of [...this.#pulls]) {
      if (id !== undefined && pull.batch.id !== id) continue
      drop(this.#pulls, pull)
      this.#tidy(pull.batch.id)
      void pull.files.return?.()
    }
  }

  next(): void {
    if (!this.#open) return
    void this.#pull()
    this.#go()
  }

  #go(): void {
    for (const sender of this.#queue.splice(0, OFFERS_MAX - this.#offered.size)) this.#offer(sender)
    while (this.#active.size < ACTIVE_MAX && this.#checking.size < CHECKING_MAX) {
      const sender = this.#wanted.find(({ pauseState }) => pauseState.why === null)
      if (sender === undefined) return
      drop(this.#wanted, sender)
      this.#active.add(sender)
      this.#ports.run(sender)
    }
  }

  /** Nothing of it is to come or under way: it need not be said again. */
  #tidy(batch: string): void {
    if (this.#pulls.some((pull) => pull.batch.id === batch)) return
    for (const list of [this.#offered, this.#queue]) for (const file of list) if (file.batch === batch) return
    this.#batches.delete(batch)
  }

  #begun(sender: Sender): boolean {
    return this.#active.has(sender) || this.#checking.has(sender)
  }

  /** All of a batch at once, so that a person who is asked sees it whole. */
  #offer(sender: Sender): void {
    this.#offered.add(sender)
    sender.offer()
  }

  async #pull(): Promise<void> {
    if (this.#pulling) return
    this.#pulling = true
    while (this.#open && this.#pulls[0] !== undefined && this.#queue.length + this.#offered.size < PULL_AHEAD) {
      await this.#pullFrom(this.#pulls[0])
    }
    this.#pulling = false
  }

  async #pullFrom(pull: Pull): Promise<void> {
    const file = await pull.files.next().catch(() => null)
    if (!this.#pulls.includes(pull)) return
    if (file === null || file.done === true) {
      drop(this.#pulls, pull)
      this.#tidy(pull.batch.id)
    } else this.add(file.value, pull.batch.id)
    if (this.#open) this.#go()
  }
}

function drop<T>(list: T[], item: T): boolean {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
  return at >= 0
}
