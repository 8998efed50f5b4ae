import type { HistoryView, ShellApi } from '#electron/shell-api.ts'
import { Pages } from './pages.svelte.ts'

/** What the person looks for in the history. */
export class HistorySearch {
  text = $state('')
  readonly pages: Pages<HistoryView>

  constructor(api: ShellApi) {
    this.pages = new Pages((offset, limit) => {
      const text = this.text.trim()
      return api.findHistory({ offset, limit, ...(text && { text }) })
    })
  }
}
