import * as v from 'valibot'
import type { AppState } from './app-state.ts'
import type { Examination } from '#electron/doctor/evidence.ts'
import type { Wifi } from '#electron/shell/wifi.ts'
import type { LaneWish } from '#protocol/frames.ts'
import { TEXT_CHARS_MAX } from '#protocol/limits.ts'
import {
  FileKind,
  SETTINGS,
  type FolderSetting,
  type LegacyPolicy,
  type SettingKey,
  type SettingValue,
} from '#store/setting-rows.ts'

export type { Examination, FileKind, LaneWish, LegacyPolicy, SettingKey, SettingValue }

/**
 * The whole contract between the window and the main process. The window shows an AppState (app-state.ts) and asks for
 * verbs; it holds no truth of its own, never sees a path and never names one. Each verb is one row:
 * main checks the arguments with the schema, and a missing handler is a compile error. What is too much for the state,
 * records and history, the window asks for (ASKS); the state says when to ask again.
 */

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const rowId = v.pipe(v.string(), v.minLength(1), v.maxLength(128))
const path = v.pipe(v.string(), v.minLength(1), v.maxLength(32_768))
const name = v.pipe(v.string(), v.maxLength(32_768))
/** Of a record, or of a row of the history. */
const key = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** Rows of one answer, and keys in one selection: as many as the store gives (database/store.ts). */
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

const FOLDER_SETTINGS: readonly string[] = ['inbox', 'kindFolders', 'phoneFolders'] satisfies readonly FolderSetting[]
/** A setting that the page sets, and its new value. */
export type SettingChange = {
  [K in Exclude<SettingKey, FolderSetting>]: [key: K, value: SettingValue<K>]
}[Exclude<SettingKey, FolderSetting>]

function isSettingChange(value: unknown): value is SettingChange {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [key, wanted] = value as unknown[]
  if (typeof key !== 'string' || !Object.hasOwn(SETTINGS, key) || FOLDER_SETTINGS.includes(key)) return false
  return v.is(SETTINGS[key as SettingKey].schema, wanted)
}

/** Whose files a chosen folder is for: all, those of a kind, or those of a phone. */
export const FolderFor = v.variant('of', [
  v.strictObject({ of: v.literal('all') }),
  v.strictObject({ of: v.literal('kind'), kind: FileKind }),
  v.strictObject({ of: v.literal('phone'), deviceId: id }),
])
export type FolderFor = v.InferOutput<typeof FolderFor>

const pasted = v.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.length > 0 && value.length <= PASTED_BYTES_MAX,
)

/** Pages of the system's own settings that the window opens. */
const SystemPage = v.picklist(['firewall', 'network'])
export type SystemPage = v.InferOutput<typeof SystemPage>

