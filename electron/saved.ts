import { BrowserWindow, clipboard, safeStorage } from 'electron'
import { join } from 'node:path'
import { calendarOf } from '#core/devices/calendar.ts'
import type { Core } from '#core/core.ts'
import type { CoreOptions } from '#core/core-options.ts'
import { openStore } from '#store/database/open-store.ts'
import { DeviceStore, type Sealer } from '#store/device-store.ts'
import { codeOf } from '#store/disk-file.ts'
import type { FileNote } from '#store/json-file.ts'
import { ownersFile, type KnownOwner } from '#store/owners.ts'
import type { SettingValues } from '#store/setting-rows.ts'
import { Settings } from '#store/settings.ts'
import { unsentFile, type Unsent } from '#store/unsent.ts'
import { FileNotes } from './file-notes.ts'
import { isClipboardOurs } from './shell/file-clipboard.ts'
import type { Reporter } from './terminal.ts'

/** ms between two tries to read or write what the disk refused. */
const RETRY_EVERY_MS = 5_000

/** What of a core's options is kept between runs. */
type SavedOptions = Required<Pick<CoreOptions, 'phones' | 'unsent' | 'owners' | 'store' | 'toClipboard' | 'fileNotes'>>

interface Retried {
  /** Tries again what the disk refused. */
  readonly retry: () => Promise<unknown>
}

/** All that is kept between runs. */
export interface Saved {
  readonly kept: SavedOptions
  readonly settings: Settings
  /** Opens what is kept of the core's files, and goes on trying what the disk refuses. Returns what ends that. */
  readonly start: (core: Core) => Promise<() => void>
}

/** Gives the core what could be read only after it was made. */
type Late = (act: (core: Core) => void) => void

/**
 * Opens the saved files of a data folder. What can't be read or written is told to `report` and shown in the window. `given`:
 * settings of the command line.
 */
export async function openSaved(data: string, given: Partial<SettingValues>, report: Reporter): Promise<Saved> {
  const notes = new FileNotes(report)
  let core: Core | null = null
  const late: Late = (act) => {
    if (core !== null) act(core)
  }
  const settings = await Settings.open(join(data, 'settings.json'), { given, onNotes: notes.look })
  notes.add(settings)
  const phones = await openPhones(data, notes, late)
  const lists = await openLists(data, notes, late)
  const inbox = new InboxStart(notes.look)
  notes.add(inbox)
  const retries = [() => settings.retry(), phones.retry, lists.retry]
  return {
    kept: { ...phones.kept, ...lists.kept, ...openLibrary(data, report), fileNotes: () => notes.all() },
    settings,
    start: async (made) => {
      core = made
      notes.onChange = () => {
        made.changed()
      }
      await inbox.start(made)
      return again([...retries, () => inbox.retry(made)])
    },
  }
}

/** What is known of files that came in earlier runs, which is read when the inbox starts. */
class InboxStart {
  notes: readonly FileNote[] = []
  readonly #onNotes: () => void

  constructor(onNotes: () => void) {
    this.#onNotes = onNotes
  }

  /** Before any phone is heard: one that comes back asks at once what is here of its files, and which have landed. */
  async start(core: Core): Promise<void> {
    try {
      await core.inbox.start()
      await core.phoneData.start()
      this.notes = []
    } catch (error) {
      const { cause = error } = error as Error
      this.notes = [{ file: 'transfers', what: 'unread', detail: codeOf(cause) || String(cause) }]
    }
    this.#onNotes()
  }

  async retry(core: Core): Promise<void> {
    if (this.notes.length > 0) await this.start(core)
  }
}

/** Phones of earlier runs, and how to keep those of this one. */
async function openPhones(
  data: string,
  notes: FileNotes,
  late: Late,
): Promise<Retried & { readonly kept: Pick<SavedOptions, 'phones'> }> {
  const store = new DeviceStore(join(data, 'devices.json'), {
    sealer: systemSealer,
    onLate: (found) => {
      late((core) => {
        core.recallPhones(found)
      })
    },
    onNotes: notes.look,
  })
  const found = await store.load()
  notes.add(store)
  return {
    kept: {
      phones: {
        earlier: { ...found, calendar: calendarOf(found) },
        save: (now) => store.save(now).catch(() => undefined),
        knowsAll: () => store.knowsAll,
      },
    },
    retry: () => store.retry(),
  }
}

/** What an earlier run had on its way to phones, and what phones with records were called. */
async function openLists(
  data: string,
  notes: FileNotes,
  late: Late,
): Promise<Retried & { readonly kept: Pick<SavedOptions, 'unsent' | 'owners'> }> {
  const unsent = unsentFile(join(data, 'unsent.json'), {
    onLate: (found) => {
      late((core) => {
        core.recallUnsent(found ?? [])
      })
    },
    onNotes: notes.look,
  })
  const owners = ownersFile(join(data, 'owners.json'), {
    onLate: (found) => {
      late((core) => {
        core.recallOwners(found ?? [])
      })
    },
    onNotes: notes.look,
  })
  const kept = {
    unsent: { earlier: (await unsent.load()) ?? [], save: (now: readonly Unsent[]) => unsent.save(now) },
    owners: {
      earlier: (await owners.load()) ?? [],
      save: (now: readonly KnownOwner[]) => owners.save(now).catch(() => undefined),
    },
  }
  for (const file of [unsent, owners]) notes.add(file)
  return { kept, retry: () => Promise.all([unsent.retry(), owners.retry()]) }
}

/** Records and history of earlier runs, and where texts go. */
function openLibrary(data: string, report: Reporter): Pick<SavedOptions, 'store' | 'toClipboard'> {
  const store = openStore(join(data, 'lanyard.db'), (line) => {
    report({ event: 'error', code: 'store', message: line })
  })
  return {
    store,
    toClipboard: async (text) => {
      await clipboard.writeText(text)
      return isClipboardOurs(BrowserWindow.getFocusedWindow())
    },
  }
}

/** Does all of them now and then, each again when it is through. */
function again(retries: readonly Retried['retry'][]): () => void {
  const timer = setInterval(() => {
    for (const retry of retries) void retry()
  }, RETRY_EVERY_MS).unref()
  return () => {
    clearInterval(timer)
  }
}

/** Returns the system's keychain as a sealer; null while the system offers none. Electron must be ready. */
export function systemSealer(): Sealer | null {
  /* eslint-disable @typescript-eslint/no-deprecated -- their successors are asynchronous, and the fallback runtime lacks them */
  if (!safeStorage.isEncryptionAvailable()) return null
  return { seal: (text) => safeStorage.encryptString(text), open: (sealed) => safeStorage.decryptString(sealed) }
  /* eslint-enable @typescript-eslint/no-deprecated */
}
