import type { TalkPage } from '../talk-page.ts'
import type { TextLog } from './messages.svelte.ts'
import type { Notes } from './notes.svelte.ts'

/** What the components of this script show. */
export interface Shown {
  readonly model: TalkPage
  readonly notes: Notes
  readonly texts: TextLog
}