export const VERBS = {
  /** The state as it is now. */
  state: v.strictTuple([]),
  /** Puts the pairing link on the clipboard. */
  copyLink: v.strictTuple([]),
  /** Opens the system's file dialog and sends what is chosen to the device. */
  chooseFiles: v.strictTuple([id]),
  /** The same for folders: on Windows and Linux no dialog offers both. */
  chooseFolder: v.strictTuple([id]),
  /**
   * Preload only: the paths of files and folders that a person dropped or picked, for the device; and the names of those
   * that have none.
   */
  sendPaths: v.strictTuple([
    id,
    v.pipe(v.array(path), v.maxLength(10_000)),
    v.pipe(v.array(name), v.maxLength(10_000)),
  ]),
  /** Ends a moving transfer, or all that moves of a batch. */
  cancel: v.strictTuple([id]),
  /** Holds a moving transfer up, or lets it go on. */
  pause: v.strictTuple([rowId, v.boolean()]),
  /** Puts a file that waits before all others of its device. */
  sendFirst: v.strictTuple([rowId]),
  /** Sends again what failed or was cancelled on its way out. */
  retry: v.strictTuple([id]),
  /** Shows a received file, or the folder of a batch, in the system's file manager. */
  showInFolder: v.strictTuple([id]),
  /** Begins to drag a received file, or the folder of a batch, into another program. */
  dragOut: v.strictTuple([rowId]),
  /** Deletes what is kept of a file that did not arrive whole. */
  removeUnfinished: v.strictTuple([v.pipe(v.string(), v.minLength(1), v.maxLength(256))]),
  /** Opens the inbox folder. */
  openInbox: v.strictTuple([]),
  /** The folder that is at the inbox's path now is the one that files are to land in. */
  useInbox: v.strictTuple([]),
  /** Takes finished transfers off the list; the files stay. */
  clearFinished: v.strictTuple([]),
  /** Sets a setting, from now on. */
  setSetting: v.custom<SettingChange>(isSettingChange),
  /** Opens the system's dialog for a folder where these files are to land. */
  pickFolder: v.strictTuple([FolderFor]),
  /** These files land as if no folder had been picked for them. */
  resetFolder: v.strictTuple([FolderFor]),
  /** Lets the app of this question in, or not. */
  answerLegacy: v.strictTuple([id, v.boolean()]),
  /** Takes these files that wait for a yes, or refuses them. */
  answerFiles: v.strictTuple([v.pipe(v.array(rowId), v.maxLength(1_000)), v.boolean()]),
  /** Sends what was handed over from outside of the window to these devices, or to nobody. */
  sendHanded: v.strictTuple([v.pipe(v.array(id), v.minLength(1), v.maxLength(1_000))]),
  dropHanded: v.strictTuple([]),
  /** Whether the device's files are taken without asking. Legacy devices always ask. */
  setAutoAccept: v.strictTuple([id, v.boolean()]),
  /** What a person calls the device; '' = as it calls itself. */
  rename: v.strictTuple([id, v.pipe(v.string(), v.maxLength(256))]),
  /** Tests how fast the connection to the device is; or ends that test. */
  testConnection: v.strictTuple([id, v.boolean()]),
  /** Takes the device off the list: it is cut off at once and has to scan again. */
  revoke: v.strictTuple([id]),
  /** The texts of these records, on the clipboard. */
  copyRecords: v.strictTuple([Selection]),
  /** Deletes these records here; they stay away until their phone changes them. */
  hideRecords: v.strictTuple([Selection]),
  /** Deletes all records of a phone that is not on the list any more. */
  forgetRecords: v.strictTuple([id]),
  /** An export whose phone is away: do it when the phone is back (or now, if it is), or drop it. */
  waitForPhone: v.strictTuple([id, v.boolean()]),
  /** Shows what the last export wrote here. */
  showExported: v.strictTuple([]),
  /** Sends text or a link to the device; it gets there when the device is back. */
  sendText: v.strictTuple([id, v.pipe(v.string(), v.minLength(1), v.maxLength(TEXT_CHARS_MAX))]),
  /** Sends the text that is on the clipboard. */
  sendClipboard: v.strictTuple([id]),
  /** Preload only: an image that was pasted and is no file. */
  sendPasted: v.strictTuple([id, pasted]),
  /** Whether text from the device goes on the clipboard at once. */
  setClipboard: v.strictTuple([id, v.boolean()]),
  /** A text that came: on the clipboard, its link opened, or off the screen. */
  copyText: v.strictTuple([id]),
  openText: v.strictTuple([id]),
  dismissText: v.strictTuple([id]),
  /** Puts the report that was shown last on the clipboard. */
  copyReport: v.strictTuple([]),
  /** Opens a page of the system's settings, where a person changes what the program may not. */
  openSystemPage: v.strictTuple([SystemPage]),
  /** Looks for a newer version, fetches what was found, ends and starts it, or opens the page where it is. */
  updateLook: v.strictTuple([]),
  updateGet: v.strictTuple([]),
  updateRestart: v.strictTuple([]),
  updatePage: v.strictTuple([]),
  /** Forgets the history; files stay. */
  historyClear: v.strictTuple([]),
  /** The text of this row, on the clipboard. */
  historyCopy: v.strictTuple([key]),
} as const satisfies Record<string, v.GenericSchema>
export type Verb = keyof typeof VERBS
export type VerbArgs<V extends Verb> = v.InferOutput<(typeof VERBS)[V]>

