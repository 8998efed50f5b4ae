import type { HistoryView, WindowApi } from '#electron/window-api.ts'
import { Pages } from '#desktop/shell/pages.svelte.ts'

/** What the person looks for in the history. */
export class HistorySearch {
  text = $state('')
  readonly pages: Pages<HistoryView>
  /** Not state: the question that is answered, or will be. */
  #asked = ''

  constructor(api: WindowApi) {
    this.pages = new Pages((offset, limit) => {
      const text = this.text.trim()
      return api.findHistory({ offset, limit, ...(text && { text }) })
    })
  }

  /** `question`: what is looked for and in what; the same once more is answered already. */
  async ask(question: string): Promise<void> {
    if (question === this.#asked) return
    this.#asked = question
    await this.pages.refresh()
  }
}
