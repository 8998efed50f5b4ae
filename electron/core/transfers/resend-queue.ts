import type { Kept } from '#store/json-file.ts'
import type { Unsent, UnsentFile, UnsentText } from '#store/unsent.ts'
import { Debounce } from '#transfer/debounce.ts'
import { rowId } from '#core/ids.ts'

/** Files and texts that are remembered at most; a zip counts as what is in it. */
const THINGS_MAX = 10_000
/** Milliseconds: ends that come within it are written down together. A file that is offered once more costs nothing. */
const ENDS_WITHIN_MS = 500

const isFile = (one: Unsent): one is UnsentFile => 'local' in one
const isText = (one: Unsent): one is UnsentText => 'text' in one
const countOf = (one: Unsent): number => (isFile(one) && one.local.kind === 'zip' ? one.local.spots.length : 1)

/** Keeps what is to reach phones that can come back, so that it is sent again after a crash, or in the next run. */
export class ResendQueue {
  readonly #kept: Kept<readonly Unsent[]>
  readonly #things = new Map<string, Unsent>()
  #count = 0
  #isSaved = true
  #saving: Promise<void> = Promise.resolve()
  readonly #soon = new Debounce(() => void this.flush())

  constructor(kept: Kept<readonly Unsent[]>) {
    this.#kept = kept
    for (const one of kept.earlier) this.#put(one)
  }

  /** Returns the files for a device, in the order in which they were sent. */
  filesFor(device: string): UnsentFile[] {
    return this.#for(device).filter(isFile)
  }

  /** Returns the texts for a device, in that order. */
  textsFor(device: string): UnsentText[] {
    return this.#for(device).filter(isText)
  }

  /** Takes what an earlier run kept and could be read only now. Returns what is new here, before which nothing is dropped. */
  addEarlier(things: readonly Unsent[]): Unsent[] {
    const fresh = things.filter((one) => !this.#things.has(keyOf(one)))
    this.add(fresh)
    return fresh
  }

  /** Adds what is sent. What is too much is sent all the same, and not remembered. */
  add(things: readonly Unsent[]): void {
    for (const one of things) this.#put(one)
    this.#changed(0)
  }

  /** Drops what has ended. A text that is sent again is received twice, so its end is persisted at once. */
  drop(device: string, id: string): void {
    const key = keyOf({ device, id })
    const one = this.#things.get(key)
    if (one !== undefined && this.#remove(key)) this.#changed(isText(one) ? 0 : ENDS_WITHIN_MS)
  }

  /** Drops the rest of a batch that was cancelled. */
  dropBatch(device: string, batch: string): void {
    for (const one of this.filesFor(device)) if (one.batch?.id === batch) this.drop(device, one.id)
  }

  /** Drops what is for any other device: only these can come back. */
  keepOnly(devices: ReadonlySet<string>): void {
    for (const [key, { device }] of this.#things) if (!devices.has(device) && this.#remove(key)) this.#changed(0)
  }

  /** Resolves when what is remembered is on disk, or can't be. */
  flush(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write())
    return this.#saving
  }

  #for(device: string): Unsent[] {
    return [...this.#things.values()].filter((one) => one.device === device)
  }

  #put(one: Unsent): void {
    this.#remove(keyOf(one))
    if (this.#count + countOf(one) > THINGS_MAX) return
    this.#things.set(keyOf(one), one)
    this.#count += countOf(one)
  }

  #remove(key: string): boolean {
    const there = this.#things.get(key)
    if (there !== undefined) this.#count -= countOf(there)
    return this.#things.delete(key)
  }

  #changed(withinMs: number): void {
    this.#isSaved = false
    this.#soon.within(withinMs)
  }

  async #write(): Promise<void> {
    if (this.#isSaved) return
    this.#isSaved = true
    // What is not on disk goes out all the same in this run.
    await this.#kept.save([...this.#things.values()]).catch(() => undefined)
  }
}

const keyOf = ({ device, id }: Pick<Unsent, 'device' | 'id'>): string => rowId(device, id)
