import { app, type BrowserWindow } from 'electron'
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { Core } from '#core/core.ts'
import { Network } from '#core/devices/shown-link.ts'
import type { Responder } from '#core/prompts.ts'
import { allFolders, type LandingFolders } from '#core/transfers/landing-folders.ts'
import { tellSystem } from '#electron/shell/tell-system.ts'
import { listAddresses } from '#hub/addresses.ts'
import { localNameOf } from '#hub/mdns.ts'
import { makeInbox } from '#inbox/inbox.ts'
import { m } from '#messages'
import type { SettingValues } from '#store/setting-rows.ts'
import type { Settings } from '#store/settings.ts'
import type { AppState } from './app-state.ts'
import { followLanguage, followTheme, networksFor } from './apply-settings.ts'
import type { Options } from './cli.ts'
import { computerName } from './computer-name.ts'
import { heardBy, openWitness } from './doctor/open-doctor.ts'
import type { Witness } from './doctor/witness.ts'
import { pushState } from './ipc.ts'
import type { AppLog } from './log/app-log.ts'
import { openSaved, type Saved } from './saved.ts'
import { ShownSettings } from './settings-view.ts'
import { type Reporter, terminalResponder } from './terminal.ts'
import { openUpdates, type AppUpdates, type QuitForUpdate } from './updates/open-updates.ts'

/** What a run is made of before it listens and shows anything. */
export interface Parts {
  readonly saved: Saved
  readonly core: Core
  readonly network: Network
  readonly witness: Witness
  /** Makes a page of `WINDOW_ORIGIN` the window. */
  readonly token: string
  /** Lists the networks, beyond the private ones, from which phones may come. */
  readonly networks: () => string[]
  /** This computer's name in the local network. */
  readonly localName: string
  /** What the system calls this computer. */
  readonly systemName: string
  readonly state: () => AppState
  readonly push: ReturnType<typeof pushState>
  /** Are told of each change of the state. */
  readonly listeners: (() => void)[]
  readonly updates: AppUpdates
  readonly stops: readonly (() => void)[]
}

/** What is there before anything is opened. */
export interface Surroundings {
  readonly report: Reporter
  readonly log: AppLog
  readonly quitForUpdate: QuitForUpdate
}

/** Opens what is saved, and makes the core of it. Electron must be ready. */
export async function openParts(
  options: Options,
  { report, log, quitForUpdate: quit }: Surroundings,
  window: () => BrowserWindow | null,
): Promise<Parts> {
  const data = app.getPath('userData')
  const saved = await openSaved(data, givenOf(options), report)
  const { settings } = saved
  // First of all who listen: what they say is in the language that they hear of.
  const stopLooks = [followLanguage(settings), followTheme(settings)]
  const initialInbox = join(app.getPath('downloads'), 'Lanyard')
  const landing = (): LandingFolders => ({ ...settings.now, inbox: settings.now.inbox || initialInbox })
  await makeFolders(landing(), options, report)
  const token = randomBytes(32).toString('base64url')
  const { name, systemName, localName } = await namesOf(settings, log)
  const network = new Network(listAddresses(), { fixed: options.host, preferred: settings.now.address })
  const networks = networksFor(settings, options.host)
  const witness = openWitness()
  const shown = new ShownSettings({ settings, initialInbox, systemName, onChange: () => push('state') })
  const isQuiet = (): boolean => settings.now.updateQuietly
  const isMoving = (): boolean => core.transferList.isMoving
  const updates = await openUpdates({ isQuiet, isMoving, quit, onChange: () => push('state'), log: log.line.bind(log) })
  const state = (): AppState => ({ ...core.state(), settings: shown.view(), update: updates.view() })
  const { push, listeners } = pushTo(state, window)
  const system = tellSystem({ core: () => core, settings, window })
  const core = new Core({
    ...{ inbox: landing().inbox, data, name, network, networks, token, localName },
    ...{ lane: settings.now.lane, legacy: settings.now.legacy, person: responderFor(options) },
    landing,
    newPhones: () => ({ autoAccept: settings.now.autoAcceptNew, clipboard: settings.now.clipboard }),
    ...saved.kept,
    onEvent: heardBy(witness, report),
    onChange: (what) => {
      push(what)
      system.changed()
    },
  })
  const stops = [...stopLooks, system.stop, await saved.start(core)]
  const made = { saved, core, network, networks, localName, witness, token, systemName }
  return { ...made, state, push, listeners, updates, stops }
}

/** Returns what this computer is called here and by the system, neither of which the log may say, and in the local network. */
async function namesOf(
  settings: Settings,
  log: AppLog,
): Promise<Pick<Parts, 'systemName' | 'localName'> & { readonly name: string }> {
  const systemName = await computerName()
  const name = settings.now.name || systemName
  for (const one of [name, systemName]) log.hide(one)
  return { name, systemName, localName: localNameOf(settings.id) }
}

/** Returns what tells the window, and then all listeners, that the state has changed. */
function pushTo(state: () => AppState, window: () => BrowserWindow | null): Pick<Parts, 'push' | 'listeners'> {
  const toWindow = pushState(state, window)
  const listeners: (() => void)[] = []
  const push: typeof toWindow = (what) => {
    toWindow(what)
    for (const listener of listeners) listener()
  }
  return { push, listeners }
}

/** Makes the folders where files land. One that a person picked may be away: files wait for it, and the window says so. */
async function makeFolders(landing: LandingFolders, options: Options, report: Reporter): Promise<void> {
  for (const folder of allFolders(landing)) {
    try {
      await makeInbox({ folder, data: app.getPath('userData') })
    } catch (error) {
      if (options.inbox !== undefined && folder === landing.inbox) throw error
      const why = error instanceof Error ? error.message : String(error)
      report({ event: 'error', code: 'inbox-gone', message: m.cli_inbox_gone({ folder, why }) })
    }
  }
}

/** Returns the settings that the command line gives for this run. */
function givenOf({ inbox, ...given }: Options): Partial<SettingValues> {
  const { port, legacy, lane } = given
  return {
    ...(port !== undefined && { port }),
    ...(legacy !== undefined && { legacy }),
    ...(lane !== undefined && { lane }),
    ...(inbox !== undefined && { inbox: resolve(inbox) }),
  }
}

/** Whoever can be asked. Without a window and without a terminal that is nobody. */
function responderFor({ headless }: Options): Responder {
  if (!headless) return 'window'
  return process.stdin.isTTY ? terminalResponder({ input: process.stdin, output: process.stderr }) : 'nobody'
}
