import { ProtocolError } from '#protocol/errors.ts'
import type { SyncFrame } from '#protocol/frames.ts'
import type { Records } from '#protocol/records.ts'

/** What a keeper needs of the program around it. */
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
 * The desktop's side of one device's records. Asks for a page, stores it, asks for the next. What it knows is the cursor of
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

  /** The other side greeted, or words may be lost for another reason. `hasRecords`: it may be asked. */
  greeted(hasRecords: boolean): void {
    this.#isAsking = false
    this.#run = new Run()
    if (hasRecords) this.#ask()
  }

  /** Throws ProtocolError at what no origin says. */
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
