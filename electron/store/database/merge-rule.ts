import type { SyncedRecord } from '#protocol/records.ts'
import { clean } from './search-text.ts'

/** The states of a record: shown, deleted here, or deleted by the phone. */
export const SHOWN = 0
export const HIDDEN = 1
export const GONE = 2
export type State = typeof SHOWN | typeof HIDDEN | typeof GONE

/** What is kept of a record, as the database can hold it. */
export interface Content {
  readonly kind: string
  readonly title: string
  readonly text: string | null
  readonly mime: string | null
  readonly size: number | null
  readonly thumbnail: string | null
}

/** A record as the database has it. */
export interface StoredRecord {
  readonly generation: number
  readonly state: State
  readonly modified: number
  readonly content: Content
}

/** What becomes of a record in a merge. */
export type Verdict = 'stay' | { readonly state: State; readonly content: Content }

/** The content of a deleted record. */
export const EMPTY: Content = { kind: '', title: '', text: null, mime: null, size: null, thumbnail: null }

export const contentOf = (record: SyncedRecord): Content => ({
  kind: clean(record.kind),
  title: clean(record.title),
  text: record.text === undefined ? null : clean(record.text),
  mime: record.mime === undefined ? null : clean(record.mime),
  size: record.size ?? null,
  thumbnail: record.thumbnail ?? null,
})

const spelled = ({ kind, title, text, mime, size, thumbnail }: Content): string =>
  JSON.stringify([kind, title, text, mime, size, thumbnail])

export const isSame = (one: Content, other: Content): boolean => spelled(one) === spelled(other)

/**
 * Decides what becomes of a record. Each fresh sync begins a generation, which tells all anew, so a state of an older one never
 * wins. Within a generation pages may come in any order and again: the larger `modified` wins, then a deletion, then what
 * is spelled larger, which means nothing but is the same everywhere. What was deleted here stays away until the phone
 * changes it.
 */
export function judge(kept: StoredRecord | undefined, record: SyncedRecord, generation: number): Verdict {
  const state = record.deleted === true ? GONE : SHOWN
  const content = state === GONE ? EMPTY : contentOf(record)
  if (kept === undefined) return { state, content }
  const hidden = kept.state === HIDDEN && state === SHOWN && record.modified === kept.modified
  if (hidden) return { state: HIDDEN, content: EMPTY }
  if (kept.generation === generation && !wins(kept, record.modified, state, content)) return 'stay'
  return { state, content }
}

function wins(kept: StoredRecord, modified: number, state: State, content: Content): boolean {
  if (modified !== kept.modified) return modified > kept.modified
  if (kept.state === GONE || state === GONE) return kept.state !== GONE
  return spelled(content) > spelled(kept.content)
}
