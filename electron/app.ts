import { app, screen, session, shell, type BrowserWindow, type Rectangle } from 'electron'
import { randomBytes } from 'node:crypto'
import { homedir, hostname, userInfo } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { Core } from '#core/core.ts'
import { Network } from '#core/devices/shown-link.ts'
import { allFolders, type LandingFolders } from '#core/transfers/landing-folders.ts'
import { m } from '#messages'
import type { Responder } from '#core/prompts.ts'
import { listAddresses, ownAddresses, watchAddresses } from '#hub/addresses.ts'
import { onTerminal } from '#hub/foreign-text.ts'
import type { HubOptions } from '#hub/hub.ts'
import { writerTo } from '#hub/output.ts'
import { localNameOf } from '#hub/mdns.ts'
import { startCipher } from '#hub/cipher-thread.ts'
import { makeInbox } from '#inbox/inbox.ts'
import type { SettingValues } from '#store/setting-rows.ts'
import type { Settings } from '#store/settings.ts'
import { FileManagers, keepFileManagers } from '#electron/shell/file-managers.ts'
import { Autostart, HIDDEN, keepAutostart } from '#electron/shell/autostart.ts'
import { programOf, type Program } from '#electron/shell/program.ts'
import { tellSystem } from '#electron/shell/tell-system.ts'
import { followLanguage, followSettings, followTheme, keepMacMenu, networksFor } from './apply-settings.ts'
import type { Options } from './cli.ts'
import { computerName } from './computer-name.ts'
import { handlersFor } from './handlers.ts'
import { askForFirewall, heardBy, openDoctor, openWitness } from './doctor/open-doctor.ts'
import type { Witness } from './doctor/witness.ts'
import { HubHost } from './hub-host.ts'
import { answerVerbs, pushState, takeLinkPorts, type Handlers } from './ipc.ts'
import { refusePermissions, serveWindow, WINDOW_ORIGIN } from './security.ts'
import { AppLog } from './log/app-log.ts'
import { LogFile } from './log/log-file.ts'
import { Redactor } from './log/redact.ts'
import { openUpdates, type AppUpdates, type QuitForUpdate } from './updates/open-updates.ts'
import { NeededWindow } from './needed-window.ts'
import { openSaved, type Saved } from './saved.ts'
import { ShownSettings } from './settings-view.ts'
import { type Reporter, terminalResponder } from './terminal.ts'
import type { AppState, UpdateView } from './app-state.ts'
import { IPC, type Reveal } from './window-api.ts'
import { KeptPlace } from './window-place.ts'
import { devUrl, isOurs, openWindow } from './window.ts'

/** The app while it runs. */
export interface RunningApp {
  /** The window, while somebody needs it; never shown where the program runs without. */
  readonly window: NeededWindow<BrowserWindow>
  /** Takes files and folders that are to go to a phone. */
  readonly take: (paths: readonly string[]) => void
  /** Shows something in the window, and that. */
  readonly reveal: (what: Reveal) => void
  /** Whether files are on their way just now. */
  readonly isMoving: () => boolean
  readonly core: Core
  readonly settings: Settings
  /** What a person can ask of the program. */
  readonly handlers: Handlers
  /** Where things stand with a newer version. */
  readonly update: () => UpdateView
  /** Calls back when the state has changed, or only how far transfers are. */
  readonly onChange: (listener: () => void) => void
  /** Hears why the program ends, before `close`. */
  readonly endsFor: AppUpdates['ends']
  /** Says goodbye and lets go of everything; safe to call twice. */
  readonly close: () => Promise<void>
}

/** Characters of a line of the log. */
const LOG_CHARS_MAX = 2_000

/** ms between two looks at the age of the code on the screen. */
const RENEW_EVERY_MS = 1000

const OUT = join(import.meta.dirname, '..')

/** Everything a run needs, made in order and taken down in reverse. Electron must be ready. */
export async function startApp(options: Options, report: Reporter, quitForUpdate: QuitForUpdate): Promise<RunningApp> {
  const log = openLog()
  const stopWatching = log.watchFaults()
  const told: Reporter = (event) => {
    log.event(event)
    report(event)
  }
  try {
    const running = await startParts(options, { report: told, log, quitForUpdate })
    return {
      ...running,
      close: async () => {
        await running.close()
        stopWatching()
      },
    }
  } catch (error) {
    log.fault(error)
    stopWatching()
    throw error
  }
}

