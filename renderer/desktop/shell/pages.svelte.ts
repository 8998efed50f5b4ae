import type { Found } from '#electron/window-api.ts'

/** Rows of one question; main gives at most twice as many. */
const PAGE = 100
/** Pages on each side of the screen that are kept. A hundred thousand rows are never all here. */
const NEAR = 12
/** The largest total that is counted one by one. */
export const COUNTED_MAX = 10_000

type Rows<Row> = Readonly<Record<number, readonly Row[]>>

/** A long list of which only what is on the screen is here. */
export class Pages<Row> {
  /** As main says it: COUNTED_MAX + 1 = more than that. */
  total = $state(0)
  /** Rows that there is room for on the screen: all there are, as far as is known. */
  extent = $state(0)
  /** The first answer is here. */
  isLoaded = $state(false)
  #pages = $state.raw<Rows<Row>>({})
  readonly #ask: (offset: number, limit: number) => Promise<Found<Row>>
  readonly #known: () => number
  #first = 0
  #last = 0
  /** The question that counts; answers to earlier ones are of no use. */
  #run = 0
  #isBusy = false
  #loading: readonly number[] = []

  /** `known`: how many there are, where another source tells; else 0. */
  constructor(ask: (offset: number, limit: number) => Promise<Found<Row>>, known: () => number = () => 0) {
    this.#ask = ask
    this.#known = known
  }

  at(index: number): Row | undefined {
    return this.#pages[Math.floor(index / PAGE)]?.[index % PAGE]
  }

  /** The question or the answer has changed. One is asked at a time: while somebody types, only the last one counts. */
  async refresh(): Promise<void> {
    this.#run++
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      let run: number
      do {
        run = this.#run
        await this.#reload(run)
      } while (!this.#counts(run))
    } finally {
      this.#isBusy = false
    }
  }

  /** These are on the screen now. */
  need(first: number, last: number): void {
    this.#first = first
    this.#last = last
    for (const page of this.#visible()) if (this.#pages[page] === undefined) void this.#load(page)
  }

  #counts(run: number): boolean {
    return run === this.#run
  }

  async #reload(run: number): Promise<void> {
    const start = await this.#ask(0, PAGE)
    const pages: Record<number, readonly Row[]> = { 0: start.rows }
    for (const page of this.#visible()) {
      if (page > 0 && page * PAGE < start.total) pages[page] = (await this.#ask(page * PAGE, PAGE)).rows
    }
    if (!this.#counts(run)) return
    this.#loading = []
    this.#pages = pages
    this.total = start.total
    this.extent = start.total > COUNTED_MAX ? Math.max(start.total, this.#known()) : start.total
    this.isLoaded = true
  }

  async #load(page: number): Promise<void> {
    if (this.#loading.includes(page)) return
    this.#loading = [...this.#loading, page]
    const run = this.#run
    try {
      const { rows } = await this.#ask(page * PAGE, PAGE)
      if (this.#counts(run)) this.#put(page, rows)
    } catch {
      // It is asked for again when it comes into sight once more.
    } finally {
      this.#loading = this.#loading.filter((other) => other !== page)
    }
  }

  #put(page: number, rows: readonly Row[]): void {
    const near = Object.entries(this.#pages).filter(([other]) => Math.abs(Number(other) - page) <= NEAR)
    this.#pages = { ...Object.fromEntries(near), [page]: rows }
    if (this.total <= COUNTED_MAX) return
    // How many there are shows as one gets there.
    const end = page * PAGE + rows.length
    this.extent = rows.length < PAGE ? end : Math.max(this.extent, end + PAGE)
  }

  #visible(): number[] {
    const first = Math.floor(this.#first / PAGE)
    const last = Math.floor(Math.max(this.#first, this.#last) / PAGE)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  }
}
