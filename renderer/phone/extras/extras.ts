import type { SyncFrame } from '#protocol/frames.ts'
import type { PickedFiles } from '#phone/folder-pick.ts'
import type { PhoneModel } from '#phone/model.ts'
import type { PageStore } from '#phone/page-store.ts'
import type { TextLog } from './text-log.svelte.ts'
import type { Notes } from './notes.svelte.ts'

/**
 * What this page has beside files: records that it offers, and texts both ways. It is a script of its own (extras/), asked
 * for once the computer has greeted; without it files go all the same.
 */
export interface Extras {
  greeted(takesTexts: boolean): void
  receive(frame: SyncFrame): void
  /** A small JPEG of a picture; null where this browser can't show it. */
  thumbnail(file: File): Promise<Uint8Array | null>
}

/** What it needs of the page. */
export interface ExtrasPage extends PhoneModel {
  say(frame: SyncFrame): void
  /** Names the link, and with it what is kept for it. */
  readonly uid: string
  /** Where it keeps what a reload shall find; another one once it is remembered. */
  readonly store: PageStore
  /** Sends what was picked or dropped; `batch`: which the computer has asked for. */
  sendPicked(picked: PickedFiles, batch?: string): void
}

/** What the components of this script show. */
export interface Shown {
  readonly model: ExtrasPage
  readonly notes: Notes
  readonly texts: TextLog
}
