import * as v from 'valibot'
import type { PeerKind } from '#protocol/hub-events.ts'
import type { StoreNote as KeptNote } from '#store/database/types.ts'

/** The part of the window's contract that is about records, texts and history; see shell-api.ts. */

/** Rows of one answer, and keys in one selection: as many as the store gives (database/types.ts). */
export const ROWS_MAX = 200
const KEYS_MAX = 100_000
const EXCEPT_MAX = 20_000
/** Bytes of an image that was pasted: a screen of 8K without compression has half of that. */
export const PASTED_BYTES_MAX = 67_108_864

const words = v.optional(v.pipe(v.string(), v.maxLength(200)))
const device = v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64)))
const kind = v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(32)))
const sort = v.picklist(['newest', 'oldest', 'title', 'size'])
const offset = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const limit = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(ROWS_MAX))
const key = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** Which records, and in which order. */
export const RecordFilter = v.strictObject({ device, text: words, kind, sort })
export type RecordFilter = v.InferOutput<typeof RecordFilter>
export const RecordQuery = v.strictObject({ ...RecordFilter.entries, offset, limit })
export type RecordQuery = v.InferOutput<typeof RecordQuery>
export const HistoryQuery = v.strictObject({ device, text: words, offset, limit })
export type HistoryQuery = v.InferOutput<typeof HistoryQuery>

/** Some records by name, or all that a filter finds but some. */
export const Selection = v.union([
  v.strictObject({ keys: v.pipe(v.array(key), v.minLength(1), v.maxLength(KEYS_MAX)) }),
  v.strictObject({ of: RecordFilter, without: v.pipe(v.array(key), v.maxLength(EXCEPT_MAX)) }),
])
export type Selection = v.InferOutput<typeof Selection>

/** What texts are written as. */
export const TextFormat = v.picklist(['txt', 'json', 'csv'])
export type TextFormat = v.InferOutput<typeof TextFormat>

/** A record as the window lists it. */
export interface RecordView {
  readonly key: number
  readonly deviceId: string
  readonly kind: string
  readonly title: string
  /** Its beginning. */
  readonly text?: string
  readonly mime?: string
  /** Bytes that an export would bring. */
  readonly size?: number
  /** A small picture of it, as a data: URL. A foreign one; it may still not be one that can be shown. */
  readonly thumb?: string
  /** ms since 1970; 0 = not known. */
  readonly modified: number
  /** It is a link to a page that can be opened. */
  readonly isLink: boolean
}

/** A row of the history. Its path, if it has one, is known in the main process only. */
export interface HistoryView {
  readonly key: number
  /** When it ended, ms since 1970. */
  readonly at: number
  readonly deviceId: string
  readonly deviceName: string
  readonly direction: 'in' | 'out'
  readonly what: 'file' | 'text' | 'export'
  readonly name: string
  readonly size: number
  readonly lane?: string
  readonly ms?: number
  readonly result: 'done' | 'failed' | 'cancelled'
  readonly reason?: string
  /** Its beginning. */
  readonly text?: string
  readonly canShow: boolean
  readonly canAgain: boolean
}

/** `total`: exact up to 10,000; 10,001 = more than that. */
export interface Found<Row> {
  readonly rows: readonly Row[]
  readonly total: number
}

/** A phone that has records here. */
export interface Owner {
  readonly id: string
  readonly name: string
  readonly kind: PeerKind
  /** It is not on the list of phones any more. */
  readonly isGone: boolean
}

export interface StoreNote {
  readonly what: KeptNote['what']
}

/** Files of records that a phone is asked for. */
export interface ExportView {
  readonly id: string
  readonly deviceId: string
  readonly deviceName: string
  /** How many records; 0 = all that have a file. */
  readonly records: number
  /** `away`: the phone is, and somebody has to say whether to wait. `absent`: so many of them could not be given. `gone`: the phone was removed. */
  readonly state: 'away' | 'waiting' | 'asked' | 'absent' | 'gone'
  readonly absent: number
}

/** A text that came. */
export interface TextCard {
  readonly id: string
  readonly deviceId: string
  readonly deviceName: string
  /** Its beginning, if it is long. */
  readonly text: string
  readonly isCut: boolean
  readonly isLink: boolean
  /** It is on the clipboard already. */
  readonly copied: boolean
}

/** What became of an export: so many texts are in a file or folder of this name, so many files are asked for. */
export interface Exported {
  readonly texts: number
  readonly name: string
  readonly files: number
}

export interface AskResults {
  readonly findRecords: Found<RecordView>
  readonly recordKinds: readonly { readonly kind: string; readonly count: number }[]
  readonly readRecord: string
  /** False: it is no link that may be opened. */
  readonly openRecord: boolean
  readonly exportRecords: Exported
  readonly findHistory: Found<HistoryView>
  readonly historyShow: 'shown' | 'gone'
  readonly historyAgain: 'sent' | 'away' | 'gone'
}
