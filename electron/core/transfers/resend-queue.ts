import type { Unsent, UnsentFile, UnsentText } from '#store/unsent.ts'
import { Debounce } from '#transfer/debounce.ts'

/** Files and texts that are remembered at most; a zip counts as what is in it. */
const THINGS_MAX = 10_000
/** Milliseconds: ends that come within it are written down together. A file that is offered once more costs nothing. */
const ENDS_WITHIN_MS = 500

const isFile = (one: Unsent): one is UnsentFile => 'local' in one
const isText = (one: Unsent): one is UnsentText => 'text' in one
const countOf = (one: Unsent): number => (isFile(one) && one.local.kind === 'zip' ? one.local.spots.length : 1)

/** What is on its way to phones that can come back, so that it goes on also after a crash, or in the next run. */
export class ResendQueue {
  readonly #save: (things: readonly Unsent[]) => Promise<void>
  readonly #things = new Map<string, Unsent>()
  #count = 0
  #isSaved = true
  #saving: Promise<void> = Promise.resolve()
  readonly #soon = new Debounce(() => void this.flush())

  /** `earlier`: of the run before. */
  constructor(save: (things: readonly Unsent[]) => Promise<void>, earlier: readonly Unsent[]) {
    this.#save = save
    for (const one of earlier) this.#put(one)
  }

  /** Files for a device, in the order in which they were sent. */
  filesFor(device: string): UnsentFile[] {
    return this.#for(device).filter(isFile)
  }

  /** Texts for it, in that order. */
  textsFor(device: string): UnsentText[] {
    return this.#for(device).filter(isText)
  }

  /** Takes what an earlier run kept and could be read only now. Returns what is new here, before which nothing is dropped. */
  addEarlier(things: readonly Unsent[]): Unsent[] {
    const fresh = things.filter((one) => !this.#things.has(keyOf(one)))
    this.add(fresh)
    return fresh
  }

  /** What is too much is sent all the same, and not remembered. */
  add(things: readonly Unsent[]): void {
    for (const one of things) this.#put(one)
    this.#changed(0)
  }

  /** It has come to an end. A text that is said once more is heard once more, so that is written down at once. */
  drop(device: string, id: string): void {
    const key = keyOf({ device, id })
    const one = this.#things.get(key)
    if (one !== undefined && this.#remove(key)) this.#changed(isText(one) ? 0 : ENDS_WITHIN_MS)
  }

  /** The rest of the batch was called off. */
  dropBatch(device: string, batch: string): void {
    for (const one of this.filesFor(device)) if (one.batch?.id === batch) this.drop(device, one.id)
  }

  /** The devices of these ids can come back; no other can. */
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
    await this.#save([...this.#things.values()]).catch(() => undefined)
  }
}

const keyOf = ({ device, id }: Pick<Unsent, 'device' | 'id'>): string => `${device}-${id}`
