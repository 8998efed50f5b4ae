import { app, screen, session, shell, type BrowserWindow, type Rectangle } from 'electron'
import { homedir, hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Core } from '#core/core.ts'
import { watchAddresses } from '#hub/addresses.ts'
import { onTerminal } from '#hub/foreign-text.ts'
import { writerTo } from '#hub/output.ts'
import type { Settings } from '#store/settings.ts'
import { openParts, type Parts, type Surroundings } from './app-parts.ts'
import type { UpdateView } from './app-state.ts'
import { followSettings } from './apply-settings.ts'
import type { Options } from './cli.ts'
import { askForFirewall, openDoctor } from './doctor/open-doctor.ts'
import { handlersFor } from './handlers.ts'
import type { HubHost } from './hub-host.ts'
import { followInSystem, programFor } from './in-system.ts'
import { answerVerbs, takeLinkPorts, type Handlers } from './ipc.ts'
import { AppLog } from './log/app-log.ts'
import { LogFile } from './log/log-file.ts'
import { Redactor } from './log/redact.ts'
import type { MenuActions } from './mac-menu.ts'
import { NeededWindow } from './needed-window.ts'
import { openHub } from './open-hub.ts'
import type { Program } from './shell/program.ts'
import { refusePermissions, serveWindow } from './security.ts'
import type { Reporter } from './terminal.ts'
import type { AppUpdates, QuitForUpdate } from './updates/open-updates.ts'
import { IPC, type Reveal } from './window-api.ts'
import { KeptPlace } from './window-place.ts'
import { isOurs, openWindow } from './window.ts'

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
  /** How this run would be started by others. */
  readonly program: Program
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

/** What the program around the app does for it. */
export interface AppPorts {
  readonly quitForUpdate: QuitForUpdate
  /** Takes each window, before anybody sees it. */
  readonly onWindow: (window: BrowserWindow) => void
}

/** Everything a run needs, made in order and taken down in reverse. Electron must be ready. */
export async function startApp(options: Options, report: Reporter, ports: AppPorts): Promise<RunningApp> {
  const log = openLog()
  const stopWatching = log.watchFaults()
  const told: Reporter = (event) => {
    log.event(event)
    report(event)
  }
  try {
    const running = await startParts(options, { report: told, log, ...ports })
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

async function startParts(options: Options, surroundings: Surroundings & AppPorts): Promise<RunningApp> {
  const { log } = surroundings
  const say = sayTo(log)
  let needed: NeededWindow<BrowserWindow> | null = null
  const window = (): BrowserWindow | null => needed?.window ?? null
  const parts = await openParts(options, surroundings, window)
  const { saved, core, network, witness, state, updates } = parts
  const { settings } = saved
  // Before the hub listens, for then Windows asks by itself.
  if (needsFirewallRule(options)) await askForFirewall(settings, say)
  const host = await openHub(parts, { given: options.host, log: say, onKnock: () => needed?.wake() })
  const { doctor, stop: stopDoctor } = openDoctor({ witness, core, network, isGiven: options.host !== undefined, host })
  const place = await KeptPlace.open(join(app.getPath('userData'), 'window.json'))
  const made = (needed = neededWindow(options, { core, host, place, ...surroundings }))
  const reveal = (what: Reveal): void => {
    made.show()
    made.whenLoaded(({ webContents }) => {
      webContents.send(IPC.reveal, what)
    })
  }
  const menu = menuActions(core, reveal)
  const stops = [stopDoctor, ...follow(parts, host, say), ...followInSystem({ options, settings, menu, say })]
  openToWindow(core)
  const handlers = handlersFor({ core, window, settings, state, log: log.file, updates: updates.handlers, doctor })
  answerVerbs(handlers, isOurs)
  await made.start(!options.hidden)
  const ends = [...stops, () => core.close(), () => host.close(), () => settings.flush(), () => place.flush()]
  return {
    window: made,
    take: (paths) => {
      core.handedFiles.take(paths)
    },
    reveal,
    isMoving: () => core.transferList.isMoving,
    ...{ core, settings, handlers, program: programFor(options), update: updates.view },
    onChange: (listener) => parts.listeners.push(listener),
    endsFor: updates.ends,
    close: once([made.stop, ...ends], () => saved.kept.store.close()),
  }
}

interface WindowUsers extends Pick<AppPorts, 'onWindow'> {
  readonly log: AppLog
  readonly core: Core
  readonly host: HubHost
  readonly place: KeptPlace
}

/** Makes the window that is there while a person or a phone needs it. */
function neededWindow({ headless }: Options, users: WindowUsers): NeededWindow<BrowserWindow> {
  const { core, host, place, log, onWindow } = users
  return new NeededWindow({
    mayShow: !headless,
    open: (isShown) =>
      openWindow(isShown, (opened) => {
        onWindow(opened)
        if (!headless) place.keep(opened, displayAreas())
      }),
    isNeeded: () => core.needsWindow || host.hub.visitors() > 0,
    onFault: (error) => {
      log.fault(error)
    },
  })
}

const menuActions = (core: Core, reveal: RunningApp['reveal']): MenuActions => ({
  openSettings: () => {
    reveal('settings')
  },
  openInbox: () => void shell.openPath(core.inbox.folder),
})

/** Returns what tells a person at the terminal, and the log. */
const sayTo =
  (log: AppLog): ((line: string) => void) =>
  (line) => {
    terminal(line)
    log.line(line)
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

function openToWindow(core: Core): void {
  serveWindow(join(import.meta.dirname, '../renderer'))
  refusePermissions(session.defaultSession)
  takeLinkPorts(core, isOurs)
}

const err = writerTo(() => process.stderr)

/** Lines quote what others have sent. */
function terminal(line: string): void {
  err(`lanyard: ${onTerminal(line, LOG_CHARS_MAX)}\n`)
}

/** Runs all of them, once, whatever the others do; then what they all need. */
function once(closing: readonly (() => void | Promise<void>)[], last: () => void): () => Promise<void> {
  let closed: Promise<unknown> | null = null
  return async () => {
    closed ??= Promise.allSettled(closing.map(async (close) => close())).then(last)
    await closed
  }
}
