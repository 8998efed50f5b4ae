import { ProtocolError } from '#protocol/errors.ts'
import type { SyncFrame } from '#protocol/frames.ts'
import { EXPORT_IDS_MAX } from '#protocol/limits.ts'
import type { Export, Records } from '#protocol/records.ts'
import { Bucket, type Pace, Throttle } from '#transfer/rate-limit.ts'
import { BoundedMap } from '#transfer/bounded-map.ts'

/** What a publisher answers from. */
export interface RecordPages {
  /** Returns the next of what changed after `since`, within the bounds of a frame. */
  page(since: string): Omit<Records, 't' | 'since'>
}

type Absents = readonly string[] | null

/** What a publisher needs of the program around it. */
export interface RecordPublisherPorts {
  say(frame: SyncFrame): void
  readonly log: RecordPages
  /** How often a question for a page is answered; of those that are too many, the last one later. Absent = each at once. */
  readonly pace?: Pace
  /**
   * Sends what there is of these records as a batch with this id; `ids` null = all. Returns the ids that it has no file
   * for; null = there is nothing to send, and no batch follows. When it throws, that is the answer, too.
   */
  give(exportId: string, ids: readonly string[] | null): Absents | Promise<Absents>
}

/** Ids of one export, over all its frames. */
export const EXPORT_TOTAL_MAX = 100_000
/** Exports of which the first frames are here; a desktop asks for one after the other. */
const OPEN_MAX = 16
const EACH = { burst: Number.MAX_SAFE_INTEGER, perSecond: 1_000 }
/** Exports that begin: each may be all files that there are. More are asked for again at the next greeting. */
const EXPORTS = { burst: 128, perSecond: 4 }
/** Exports that are remembered, so that asked for again they are not given again. */
const ANSWERED_MAX = 64

/** Those of which the absent records are said again when control frames may be lost. */
const ABSENT_MAX = 8

/** Publishes a phone's records: answers `sync` from its log, and each export once, however often it is asked for. */
export class RecordPublisher {
  readonly #ports: RecordPublisherPorts
  /** The replica has all there was; if not, it asks by itself. */
  #isCurrent = false
  /** `changed` was said, and not asked since. */
  #isTold = false
  /** What came so far of exports that take several frames. */
  readonly #open = new BoundedMap<string, Set<string>>(OPEN_MAX)
  readonly #answers = new BoundedMap<string, Promise<Absents>>(ANSWERED_MAX)
  /** What was told to be absent: once its batch has begun nobody asks again, so it is said again. */
  readonly #absent = new BoundedMap<string, readonly string[]>(ABSENT_MAX)

  readonly #begun = new Bucket(EXPORTS)
  /** Where the replica stands. A page is up to 262,144 bytes for a question of forty. */
  #since = ''
  readonly #answerSync: Throttle

  constructor(ports: RecordPublisherPorts) {
    this.#ports = ports
    this.#answerSync = new Throttle(() => {
      this.#onSync()
    }, ports.pace ?? EACH)
  }

  /** Called after each `hello`, and whenever control frames may have been lost. */
  greeted(): void {
    if (this.#isTold) this.#ports.say({ t: 'changed' })
    for (const [id, ids] of this.#absent) this.#sayAbsent(id, ids)
  }

  /** Tells that there is something new in the log, once until the replica asks. */
  changed(): void {
    if (!this.#isCurrent) return
    this.#isCurrent = false
    this.#isTold = true
    this.#ports.say({ t: 'changed' })
  }

  /** Takes a frame. Throws ProtocolError at what no replica says. */
  receive(frame: SyncFrame): void {
    if (frame.t === 'sync') {
      this.#since = frame.cursor
      this.#answerSync.ask()
    } else if (frame.t === 'export') this.#onExport(frame)
  }

  #onSync(): void {
    const since = this.#since
    const page = this.#ports.log.page(since)
    this.#isTold = false
    this.#isCurrent = !page.more
    this.#ports.say({ t: 'records', since, ...page })
  }

  #onExport({ id, ids, more = false }: Export): void {
    const asked = this.#open.get(id) ?? new Set()
    for (const one of ids) asked.add(one)
    if (asked.size > EXPORT_TOTAL_MAX) throw new ProtocolError('overrun', 'export of too many')
    if (more) this.#open.set(id, asked)
    else void this.#answer(id, [...asked])
  }

  async #answer(id: string, asked: readonly string[]): Promise<void> {
    this.#open.delete(id)
    const known = this.#answers.get(id)
    if (known === undefined && !this.#begun.take()) return
    const answer = known ?? this.#give(id, asked)
    this.#answers.set(id, answer)
    const absent = (await answer) ?? asked
    if (absent.length === 0 && (await answer) !== null) return
    this.#absent.set(id, absent)
    this.#sayAbsent(id, absent)
  }

  async #give(id: string, asked: readonly string[]): Promise<Absents> {
    try {
      return await this.#ports.give(id, asked.length === 0 ? null : asked)
    } catch {
      return null
    }
  }

  #sayAbsent(id: string, ids: readonly string[]): void {
    for (const part of inParts(ids)) this.#ports.say({ t: 'export-missing', id, ...part })
  }
}

/** Ids as they go into frames: none at all are one frame, too. */
export function inParts(ids: readonly string[]): { readonly ids: string[]; readonly more?: true }[] {
  const parts: { ids: string[]; more?: true }[] = []
  for (let at = 0; at === 0 || at < ids.length; at += EXPORT_IDS_MAX) {
    const isLast = at + EXPORT_IDS_MAX >= ids.length
    parts.push({ ids: ids.slice(at, at + EXPORT_IDS_MAX), ...(!isLast && { more: true as const }) })
  }
  return parts
}