/** Windows asks whoever starts a server; a copy that runs from its source, or that nobody looks at, is not asked about. */
const needsFirewallRule = ({ headless, hidden }: Options): boolean =>
  process.platform === 'win32' && app.isPackaged && !headless && !hidden

/** Opens the log in the system's folder for logs, which hides the names of this computer and its user. */
function openLog(): AppLog {
  const redactor = new Redactor([homedir(), app.getPath('userData'), userInfo().username, hostname()])
  return new AppLog(new LogFile({ folder: app.getPath('logs'), redactor }), redactor)
}

async function startParts(options: Options, surroundings: Surroundings): Promise<RunningApp> {
  const { log } = surroundings
  const say = sayTo(log)
  let needed: NeededWindow<BrowserWindow> | null = null
  const window = (): BrowserWindow | null => needed?.window ?? null
  const parts = await openCore(options, surroundings, window)
  const { saved, core, network, witness, state, updates } = parts
  const { settings } = saved
  // Before the hub listens, for then Windows asks by itself.
  if (needsFirewallRule(options)) await askForFirewall(settings, say)
  const host = await serve(options, parts, say, () => needed?.wake())
  const { doctor, stop: stopDoctor } = openDoctor({ witness, core, network, isGiven: options.host !== undefined, host })
  const place = await KeptPlace.open(join(app.getPath('userData'), 'window.json'))
  const made = (needed = neededWindow(options, { core, host, place, log }))
  const reveal = (what: Reveal): void => {
    made.show()
    made.whenLoaded(({ webContents }) => {
      webContents.send(IPC.reveal, what)
    })
  }
  const stops = [...follow(parts, host, say), ...followInSystem(parts, options, { reveal, say })]
  openToWindow(core)
  const handlers = handlersFor({ core, window, settings, state, log: log.file, updates: updates.handlers, doctor })
  answerVerbs(handlers, isOurs)
  await made.start(!options.hidden)
  const ends = [
    ...stops,
    stopDoctor,
    () => core.close(),
    () => host.close(),
    () => settings.flush(),
    () => place.flush(),
  ]
  return {
    window: made,
    take: (paths) => {
      core.handedFiles.take(paths)
    },
    reveal,
    isMoving: () => core.transferList.isMoving,
    ...{ core, settings, handlers, update: updates.view },
    onChange: (listener) => parts.listeners.push(listener),
    endsFor: updates.ends,
    close: once([made.stop, ...ends], () => saved.kept.store.close()),
  }
}

interface WindowUsers {
  readonly core: Core
  readonly host: HubHost
  readonly place: KeptPlace
  readonly log: AppLog
}

/** Makes the window that is there while a person or a phone needs it. */
function neededWindow({ headless }: Options, { core, host, place, log }: WindowUsers): NeededWindow<BrowserWindow> {
  return new NeededWindow({
    mayShow: !headless,
    open: (isShown) =>
      openWindow(isShown, (opened) => {
        if (!headless) place.keep(opened, displayAreas())
      }),
    isNeeded: () => core.needsWindow || host.hub.visitors() > 0,
    onFault: (error) => {
      log.fault(error)
    },
  })
}

/** Returns what tells a person at the terminal, and the log. */
const sayTo =
  (log: AppLog): ((line: string) => void) =>
  (line) => {
    terminal(line)
    log.line(line)
  }

/** What a run is made of before it listens and shows anything. */
interface Parts {
  readonly saved: Saved
  readonly core: Core
  readonly network: Network
  readonly witness: Witness
  /** Makes a page of `WINDOW_ORIGIN` the window. */
  readonly token: string
  /** What the system calls this computer. */
  readonly systemName: string
  readonly state: () => AppState
  readonly push: ReturnType<typeof pushState>
  /** Are told of each change of the state. */
  readonly listeners: (() => void)[]
  readonly updates: AppUpdates
  readonly stops: readonly (() => void)[]
}

