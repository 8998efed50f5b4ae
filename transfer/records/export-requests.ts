import { ProtocolError } from '#protocol/errors.ts'
import type { SyncFrame } from '#protocol/frames.ts'
import type { ExportMissing } from '#protocol/records.ts'
import { BoundedMap } from '#transfer/bounded-map.ts'
import { EXPORT_TOTAL_MAX, inParts } from './record-publisher.ts'

/** What export requests need of the program around them. */
export interface ExportRequestsPorts {
  say(frame: SyncFrame): void
  /** 32 characters of hex from a good source of randomness. */
  newId(): string
  /** These were asked for and can't be given; each is told once. No ids: there was nothing to give at all. */
  onAbsent(exportId: string, ids: readonly string[]): void
}

interface Asked {
  /** Empty = every record that has a file. */
  readonly ids: ReadonlySet<string>
  readonly absent: Set<string>
}

/** Exports that wait for a phone that is away. */
const WAITING_MAX = 64
/** Exports whose files may still come. */
const OURS_MAX = 128

/**
 * Requests exports: asks a phone for the files of records, and asks again at each greeting until their batch is
 * announced. The id of an export is that of its batch.
 */
export class ExportRequests {
  readonly #ports: ExportRequestsPorts
  readonly #waiting = new Set<string>()
  readonly #ours = new BoundedMap<string, Asked>(OURS_MAX)

  constructor(ports: ExportRequestsPorts) {
    this.#ports = ports
  }

  /** Exports that have not begun, oldest first. */
  get waiting(): readonly string[] {
    return [...this.#waiting]
  }

  /** Asks now, and at greetings until it begins. Returns the export's id. Throws RangeError when it is too much. */
  ask(ids: readonly string[]): string {
    if (ids.length > EXPORT_TOTAL_MAX) throw new RangeError(`an export has at most ${EXPORT_TOTAL_MAX} records`)
    if (this.#waiting.size >= WAITING_MAX) throw new RangeError(`${WAITING_MAX} exports wait already`)
    const id = this.#ports.newId()
    this.#waiting.add(id)
    this.#ours.set(id, { ids: new Set(ids), absent: new Set() })
    this.#say(id)
    return id
  }

  /** Drops an export that nobody waits for any more. Files of it that still come are not ours then. */
  forget(id: string): void {
    this.#waiting.delete(id)
    this.#ours.delete(id)
  }

  /** Called after each `hello`, and whenever control frames may have been lost: asks again for what has not begun. */
  greeted(): void {
    for (const id of this.#waiting) this.#say(id)
  }

  /** Called when a batch is announced; returns whether it was asked for here. */
  begun(batchId: string): boolean {
    this.#waiting.delete(batchId)
    return this.isOurs(batchId)
  }

  /** Whether files of this batch were asked for here. */
  isOurs(batchId: string): boolean {
    return this.#ours.has(batchId)
  }

  /** Takes a frame. Throws ProtocolError at what no publisher says. */
  receive(frame: SyncFrame): void {
    if (frame.t !== 'export-missing') return
    const asked = this.#ours.get(frame.id)
    if (asked === undefined) return
    const news = frame.ids.filter((id) => takeAbsent(asked, id))
    const isNothing = isNoneLeft(asked, frame) && this.#waiting.delete(frame.id)
    if (isNothing || news.length > 0) this.#ports.onAbsent(frame.id, news)
  }

  #say(id: string): void {
    const ids = [...(this.#ours.get(id)?.ids ?? [])]
    for (const part of inParts(ids)) this.#ports.say({ t: 'export', id, ...part })
  }
}

/** Whether it was asked for, and not known to be absent yet. */
function takeAbsent({ ids, absent }: Asked, id: string): boolean {
  if (absent.has(id) || (ids.size > 0 && !ids.has(id))) return false
  if (absent.size >= EXPORT_TOTAL_MAX) throw new ProtocolError('overrun', 'absent without end')
  absent.add(id)
  return true
}

/** No batch follows: all that was asked for is absent; or all there is was asked for, and there is nothing. */
const isNoneLeft = ({ ids, absent }: Asked, frame: ExportMissing): boolean =>
  ids.size > 0 ? absent.size === ids.size : frame.ids.length === 0 && frame.more !== true
