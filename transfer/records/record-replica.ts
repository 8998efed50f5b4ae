import { ProtocolError } from '#protocol/errors.ts'
import type { SyncFrame } from '#protocol/frames.ts'
import type { Records, Sync } from '#protocol/records.ts'
import { Bucket } from '#transfer/rate-limit.ts'

/** What a replica needs of the program around it. */
export interface RecordReplicaPorts {
  say(frame: SyncFrame): void
  /** Where the copy stands; '' = nothing. */
  cursor(): string
  /**
   * Stores a page and its cursor in one step. Throws when the disk does, or when there is no more room for this device; the
   * page is asked for again at the next greeting or change.
   */
  keep(page: Records): void
  /** A page is stored, or all of them are (`more` false). */
  onKept?(more: boolean): void
  /** The page could not be stored, and why. */
  onFailed?(error: unknown): void
}

/** Records that one run of pages may bring, up to the page without `more`. A list without end looks like this. */
const RUN_RECORDS_MAX = 1_000_000

/**
 * Keeps the desktop's copy of one device's records: asks for a page, stores it, asks for the next. What it knows is the cursor of
 * the copy: a page fits if it goes on from there, whenever and over whichever lane it comes, so lost, repeated and late
 * frames do no harm. It has no clock: what may be lost is asked for again when the other side greets.
 */
export class RecordReplica {
  readonly #ports: RecordReplicaPorts
  /** The last `sync` waits for its page. */
  #isAsking = false
  /** Pages that were asked for, less those that came: one more is nobody's answer. */
  #due = 0
  /** `changed` came while a page was waited for, which may be older than that. */
  #isStale = false
  #run = new Run()

  constructor(ports: RecordReplicaPorts) {
    this.#ports = ports
  }

  /** Called after each `hello`, and whenever control frames may have been lost. `hasRecords`: the other side may be asked. */
  greeted(hasRecords: boolean): void {
    this.#isAsking = false
    this.#run = new Run()
    if (hasRecords) this.#ask()
  }

  /** Takes a frame. Throws ProtocolError at what no publisher says. */
  receive(frame: SyncFrame): void {
    if (frame.t === 'records') this.#onPage(frame)
    else if (frame.t === 'changed') this.#onChanged()
  }

  #ask(): void {
    this.#isAsking = true
    this.#isStale = false
    this.#due++
    this.#ports.say({ t: 'sync', cursor: this.#ports.cursor() })
  }

  #onChanged(): void {
    if (this.#isAsking) this.#isStale = true
    else this.#ask()
  }

  #onPage(page: Records): void {
    const isDue = this.#due > 0
    if (isDue) this.#due--
    // The answer to a question that was said twice: it is here already.
    if (page.since !== this.#ports.cursor()) return
    if (isDue) this.#take(page)
    // Nobody asked: no more than a word that there is something. Else the other side would set the pace.
    else this.#ask()
  }

  #take(page: Records): void {
    this.#run.check(page)
    this.#isAsking = false
    if (this.#keep(page) && (page.more || this.#isStale)) this.#ask()
  }

  #keep(page: Records): boolean {
    try {
      // From nothing it is all there is, whatever it says.
      this.#ports.keep(page.since === '' ? { ...page, fresh: true } : page)
    } catch (error) {
      this.#ports.onFailed?.(error)
      return false
    }
    this.#ports.onKept?.(page.more)
    return true
  }
}

/**
 * Pages up to the one without `more`, and that they come to an end: each has something on it, none leads back to where
 * one before it stood. It remembers a single cursor, at ever longer distances (Brent), so a circle of any length is found.
 */
class Run {
  #records = 0
  #steps = 0
  #limit = 1
  #mark: string | null = null

  check({ list, since, cursor, more, fresh }: Records): void {
    if (fresh || !more) this.#mark = null
    if (!more) {
      this.#records = 0
      return
    }
    const isCircle = list.length === 0 || cursor === since || cursor === this.#mark
    if (isCircle) throw ProtocolError.malformed('records in a circle')
    this.#records += list.length
    if (this.#records > RUN_RECORDS_MAX) throw new ProtocolError('overrun', 'records without end')
    this.#step(cursor)
  }

  #step(cursor: string): void {
    if (this.#mark !== null && ++this.#steps < this.#limit) return
    this.#limit = this.#mark === null ? 1 : this.#limit * 2
    this.#steps = 0
    this.#mark = cursor
  }
}

/** Questions for pages: at once a good many, then as many in a second as a disk likes to store. */
const PACE = { burst: 64, perSecond: 40 }
const LATER_MS = 100

/**
 * Sends `sync` no more often than is good for who asks: each page is stored at once, and a phone that says `changed` again and
 * again, or sends pages of one record, would have this side do nothing else. Of those that wait the last one counts.
 */
export class SyncPacing {
  readonly #say: (frame: Sync) => void
  readonly #bucket = new Bucket(PACE)
  #waiting: Sync | null = null

  constructor(say: (frame: Sync) => void) {
    this.#say = say
  }

  say(frame: Sync): void {
    if (this.#waiting === null && this.#bucket.take()) {
      this.#say(frame)
      return
    }
    if (this.#waiting === null) this.#later()
    this.#waiting = frame
  }

  #later(): void {
    setTimeout(() => {
      const frame = this.#waiting
      this.#waiting = null
      if (frame !== null) this.say(frame)
    }, LATER_MS)
  }
}