/** What the window asks for and gets an answer to; the answers are AskResults. */
export const ASKS = {
  findRecords: v.strictTuple([RecordQuery]),
  /** Of a device, or of `all`. */
  recordKinds: v.strictTuple([id]),
  /** The whole text of a record. */
  readRecord: v.strictTuple([key]),
  /** Opens the link that a record is in the browser. */
  openRecord: v.strictTuple([key]),
  /** Writes texts into the inbox, asks phones for files. */
  exportRecords: v.strictTuple([Selection, TextFormat]),
  findHistory: v.strictTuple([HistoryQuery]),
  /** Shows the file of a row in the system's file manager. */
  historyShow: v.strictTuple([key]),
  /** Sends what a row has sent once more. */
  historyAgain: v.strictTuple([key]),
  /** Puts a received file, or the folder of a batch, on the clipboard, as a file manager would. */
  copyFile: v.strictTuple([rowId]),
  /** Puts a received picture on the clipboard, as a picture. */
  copyPicture: v.strictTuple([rowId]),
  /** Looks at what keeps phones from this computer. */
  examine: v.strictTuple([]),
  /** Asks the system for the Wi-Fi and its password, which may ask the person. */
  wifi: v.strictTuple([]),
  /** Writes a report for whoever helps, without names, addresses, paths and secrets. */
  report: v.strictTuple([]),
} as const satisfies Record<keyof AskResults, v.GenericSchema>
export type Ask = keyof typeof ASKS
export type AskArgs<A extends Ask> = v.InferOutput<(typeof ASKS)[A]>

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

/** What became of an export: so many texts are in a file or folder of this name, so many files are asked for. */
export interface Exported {
  readonly texts: number
  readonly name: string
  readonly files: number
}

/** What became of a copy. `refused`: the system did not take it, or can't be believed. */
export type Copied = 'copied' | 'gone' | 'refused'

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
  readonly copyFile: Copied
  readonly copyPicture: Copied
  readonly examine: Examination
  readonly wifi: Wifi
  readonly report: string
}

/** What the tray or a notice has the window show. */
export type Reveal = 'code' | 'settings'

/** What preload puts into the page as `window.lanyard`. */
export type WindowApi = {
  [V in Exclude<Verb, 'sendPaths' | 'sendPasted' | 'state'>]: (...args: VerbArgs<V>) => Promise<void>
} & {
  [A in Ask]: (...args: AskArgs<A>) => Promise<AskResults[A]>
} & {
  state(): Promise<AppState>
  /** Sends files and folders that a person picked; what has no path is named as left out. */
  sendFiles(deviceId: string, files: File[]): Promise<void>
  /** The same for what was pasted or dropped: images that are no files have no path, and go as they are. */
  pasteFiles(deviceId: string, files: File[]): Promise<void>
  /** Whether it is a file or a folder of this computer; a picture on the clipboard is not. */
  isOnDisk(file: File): boolean
  /** Calls back when the main process wants something shown; returns its undo. */
  onReveal(listener: (what: Reveal) => void): () => void
  /** Calls back with every new state; returns its undo. */
  onState(listener: (state: AppState) => void): () => void
}

/** Channel names of Electron's IPC. */
export const IPC = {
  verb: (verb: Verb | Ask): string => `app:${verb}`,
  changed: 'app:changed',
  reveal: 'app:reveal',
  linkPort: 'app:link-port',
} as const

/** The page hands preload one end of a MessageChannel for a hosted link by `window.postMessage`. */
export const LinkPortHandover = v.object({ lanyard: v.literal('link-port'), linkId: id })
