import { SvelteSet } from 'svelte/reactivity'
import type { RecordFilter, RecordView, Selection, WindowApi } from '#electron/window-api.ts'
import { COUNTED_MAX, Pages } from '#desktop/shell/pages.svelte.ts'

/** What the person looks for among the records, and what of it is marked. */
export class RecordSearch {
  device = $state('')
  kind = $state('')
  text = $state('')
  sort = $state<RecordFilter['sort']>('newest')
  kinds = $state.raw<readonly { readonly kind: string; readonly count: number }[]>([])
  readonly pages: Pages<RecordView>
  /** All of them but these, or these alone. */
  #isAll = $state(false)
  readonly #keys = new SvelteSet<number>()
  readonly #api: WindowApi
  /** Not state: what is answered, or will be. */
  #asked = { filter: '', version: -1 }

  constructor(api: WindowApi) {
    this.#api = api
    this.pages = new Pages(
      (offset, limit) => api.findRecords({ ...this.filter, offset, limit }),
      () => (this.isFiltered ? 0 : this.#countAll()),
    )
  }

  get filter(): RecordFilter {
    const { device, kind, sort } = this
    const text = this.text.trim()
    return { sort, ...(device && { device }), ...(kind && { kind }), ...(text && { text }) }
  }

  get isFiltered(): boolean {
    return this.text.trim() !== '' || this.kind !== ''
  }

  /** `version`: of the records. What is looked for, or what there is: either asks anew. */
  async ask(filter: string, version: number): Promise<void> {
    // What is not on the list any more is not marked any more.
    if (filter !== this.#asked.filter) this.markAll(false)
    if (filter === this.#asked.filter && version === this.#asked.version) return
    this.#asked = { filter, version }
    await this.#refresh()
  }

  async #refresh(): Promise<void> {
    this.kinds = await this.#api.recordKinds(this.device || 'all')
    await this.pages.refresh()
  }

  isMarked(key: number): boolean {
    return this.#isAll !== this.#keys.has(key)
  }

  mark(key: number, on: boolean): void {
    if (on === this.#isAll) this.#keys.delete(key)
    else this.#keys.add(key)
  }

  markAll(on: boolean): void {
    this.#isAll = on
    this.#keys.clear()
  }

  get isEveryMarked(): boolean {
    return this.#isAll && this.#keys.size === 0
  }

  get marked(): number {
    return this.#isAll ? Math.max(0, this.count - this.#keys.size) : this.#keys.size
  }

  /** Of what is found; exact where it is known. */
  get count(): number {
    const { total } = this.pages
    return total > COUNTED_MAX && !this.isFiltered ? this.#countAll() : total
  }

  /** What an action is for: what is marked, else all that is found. */
  get selection(): Selection {
    if (!this.#isAll && this.#keys.size > 0) return { keys: [...this.#keys] }
    return { of: this.filter, without: [...this.#keys] }
  }

  #countAll(): number {
    return this.kinds.reduce((sum, { count }) => sum + count, 0)
  }
}
