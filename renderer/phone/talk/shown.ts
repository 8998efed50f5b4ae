import type { PhoneModel } from '../model.ts'
import type { TextLog } from './messages.svelte.ts'
import type { Notes } from './notes.svelte.ts'

/** What the components of this script show. */
export interface Shown {
  readonly model: PhoneModel
  readonly notes: Notes
  readonly texts: TextLog
}
