import { stat } from 'node:fs/promises'
import { parse } from 'node:path'
import type { Settings } from '#store/settings.ts'
import type { FolderView, SettingsView } from './app-state.ts'

/** Parts of a path that people tell a folder by. */
const PARTS_SHOWN = 2

/** ms in which the folders are looked at once: the window is told far more often. */
const LOOK_EVERY_MS = 3_000

export interface ShownSettingsOptions {
  readonly settings: Settings
  /** Where files land while no folder was picked. */
  readonly initialInbox: string
  /** What the system calls this computer. */
  readonly systemName: string
  /** A folder has gone, or is back. */
  readonly onChange: () => void
}

/** Makes of the settings what the window shows: folders by name, and whether they are there. */
export class ShownSettings {
  readonly #options: ShownSettingsOptions
  /** Folders that were not there when they were looked at last. */
  #gone: ReadonlySet<string> = new Set()
  #lookedAt = -Infinity
  #isLooking = false

  constructor(options: ShownSettingsOptions) {
    this.#options = options
  }

  view(): SettingsView {
    void this.#look()
    const { settings, initialInbox, systemName: system } = this.#options
    const { inbox, kindFolders, phoneFolders, ...rest } = settings.now
    return {
      ...rest,
      inbox: this.#folder(inbox || initialInbox),
      isInboxDefault: inbox === '',
      kindFolders: this.#folders(kindFolders),
      phoneFolders: this.#folders(phoneFolders),
      systemName: system,
    }
  }

  #folders(folders: Readonly<Partial<Record<string, string>>>): Record<string, FolderView> {
    const named = Object.entries(folders).flatMap(([key, path]) => (path === undefined ? [] : [[key, path] as const]))
    return Object.fromEntries(named.map(([key, path]) => [key, this.#folder(path)]))
  }

  /** Names a folder for people; a path never reaches the page. */
  #folder(path: string): FolderView {
    const { root } = parse(path)
    const parts = path.slice(root.length).split(/[/\\]/).filter(Boolean)
    return { name: parts.slice(-PARTS_SHOWN).join(' › ') || root, isGone: this.#gone.has(path) }
  }

  /** Looks at the folders without waiting for them: a drive of the network may take its time. */
  async #look(): Promise<void> {
    if (this.#isLooking || performance.now() - this.#lookedAt < LOOK_EVERY_MS) return
    this.#isLooking = true
    const { settings, initialInbox, onChange } = this.#options
    const { inbox, kindFolders, phoneFolders } = settings.now
    const paths = [inbox || initialInbox, ...Object.values(kindFolders), ...Object.values(phoneFolders)]
    const found = await Promise.all(paths.map(async (path = '') => ((await isFolder(path)) ? [] : [path])))
    const before = [...this.#gone].join()
    this.#gone = new Set(found.flat())
    this.#lookedAt = performance.now()
    this.#isLooking = false
    if ([...this.#gone].join() !== before) onChange()
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  )
