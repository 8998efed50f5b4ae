import type { AddressChoice } from '#hub/address-choice.ts'
import type { Reason } from '#protocol/errors.ts'
import type { PeerKind, Role } from '#protocol/hub-events.ts'
import type { StoreNote as KeptNote } from '#store/database/store.ts'
import type { KeptTest } from '#store/device-store.ts'
import type { FileNote } from '#store/json-file.ts'
import type { FileKind, FolderSetting, SettingValues } from '#store/setting-rows.ts'
import type { LaneKind } from '#transfer/lane.ts'
import type { LeftOut } from '#transfer/left-out.ts'
import type { TestStep } from '#transfer/measuring/link-test.ts'
import type { BatchView, TransferView } from '#transfer/transfer-view.ts'

export type { AddressChoice, FileNote, KeptTest, TestStep }

/** What the window shows: what is going on, the settings, and newer versions. */
export interface AppState extends CoreState {
  readonly settings: SettingsView
  readonly update: UpdateView
}

/** What is going on. */
export interface CoreState {
  readonly hub: { readonly url: string; readonly token: string }
  /** What the QR shows; null while there is no network. */
  readonly link: { readonly id: string; readonly text: string } | null
  /** The address in the link, for people to read and type. */
  readonly address: { readonly host: string; readonly port: number } | null
  readonly addresses: readonly AddressChoice[]
  /** Networks around them that are not private, as `address/bits`: phones come from there too. */
  readonly networks: readonly string[]
  /** Connections that were refused because they came from another network, and where the last one came from. */
  readonly strangers: { readonly count: number; readonly last: string }
  /** The window can't reach the hub on this computer. */
  readonly isStuck: boolean
  /** Every link that the window must keep registered, the one on the screen included. */
  readonly hosted: readonly HostedLink[]
  readonly devices: readonly DeviceView[]
  /** Legacy apps that wait for an answer, oldest first. */
  readonly legacyQuestions: readonly LegacyQuestion[]
  /** Newest first. */
  readonly transfers: readonly ListedTransfer[]
  /** Newest first. Those of a large one have no row of their own unless they failed. */
  readonly batches: readonly ListedBatch[]
  /** Phones with records here, also those that are not on the list any more. */
  readonly owners: readonly Owner[]
  /** Count up when there is something new to ask for. */
  readonly recordsVersion: number
  readonly historyVersion: number
  /** There is something in the history. */
  readonly hasHistory: boolean
  /** What became of the file with records and history that was found. */
  readonly storeNote: StoreNote | null
  /** What became of saved files that could not be read or written. */
  readonly fileNotes: readonly FileNote[]
  /** Files of records that phones are asked for. */
  readonly exports: readonly ExportView[]
  /** Texts that came in this run, newest first. */
  readonly texts: readonly TextCard[]
  /** What became of what a person sent last, where no row says it. */
  readonly sendNote: SendNoteView | null
  /** Files and folders from outside of the window that wait for a phone. */
  readonly handed: HandedView | null
  /** Newest first. What is on the list as a transfer is not here too. */
  readonly unfinished: readonly UnfinishedView[]
  /** Last part of the inbox folder's path, to tell people where files are. */
  readonly inboxName: string
  /** At its path is another folder than the one that files landed in: they wait until a person says `useInbox`. */
  readonly isOtherInbox: boolean
  /** This computer's name. */
  readonly name: string
}

/** A pairing link that the window keeps registered at the hub, so that its phone can join and come back. */
export interface HostedLink {
  readonly id: string
  readonly uid: string
}

/** An app of 2018 that waits to be let in. */
export interface LegacyQuestion {
  readonly id: string
  readonly address: string
  readonly role: Role
}

export interface DeviceView {
  readonly id: string
  /** Cleaned; may be empty, then the kind says what it is. */
  readonly name: string
  readonly kind: PeerKind
  /** `connecting`: at the hub, no lane yet. `away`: it was here; it can come back on its link. */
  readonly state: 'connecting' | 'here' | 'away'
  /** Why there is no connection although the device is at the hub. */
  readonly trouble?: Reason
  /** An absent device's: ms since 1970. */
  readonly lastSeen?: number
  /** Its files are taken without asking. Never true of legacy apps. */
  readonly autoAccept: boolean
  /** What the bytes of files travel on while it is here. */
  readonly lane?: LaneKind
  /** It takes texts. */
  readonly texts: boolean
  /** Its texts go on the clipboard at once. Never true of legacy apps. */
  readonly clipboard: boolean
  /** Texts for it that it has not got yet. */
  readonly unheard: number
  /** The last text a legacy app wanted a person to see. */
  readonly notice?: string
  /** Of its connection; absent where it can't be tested. */
  readonly test?: ConnectionTestView
}

