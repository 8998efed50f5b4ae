import type { ExtrasPage } from './extras.ts'
import type { TextLog } from './text-log.svelte.ts'
import type { Notes } from './notes.svelte.ts'

/** What the components of this script show. */
export interface Shown {
  readonly model: ExtrasPage
  readonly notes: Notes
  readonly texts: TextLog
}