interface Surroundings {
  readonly report: Reporter
  readonly log: AppLog
  readonly quitForUpdate: QuitForUpdate
}

/** Opens what is saved, and makes the core of it. */
async function openCore(
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
  const { name, systemName } = await namesOf(settings, log)
  const network = new Network(listAddresses(), { fixed: options.host, preferred: settings.now.address })
  const witness = openWitness()
  const shown = new ShownSettings({ settings, initialInbox, systemName, onChange: () => push('state') })
  const isQuiet = (): boolean => settings.now.updateQuietly
  const isMoving = (): boolean => core.transferList.isMoving
  const updates = await openUpdates({ isQuiet, isMoving, quit, onChange: () => push('state'), log: log.line.bind(log) })
  const state = (): AppState => ({ ...core.state(), settings: shown.view(), update: updates.view() })
  const { push, listeners } = pushTo(state, window)
  const system = tellSystem({ core: () => core, settings, window })
  const { legacy, lane } = settings.now
  const core = new Core({
    ...{ inbox: landing().inbox, data, name, network, token, localName: localNameOf(settings.id) },
    networks: networksFor(settings, options.host),
    ...{ lane, legacy, person: responderFor(options) },
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
  return { saved, core, network, witness, token, systemName, state, push, listeners, updates, stops }
}

/** Returns what this computer is called here and by the system, neither of which the log may say. */
async function namesOf(
  settings: Settings,
  log: AppLog,
): Promise<{ readonly name: string; readonly systemName: string }> {
  const systemName = await computerName()
  const name = settings.now.name || systemName
  for (const one of [name, systemName]) log.hide(one)
  return { name, systemName }
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

/** Starts the hub, and tells the core where it is. */
async function serve(
  options: Options,
  parts: Parts,
  log: (line: string) => void,
  onKnock: () => void,
): Promise<HubHost> {
  const { core, network, witness, push, token } = parts
  const { settings } = parts.saved
  const onStranger = (address: string): void => {
    network.refused(address)
    witness.refused(address)
    // Not at once: strangers must not set the window's pace.
    push('progress')
  }
  const localName = localNameOf(settings.id)
  const hub = {
    ...hubOptions(options, { token, core, log, witness }),
    onStranger,
    onKnock,
    localName,
    ownNetworks: networksFor(settings, options.host),
  }
  const host = await HubHost.start(
    { hub, id: settings.id, log, onHeard: witness.heard.bind(witness) },
    core.name,
    settings.now.port,
  )
  core.start(host.hub)
  return host
}

/** Has all parts follow what changes by itself or by a person. Returns the undos. */
function follow(
  { saved, core, network, witness, systemName, push, listeners, stops }: Parts,
  host: HubHost,
  log: (line: string) => void,
): (() => void)[] {
  listeners.push(() => {
    witness.drawn(network.address)
  })
  return [
    ...stops,
    followSettings(saved.settings, { core, host, systemName, log }),
    saved.settings.onAny(() => {
      push('state')
    }),
    watchAddresses((choices) => {
      core.addressesChanged(choices)
    }),
    keepLinkFresh(core),
  ]
}

interface Ways {
  readonly reveal: (what: Reveal) => void
  readonly say: (line: string) => void
}

/** Has what the system keeps for this app follow the settings: menu, file managers, start at login. Returns the undos. */
function followInSystem({ saved: { settings }, core }: Parts, options: Options, { reveal, say }: Ways): (() => void)[] {
  const fail = (error: unknown): void => {
    say(messageOf(error))
  }
  const { look, stop } = keepAutostart(settings, autostart(options), fail)
  // It may have been changed in the system's own settings meanwhile.
  app.on('browser-window-focus', () => void look())
  const macMenu = {
    openSettings: () => {
      reveal('settings')
    },
    openInbox: () => void shell.openPath(core.inbox.folder),
  }
  return [keepMacMenu(settings, macMenu), keepFileManagers(settings, fileManagers(options), fail), stop]
}

/** Returns how this run would be started by others. */
function programFor({ data }: Options): Program {
  const noSandbox = app.commandLine.hasSwitch('no-sandbox')
  const facts = { execPath: process.execPath, isPackaged: app.isPackaged, appPath: app.getAppPath(), env: process.env }
  return programOf({ ...facts, noSandbox, data: data === undefined ? undefined : resolve(data) })
}

/** Returns the folder of the session that a variable names, else the usual one. */
function sessionFolder(variable: 'XDG_CONFIG_HOME' | 'XDG_DATA_HOME', usual: string): string {
  const named = process.env[variable] ?? ''
  return isAbsolute(named) ? named : join(homedir(), usual)
}

function fileManagers(options: Options): FileManagers {
  return new FileManagers({
    platform: process.platform,
    program: programFor(options),
    home: process.platform === 'win32' ? app.getPath('appData') : sessionFolder('XDG_DATA_HOME', '.local/share'),
    writeLink: (path, details) => shell.writeShortcutLink(path, details),
  })
}

function autostart(options: Options): Autostart {
  const program = programFor(options)
  const item = { path: program.path, args: [...program.args, HIDDEN] }
  return new Autostart({
    platform: process.platform,
    program,
    configHome: sessionFolder('XDG_CONFIG_HOME', '.config'),
    isInstalled: app.isPackaged && options.data === undefined,
    items: {
      isOn: () => app.getLoginItemSettings(item).openAtLogin,
      set: (openAtLogin) => {
        app.setLoginItemSettings({ ...item, openAtLogin })
      },
    },
  })
}

/** Returns what windows can use of the displays, the main one first. */
function displayAreas(): Rectangle[] {
  const main = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter(({ id }) => id !== main.id)
  return [main, ...others].map(({ workArea }) => workArea)
}

function keepLinkFresh(core: Core): () => void {
  const renewing = setInterval(() => {
    core.renewLink()
  }, RENEW_EVERY_MS).unref()
  return () => {
    clearInterval(renewing)
  }
}

/** Makes the folders where files land. One that a person picked may be away: files wait for it, and the window says so. */
async function makeFolders(landing: LandingFolders, options: Options, report: Reporter): Promise<void> {
  for (const folder of allFolders(landing)) {
    try {
      await makeInbox({ folder, data: app.getPath('userData') })
    } catch (error) {
      if (options.inbox !== undefined && folder === landing.inbox) throw error
      report({ event: 'error', code: 'inbox-gone', message: m.cli_inbox_gone({ folder, why: messageOf(error) }) })
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

function hubOptions(
  { host }: Options,
  { token, core, log, witness }: Pick<Parts, 'token' | 'core' | 'witness'> & { readonly log: (line: string) => void },
): Omit<HubOptions, 'port'> {
  return {
    pageDir: join(OUT, 'phone'),
    windowToken: token,
    windowOrigin: devUrl() ?? WINDOW_ORIGIN,
    admit: (uid) => core.links.hosts(uid),
    mayBeLegacy: (uid) => core.links.mayBeLegacy(uid),
    askLegacy: core.legacyPrompts.ask,
    keyring: core.pairedDevices.keyring,
    lanes: core.laneHost,
    startCipher: () => startCipher(join(import.meta.dirname, 'cipher-worker.js')),
    onVisit: (what) => {
      witness.visited(what)
    },
    // An address that was given is ours, even if this system does not list it (a forwarded one, a test's).
    ...(host !== undefined && { ownAddresses: () => [...ownAddresses(), host] }),
    log,
  }
}

function openToWindow(core: Core): void {
  serveWindow(join(OUT, 'renderer'))
  refusePermissions(session.defaultSession)
  takeLinkPorts(core, isOurs)
}

const err = writerTo(() => process.stderr)

/** Lines quote what others have sent. */
function terminal(line: string): void {
  err(`lanyard: ${onTerminal(line, LOG_CHARS_MAX)}\n`)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Runs all of them, once, whatever the others do; then what they all need. */
function once(closing: readonly (() => void | Promise<void>)[], last: () => void): () => Promise<void> {
  let closed: Promise<unknown> | null = null
  return async () => {
    closed ??= Promise.allSettled(closing.map(async (close) => close())).then(last)
    await closed
  }
}
