import type { Found } from '#electron/shell-api.ts'

/** Rows of one question; main gives at most twice as many. */
const PAGE = 100
/** Pages that are kept: those near the screen. A hundred thousand rows are never all here. */
const KEPT = 12
/** The largest total that is counted one by one. */
export const COUNTED_MAX = 10_000

/** A long list of which only what is on the screen is here. */
export class Pages<Row> {
  /** As main says it: COUNTED_MAX + 1 = more than that. */
  total = $state(0)
  /** Rows that there is room for on the screen: all there are, as far as is known. */
  extent = $state(0)
  /** The first answer is here. */
  isLoaded = $state(false)
  #pages = $state.raw<ReadonlyMap<number, readonly Row[]>>(new Map())
  readonly #ask: (offset: number, limit: number) => Promise<Found<Row>>
  readonly #known: () => number
  #first = 0
  #last = 0
  /** Answers to earlier questions are of no use. */
  #run = 0
  #isBusy = false
  #isStale = false
  readonly #loading = new Set<number>()

  /** `known`: how many there are, where another source tells; else 0. */
  constructor(ask: (offset: number, limit: number) => Promise<Found<Row>>, known: () => number = () => 0) {
    this.#ask = ask
    this.#known = known
  }

  at(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE]
  }

  /** The question or the answer has changed. One at a time: while somebody types, only the last one counts. */
  async refresh(): Promise<void> {
    this.#isStale = true
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      while (this.#isStale) await this.#reload()
    } finally {
      this.#isBusy = false
    }
  }

  /** These are on the screen now. */
  need(first: number, last: number): void {
    this.#first = first
    this.#last = last
    for (const page of this.#visible()) if (!this.#pages.has(page)) void this.#load(page)
  }

  async #reload(): Promise<void> {
    this.#isStale = false
    this.#run++
    const pages = new Map<number, readonly Row[]>()
    let found = await this.#ask(0, PAGE)
    pages.set(0, found.rows)
    for (const page of this.#visible()) {
      if (page === 0 || page * PAGE >= found.total) continue
      found = await this.#ask(page * PAGE, PAGE)
      pages.set(page, found.rows)
    }
    if (this.#isStale) return
    this.#loading.clear()
    this.#pages = pages
    this.total = found.total
    this.extent = found.total > COUNTED_MAX ? Math.max(found.total, this.#known()) : found.total
    this.isLoaded = true
  }

  async #load(page: number): Promise<void> {
    if (this.#loading.has(page)) return
    this.#loading.add(page)
    const run = this.#run
    try {
      const { rows } = await this.#ask(page * PAGE, PAGE)
      if (run === this.#run) this.#put(page, rows)
    } catch {
      // It is asked for again when it comes into sight once more.
    } finally {
      this.#loading.delete(page)
    }
  }

  #put(page: number, rows: readonly Row[]): void {
    const near = [...this.#pages].filter(([other]) => Math.abs(other - page) < KEPT)
    this.#pages = new Map([...near, [page, rows]])
    if (this.total <= COUNTED_MAX) return
    // How many there are shows as one gets there.
    const end = page * PAGE + rows.length
    if (rows.length < PAGE) this.extent = end
    else this.extent = Math.max(this.extent, end + PAGE)
  }

  #visible(): number[] {
    const pages: number[] = []
    for (let page = Math.floor(this.#first / PAGE); page * PAGE <= this.#last; page++) pages.push(page)
    return pages
  }
}
