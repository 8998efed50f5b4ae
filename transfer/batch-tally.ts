import type { Batch } from '#protocol/frames.ts'
import { type BatchView, SHOWN_SINGLY_MAX, type TransferView } from './transfer-view.ts'
import type { LeftOut } from './left-out.ts'

const NOTHING: LeftOut = { skipped: 0 }

/** Batches that are over and still listed. */
const OVER_MAX = 50
/** Batches of the other side that go on: more than it may have files in flight. One of which nothing moves makes room. */
const COMING_MAX = 512

/** Counts the files of batches, so that nobody need keep a row for each of ten thousand. */
export class BatchTally {
  readonly #tallies = new Map<string, Tally>()
  /** Of them, by id: those that are over, and those of the other side that are not. Looked through, never searched in all. */
  readonly #over = new Set<string>()
  readonly #coming = new Set<string>()

  /** Adds a batch; one that is known stays as it is. */
  add(batch: Pick<Batch, 'id' | 'name' | 'files' | 'bytes'>, direction: 'in' | 'out', left: LeftOut = NOTHING): void {
    if (this.#tallies.has(batch.id)) return
    const tally = new Tally(batch, direction, left)
    this.#tallies.set(batch.id, tally)
    if (direction === 'in') this.#coming.add(batch.id)
    if (this.#coming.size > COMING_MAX) this.#dropIdle(batch.id)
  }

  /** Counts one of its files, as it is now. */
  put(view: TransferView): void {
    const { batch = '' } = view
    const tally = this.#tallies.get(batch)
    if (tally === undefined) return
    tally.put(view)
    this.#sort(batch, tally)
  }

  /** Whether the file needs a row of its own: it is not one of very many, or it is, and a person should see it. */
  isShownSingly(view: TransferView): boolean {
    const tally = view.batch === undefined ? undefined : this.#tallies.get(view.batch)
    return tally === undefined || tally.files <= SHOWN_SINGLY_MAX || view.state === 'failed'
  }

  /** Returns the batch of very many files that has ended with this one of them, as far as is known by now. */
  endedWith(view: TransferView): BatchView | null {
    const tally = this.#tallies.get(view.batch ?? '')
    return tally !== undefined && tally.files > SHOWN_SINGLY_MAX && tally.isOver ? tally.view() : null
  }

  has(id: string): boolean {
    return this.#tallies.has(id)
  }

  /** Counts the rest of a batch as called off. */
  cancel(id: string): void {
    const tally = this.#tallies.get(id)
    if (tally === undefined) return
    tally.cancel()
    this.#sort(id, tally)
  }

  clearOver(): void {
    for (const id of this.#over) this.#drop(id)
  }

  /** Newest first. A batch of few files is told by its files while it goes on, and has its receipt after. */
  get views(): BatchView[] {
    return [...this.#tallies.values()]
      .filter(({ files, isOver, isMore }) => files > SHOWN_SINGLY_MAX || (isOver && isMore))
      .map((tally) => tally.view())
      .reverse()
  }

  /** Keeps the lists of what is over and what is coming; those that ended first go first. */
  #sort(id: string, { isOver, direction }: Tally): void {
    if (!isOver) this.#over.delete(id)
    else {
      this.#over.add(id)
      this.#coming.delete(id)
    }
    if (!isOver && direction === 'in') this.#coming.add(id)
    for (const oldest of this.#over) {
      if (this.#over.size <= OVER_MAX) return
      this.#drop(oldest)
    }
  }

  /** Drops the one that has stood still for the longest time; no file keeps it, so its rest, should it come, is shown file by file. */
  #dropIdle(newest: string): void {
    for (const id of this.#coming) {
      if (id === newest || this.#tallies.get(id)?.isIdle === false) continue
      this.#drop(id)
      return
    }
  }

  #drop(id: string): void {
    this.#tallies.delete(id)
    this.#over.delete(id)
    this.#coming.delete(id)
  }
}

class Tally {
  readonly files: number
  readonly direction: 'in' | 'out'
  readonly #batch: Pick<Batch, 'id' | 'name' | 'bytes'>
  readonly #left: LeftOut
  /** Files that are in flight. */
  readonly #moving = new Map<string, TransferView>()
  readonly #ends = { done: 0, failed: 0, cancelled: 0 }
  #verified = 0
  #already = 0
  #bytes = 0
  #calledOff = false

  constructor(batch: Pick<Batch, 'id' | 'name' | 'files' | 'bytes'>, direction: 'in' | 'out', left: LeftOut) {
    this.files = batch.files
    this.#left = left
    this.#batch = batch
    this.direction = direction
  }

  /** Nothing of it is in flight. */
  get isIdle(): boolean {
    return this.#moving.size === 0
  }

  get isOver(): boolean {
    const { done, failed, cancelled } = this.#ends
    return this.isIdle && (this.#calledOff || done + failed + cancelled >= this.files)
  }

  /** There is more to be told than its one file tells. */
  get isMore(): boolean {
    return this.files > 1 || this.#left.skipped > 0
  }

  put(view: TransferView): void {
    if (view.state === 'moving') {
      this.#moving.set(view.id, view)
      return
    }
    this.#moving.delete(view.id)
    this.#ends[view.state]++
    if (view.state !== 'done') return
    this.#bytes += view.total
    if (view.proof === 'verified') this.#verified++
    if (view.already === true) this.#already++
  }

  cancel(): void {
    this.#calledOff = true
  }

  view(): BatchView {
    const moving = [...this.#moving.values()]
    const { id, name, bytes: total } = this.#batch
    const { done, failed } = this.#ends
    const held = moving.length > 0 && moving.every(({ phase }) => phase === 'paused') ? moving[0]?.paused : undefined
    return {
      id,
      direction: this.direction,
      name,
      files: this.files,
      done,
      failed,
      already: this.#already,
      ...this.#left,
      verified: this.#verified,
      bytes: Math.min(
        total,
        moving.reduce((sum, { bytes }) => sum + bytes, this.#bytes),
      ),
      total,
      state: this.#state(),
      phase: held === undefined ? 'sending' : 'paused',
      ...(held && { paused: held }),
    }
  }

  #state(): BatchView['state'] {
    if (!this.isOver) return 'moving'
    if (this.#ends.failed > 0) return 'failed'
    return this.#ends.cancelled > 0 || this.#calledOff ? 'cancelled' : 'done'
  }
}