/** What is measured of a connection, and was before. */
export interface ConnectionTestView {
  /** What is measured now; null: nothing is. */
  readonly step: TestStep | null
  /** The last one did not come to its end, as files moved or the connection changed. */
  readonly isCut: boolean
  /** Oldest first. */
  readonly kept: readonly KeptTest[]
}

export interface ListedTransfer extends Omit<TransferView, 'path'> {
  readonly deviceId: string
  readonly deviceName: string
  /** There is a file to show. */
  readonly canShow: boolean
  readonly canRetry: boolean
  /** It waits for a yes or a no at this computer. */
  readonly asks: boolean
  /** While it asks: a small picture of it as a data: URL. A foreign one; it may still not be one that can be shown. */
  readonly thumb?: string
}

/** Its `id`, like the `batch` of its files, is unique over all devices. */
export interface ListedBatch extends BatchView {
  readonly deviceId: string
  readonly deviceName: string
  /** There is a folder to show. */
  readonly canShow: boolean
}

/** `empty`: there was nothing in it. `nothing`: none of it can be sent. `some`: the rest of it is sent. */
export interface SendNoteView extends LeftOut {
  readonly what: 'empty' | 'nothing' | 'some'
}

/** What the command line, a file manager or the dock handed over, while it is open which phone gets it. */
export interface HandedView {
  readonly count: number
  /** Of the first. */
  readonly name: string
  /** Those among which a person is to choose, the last used first; null: the first phone that comes gets it. */
  readonly phones: readonly string[] | null
}

/** What is kept of a file that did not arrive whole: it goes on when its phone offers it again. */
export interface UnfinishedView {
  readonly key: string
  readonly deviceId: string
  readonly name: string
  /** Bytes: of all of it, and of what is here. */
  readonly size: number
  readonly kept: number
  /** When the last of it came, in ms since 1970. */
  readonly at: number
}

/**
 * How this copy of the program gets newer. `self`: it replaces itself. `page`: it says that there is a newer one, and where;
 * `why` is what keeps it from more. `none`: it does not look.
 */
export type UpdateWay =
  | { readonly way: 'self' }
  | { readonly way: 'page'; readonly why: 'package-manager' | 'archive' | 'read-only' | 'unsigned' | 'misplaced' }
  | { readonly way: 'none'; readonly why: 'development' | 'no-feed' }

/** Why looking for, fetching or installing a newer version failed. */
export type UpdateFailure = 'offline' | 'no-answer' | 'wrong-hash' | 'disk' | 'failed'

/** Where things stand with a newer version. `percent`: 0 to 100. */
export type UpdateState =
  | { readonly state: 'disabled'; readonly why: Extract<UpdateWay, { way: 'none' }>['why'] }
  /** `looked`: there was no newer one when it last looked. */
  | { readonly state: 'idle'; readonly looked: boolean }
  | { readonly state: 'checking' }
  | { readonly state: 'available'; readonly version: string }
  | { readonly state: 'downloading'; readonly version: string; readonly percent: number }
  | { readonly state: 'ready'; readonly version: string }
  | { readonly state: 'failed'; readonly at: 'check' | 'download' | 'install'; readonly why: UpdateFailure }

/** What the window shows of newer versions. */
export interface UpdateView {
  /** Of this copy. */
  readonly version: string
  readonly way: UpdateWay
  readonly now: UpdateState
}

/** A folder for people: never its path. */
export interface FolderView {
  /** The last parts of its path. */
  readonly name: string
  /** It is not there: its drive may be away. Files wait for it. */
  readonly isGone: boolean
}

/** The settings as the window shows them. */
export interface SettingsView extends Omit<SettingValues, FolderSetting> {
  readonly inbox: FolderView
  /** It is the one of a first start. */
  readonly isInboxDefault: boolean
  /** Those that have a folder of their own. */
  readonly kindFolders: Readonly<Partial<Record<FileKind, FolderView>>>
  readonly phoneFolders: Readonly<Record<string, FolderView>>
  /** What this computer is called unless a person says otherwise. */
  readonly systemName: string
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
