import * as v from 'valibot'
import {
  CURSOR_CHARS_MAX,
  EXPORT_IDS_MAX,
  MIME_CHARS_MAX,
  RECORD_ID_CHARS_MAX,
  RECORD_PAGE_MAX,
  RECORD_TEXT_CHARS_MAX,
  RECORD_TITLE_CHARS_MAX,
  TEXT_CHARS_MAX,
  THUMB_BYTES_MAX,
} from './limits.ts'
import { Time } from './times.ts'

/**
 * Synced records: what a phone publishes to the desktop, which keeps a replica. The desktop asks, page by page, so a page
 * is at the same time the receipt for the one before; the phone only says that there is something new. Texts that are sent at once, in either direction, are here too.
 */

const recordId = v.pipe(v.string(), v.minLength(1), v.maxLength(RECORD_ID_CHARS_MAX))
const ids = v.pipe(v.array(recordId), v.maxLength(EXPORT_IDS_MAX))
const cursor = v.pipe(v.string(), v.maxLength(CURSOR_CHARS_MAX))
/** Names an export or a text: 16 random bytes in lower-case hex. */
const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))

/**
 * One record. `kind` is one of RECORD_KINDS or whatever an app has. `modified` in ms since 1970: never smaller than that of
 * an earlier state of the same record, whatever the clock says, since the larger one is the newer one. `size` in bytes and
 * `mime` of what an export would bring. `thumbnail`: a JPEG, base64url. `deleted`: it is gone; the other fields are empty.
 */
export const SyncedRecord = v.object({
  id: recordId,
  kind: v.pipe(v.string(), v.minLength(1), v.maxLength(32)),
  title: v.pipe(v.string(), v.maxLength(RECORD_TITLE_CHARS_MAX)),
  text: v.optional(v.pipe(v.string(), v.maxLength(RECORD_TEXT_CHARS_MAX))),
  mime: v.optional(v.pipe(v.string(), v.maxLength(MIME_CHARS_MAX))),
  size: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  thumbnail: v.optional(v.pipe(v.string(), v.maxLength(Math.ceil((THUMB_BYTES_MAX * 4) / 3)), v.regex(/^[\w-]+$/))),
  modified: Time,
  deleted: v.optional(v.boolean()),
})
export type SyncedRecord = v.InferOutput<typeof SyncedRecord>

/** The kinds that both sides know by name. `clip`: something pasted. */
export const RECORD_KINDS = ['note', 'link', 'clip', 'file'] as const

/** Desktop: what changed since `cursor`; '' = all there is. Said again whenever the answer may be lost. */
export const Sync = v.object({ t: v.literal('sync'), cursor })
/**
 * Phone, after `sync`: the next of what changed after `since`, oldest change first, each record at most once and in its
 * last state. `cursor` stands after them. `more`: ask again, there is more by now. `fresh`: `since` was not understood (or
 * was ''), and this is the first page of all there is; what is on none of the pages up to the one without `more` is gone.
 */
export const Records = v.object({
  t: v.literal('records'),
  since: cursor,
  list: v.pipe(v.array(SyncedRecord), v.maxLength(RECORD_PAGE_MAX)),
  cursor,
  more: v.boolean(),
  fresh: v.boolean(),
})
/** Phone: something changed after the last page. */
export const Changed = v.object({ t: v.literal('changed') })
/**
 * Desktop: the files of these records, please, as a batch with this id. `more`: further ids follow in another frame of the
 * same id. No ids at all = every record that has a file. The same id again is the same export.
 */
export const Export = v.object({ t: v.literal('export'), id, ids, more: v.optional(v.boolean()) })
/** Phone, after `export`, before the batch: these cannot be given (any more). None of all: no batch follows. */
export const ExportMissing = v.object({ t: v.literal('export-missing'), id, ids, more: v.optional(v.boolean()) })
/** Either side: text or a link, for the person there. Said again until it is `text-ack`. */
export const Text = v.object({
  t: v.literal('text'),
  id,
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(TEXT_CHARS_MAX)),
})
/** The text is here, and stays. */
export const TextAck = v.object({ t: v.literal('text-ack'), id })

export type Records = v.InferOutput<typeof Records>
export type Sync = v.InferOutput<typeof Sync>
export type Export = v.InferOutput<typeof Export>
export type ExportMissing = v.InferOutput<typeof ExportMissing>
export type Text = v.InferOutput<typeof Text>
