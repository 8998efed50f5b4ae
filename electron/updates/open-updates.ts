import { app, shell } from 'electron'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EndReason } from '#electron/shell/lifecycle.ts'
import type { UpdateView } from '#electron/app-state.ts'
import type { Handlers } from '#electron/ipc.ts'
import { updateWayOf } from './update-way.ts'
import { Updates, type Updater } from './updates.ts'

/** Ends the program for an update; `handOff` takes the place of leaving. */
export type QuitForUpdate = (handOff: () => void) => void

export interface OpenUpdatesOptions {
  /** Whether a newer version is fetched without a click. */
  readonly isQuiet: () => boolean
  /** Whether files are on their way, which no restart may cut. */
  readonly isMoving: () => boolean
  readonly quit: QuitForUpdate
  readonly onChange: () => void
  readonly log: (line: string) => void
}

/** Newer versions of this app, as the window and the app's end need them. */
export interface AppUpdates {
  readonly view: () => UpdateView
  readonly handlers: Pick<Handlers, 'updateLook' | 'updateGet' | 'updateRestart' | 'updatePage'>
  /** The program ends, for a reason. */
  readonly ends: (reason: EndReason | null) => void
}

/** Nothing that is asked of it can come: there is no way to a newer version. */
const NO_UPDATER: Updater = {
  check: () => Promise.resolve(null),
  download: () => Promise.resolve(),
  keepForLater: () => undefined,
  installAndRestart: () => undefined,
}

/** Starts to look for newer versions, if this copy may. Electron must be ready. */
export async function openUpdates(options: OpenUpdatesOptions): Promise<AppUpdates> {
  // A place of updates for development: a package looks only where its release says.
  const config = app.isPackaged ? undefined : process.env['LANYARD_UPDATE_CONFIG']
  const { version, homepage, signed } = manifest()
  const way = updateWayOf({
    platform: process.platform,
    isPackaged: app.isPackaged || config !== undefined,
    resources: config === undefined ? process.resourcesPath : dirname(config),
    program: process.execPath,
    appImage: process.env['APPIMAGE'],
    isSigned: signed,
  })
  const { isQuiet, isMoving, quit, onChange, log } = options
  const updater = way.way === 'none' ? NO_UPDATER : await loadUpdater(log, config)
  const updates = new Updates({ way, updater, isQuiet, onChange })
  updates.start()
  return {
    view: () => ({ version, way, now: updates.state }),
    handlers: {
      updateLook: () => updates.check(),
      updateGet: () => updates.download(),
      updateRestart: () => {
        if (updates.state.state === 'ready' && !isMoving()) quit(() => updates.install())
      },
      updatePage: () => {
        void shell.openExternal(`${homepage}/releases/latest`)
      },
    },
    ends: (reason) => {
      updates.ends(reason)
    },
  }
}

/** Loads electron-updater, which most starts of this app never need. */
async function loadUpdater(log: (line: string) => void, config: string | undefined): Promise<Updater> {
  const { electronUpdater } = await import('./electron-updater.ts')
  return electronUpdater(log, config)
}

/** What the package says of itself. `signed` is written by `npm run dist`, and only where it is not. */
function manifest(): { readonly version: string; readonly homepage: string; readonly signed: boolean } {
  const { homepage, signed } = JSON.parse(readFileSync(join(app.getAppPath(), 'package.json'), 'utf8')) as {
    homepage: string
    signed?: boolean
  }
  return { version: app.getVersion(), homepage, signed: signed !== false }
}
