import type { Records, SyncedRecord } from '#protocol/records.ts'

/** Says that a phone has all the room that one phone gets. */
export class QuotaFull extends Error {}

/** Keeps what phones have synced and what was transferred, in the app's one database. All calls are synchronous. */
export interface Store {
  readonly records: RecordsTable
  readonly history: HistoryTable
  /** What a person should hear about the file that was found: set aside, or nothing can be kept. Null: all is well. */
  readonly note: StoreNote | null
  close(): void
}

/**
 * `unreadable`, `newer`: the file was set aside under `name`, and a fresh one is in its place. `memory`: the disk refuses,
 * so nothing outlives this run.
 */
export type StoreNote =
  | { readonly what: 'unreadable' | 'newer'; readonly name: string }
  | { readonly what: 'memory'; readonly reason: string }

export type RecordSort = 'newest' | 'oldest' | 'title' | 'size'

export interface RecordFilter {
  /** Device.id; absent: all devices. */
  readonly device?: string | undefined
  /** Words, each of which must be found somewhere in the title or the text. */
  readonly text?: string | undefined
  readonly kind?: string | undefined
  readonly sort: RecordSort
}

export interface RecordQuery extends RecordFilter {
  readonly offset: number
  /** At most ROWS_MAX. */
  readonly limit: number
}

/** A record as a list shows it. */
export interface RecordRow {
  /** Names the record here, on this computer, as long as the phone has it. */
  readonly key: number
  readonly device: string
  readonly id: string
  readonly kind: string
  readonly title: string
  /** The first TEXT_SHOWN characters. */
  readonly text?: string
  readonly mime?: string
  readonly size?: number
  readonly thumbnail?: string
  readonly modified: number
}

export interface RecordPage {
  readonly rows: readonly RecordRow[]
  /** Exact up to TOTAL_MAX; TOTAL_MAX + 1 = more than that. */
  readonly total: number
}

export type KeptRecord = SyncedRecord & { readonly device: string }

export interface RecordsTable {
  /** Returns the cursor of this device's copy; '' = nothing is here. */
  cursor(device: string): string
  /** Merges a page and moves the cursor in one step. Throws when the disk does, and then nothing has changed. */
  keep(device: string, page: Records): void
  /** Replaces the copy by all that this device has, from an app that knows no cursor. */
  replaceAll(device: string, records: readonly SyncedRecord[]): void
  find(query: RecordQuery): RecordPage
  kinds(device?: string): readonly { readonly kind: string; readonly count: number }[]
  /** Returns whole records in the order of `keys`, at most WHOLE_MAX of them, without those that are gone. */
  whole(keys: readonly number[]): readonly KeptRecord[]
  /** Returns the keys of all that `find` would show, at most KEYS_MAX, in the same order. */
  keysOf(filter: RecordFilter): readonly number[]
  /** Deletes records here only: they stay away until the phone changes them. */
  hide(keys: readonly number[]): void
  forgetDevice(device: string): void
  count(device?: string): number
}

export interface HistoryEntry {
  readonly key: number
  /** When the transfer ended, ms since 1970. */
  readonly at: number
  readonly device: string
  readonly deviceName: string
  readonly direction: 'in' | 'out'
  readonly what: 'file' | 'text' | 'export'
  readonly name: string
  readonly size: number
  readonly lane?: string | undefined
  /** Milliseconds that the transfer took. */
  readonly ms?: number | undefined
  readonly result: 'done' | 'failed' | 'cancelled'
  readonly reason?: string | undefined
  readonly path?: string | undefined
  readonly sha256?: string | undefined
  readonly text?: string | undefined
}

export interface HistoryQuery {
  /** Words, each of which must be found in the name, the text or the device's name. */
  readonly text?: string | undefined
  readonly device?: string | undefined
  readonly offset: number
  readonly limit: number
}

export interface HistoryTable {
  add(entry: Omit<HistoryEntry, 'key'>): void
  /** Finds entries, newest first. */
  find(query: HistoryQuery): { readonly rows: readonly HistoryEntry[]; readonly total: number }
  one(key: number): HistoryEntry | undefined
  clear(): void
}

/** Rows of one answer. */
export const ROWS_MAX = 200
/** Matches that are counted one by one. */
export const TOTAL_MAX = 10_000
/** Records that `whole` gives at once. */
export const WHOLE_MAX = 1_000
/** Records that can be selected at once. */
export const KEYS_MAX = 100_000
/** Characters of a text that a row shows. */
export const TEXT_SHOWN = 300
/** Transfers that are remembered, of each direction. */
export const HISTORY_MAX = 10_000
