import type { KeptDevices } from '#store/device-store.ts'
import type { FileNote, Kept } from '#store/json-file.ts'
import type { Clocks } from './devices/calendar.ts'
import type { NewDevicePreferences } from './devices/preferences.ts'
import type { Store } from '#store/database/store.ts'
import type { KnownOwner } from '#store/owners.ts'
import type { Unsent } from '#store/unsent.ts'
import type { Reason } from '#protocol/errors.ts'
import type { LegacyPolicy } from '#store/setting-rows.ts'
import type { LaneWish } from '#protocol/frames.ts'
import type { OpenSource } from '#transfer/source.ts'
import type { AppEvent } from './app-events.ts'
import type { Network } from './devices/shown-link.ts'
import type { Responder } from './prompts.ts'
import type { LandingFolders } from './transfers/landing-folders.ts'

/** Phones that are kept between runs. */
export interface KeptPhones extends Kept<KeptDevices> {
  /** False while there may be phones that could not be read; what is kept for them stays. */
  readonly knowsAll: () => boolean
}

/** What the core needs of the world around it. */
export interface CoreOptions {
  /** Folder where received files land; it may be away. */
  readonly inbox: string
  /** Where files land now, asked at each; all in `inbox` unless given. */
  readonly landing?: () => LandingFolders
  /** The program's own folder. */
  readonly data: string
  /** This computer's name, as phones see it. */
  readonly name: string
  readonly network: Network
  /** Lets the window hold role 0 at the hub. */
  readonly token: string
  /** The computer's clocks unless given. */
  readonly clocks?: Partial<Clocks>
  /** ms between two looks at a disk that holds files up; a few seconds unless given. */
  readonly lookAtDiskMs?: number
  /** ms of filler each way in a test of a connection; three seconds unless given. */
  readonly testMs?: number
  /** Which lane the bytes of files take; the faster one unless given. */
  readonly lane?: LaneWish
  /** What holds for a phone that joins for the first time; its files are taken unless given. */
  readonly newPhones?: () => NewDevicePreferences
  /** For apps that prove nothing; `ask` unless given. */
  readonly legacy?: LegacyPolicy
  /** Who answers questions; the window unless given. */
  readonly person?: Responder
  /** Phones, with the app's own calendar; nowhere unless given. */
  readonly phones?: KeptPhones
  /** What a person should know of saved files; nothing unless given. */
  readonly fileNotes?: () => readonly FileNote[]
  /** Where records and the history are kept; nowhere unless given. */
  readonly store?: Store
  /** What phones with records are called; nowhere unless given. */
  readonly owners?: Kept<readonly KnownOwner[]>
  /** Puts a text on the system's clipboard. Returns whether it is there, as far as can be known. */
  readonly toClipboard?: (text: string) => Promise<boolean>
  /** What has not reached phones; nowhere unless given. */
  readonly unsent?: Kept<readonly Unsent[]>
  /** Networks around this computer's addresses that are not private, as `address/bits`. */
  readonly networks?: () => readonly string[]
  /** This computer's name on the local network; none unless given. */
  readonly localName?: string
  readonly onEvent: (event: AppEvent) => void
  /** The state changed, or only how far transfers are; called often. */
  readonly onChange: (what: 'state' | 'progress') => void
}

/** Offers files to a phone's browser as downloads over plain http (hub/downloads.ts). */
export interface DownloadHost {
  offer(file: {
    readonly deviceId: string
    readonly name: string
    readonly size: number
    readonly mtime: number
    readonly etag: string
    open(): Promise<OpenSource>
    onProgress(bytes: number): void
    onDone(): void
    onGone(reason: Reason): void
  }): { readonly path: string; readonly revoke: () => void }
  revokeDevice(deviceId: string): void
}

/** What the hub does for the core. */
export interface CoreHub {
  readonly port: number
  /** Ends the phone's place on a link, and says why. */
  expel(uid: string, code: Reason): void
  readonly downloads: DownloadHost | null
}
