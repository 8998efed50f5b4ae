import { app, session, shell, type BrowserWindow } from 'electron'
import { randomBytes } from 'node:crypto'
import { homedir, hostname } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { Core } from '#core/core.ts'
import { Network } from '#core/devices/shown-link.ts'
import type { Responder } from '#core/prompts.ts'
import { listAddresses, ownIpv4, watchAddresses } from '#hub/addresses.ts'
import { onTerminal } from '#hub/foreign-text.ts'
import { startHub, type Hub } from '#hub/hub.ts'
import { advertise } from '#hub/mdns.ts'
import { writerTo } from '#hub/output.ts'
import { ownNetworks } from '#hub/connection-filter.ts'
import { startCipher } from '#hub/cipher-thread.ts'
import { makeInbox } from '#inbox/inbox.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import type { SettingValues } from '#store/setting-rows.ts'
import { FileManagers, keepFileManagers } from '#electron/shell/file-managers.ts'
import { programOf } from '#electron/shell/program.ts'
import type { Options } from './cli.ts'
import { handlersFor } from './handlers.ts'
import { answerVerbs, pushState, takeLinkPorts } from './ipc.ts'
import { refusePermissions, serveWindow, WINDOW_ORIGIN } from './security.ts'
import { openSaved } from './saved.ts'
import { type Reporter, terminalResponder } from './terminal.ts'
import { devUrl, isOurs, openWindow } from './window.ts'

/** The app while it runs. */
export interface RunningApp {
  /** Brings the window to the front. */
  readonly show: () => void
  /** Takes files and folders that are to go to a phone. */
  readonly take: (paths: readonly string[]) => void
  /** The window; null once it is gone. */
  readonly window: () => BrowserWindow | null
  /** Whether files are on their way just now. */
  readonly isMoving: () => boolean
  /** Says goodbye and lets go of everything; safe to call twice. */
  readonly close: () => Promise<void>
}

/** Characters of a line of the log. */
const LOG_CHARS_MAX = 2_000

/** ms between two looks at the age of the code on the screen. */
const RENEW_EVERY_MS = 1000

const OUT = join(import.meta.dirname, '..')

/** Everything a run needs, made in order and taken down in reverse. Electron must be ready. */
export async function startApp(options: Options, report: Reporter): Promise<RunningApp> {
  const saved = await openSaved(app.getPath('userData'), givenOf(options), report)
  const { settings } = saved
  const inbox = await inboxFolder(settings.now.inbox)
  const token = randomBytes(32).toString('base64url')
  const name = cleanDeviceName(hostname())
  const network = new Network(listAddresses(), { fixed: options.host, preferred: settings.now.address ?? undefined })
  let opened: BrowserWindow | null = null
  // A window that a person has closed throws at whatever it is asked, while the app says goodbye.
  const window = (): BrowserWindow | null => (opened?.isDestroyed() === false ? opened : null)
  const push = pushState(() => core.state(), window)
  const { legacy, lane } = settings.now
  const core = new Core({
    ...{ inbox, data: app.getPath('userData'), name, network, token },
    networks: () => ownNetworks(undefined, options.host === undefined ? [] : [options.host]),
    ...{ lane, legacy, person: responderFor(options) },
    ...saved.kept,
    onEvent: report,
    onChange: push,
  })
  const stopRetrying = await saved.start(core)
  const hub = await openHub(options, { port: settings.now.port, token }, core, (address) => {
    network.refused(address)
    // Not at once: strangers must not set the window's pace.
    push('progress')
  })
  core.start(hub)
  const advert = advertise({ port: hub.port, id: settings.id, name, log })
  const unwatch = watchAddresses((choices) => {
    core.addressesChanged(choices)
  })
  const stopRenewing = keepLinkFresh(core)
  openToWindow(core)
  answerVerbs(handlersFor({ core, inbox, window, settings }), isOurs)
  opened = await openWindow(!options.headless)
  const closing = [
    ...[
      () => advert.stop(),
      unwatch,
      stopRenewing,
      stopRetrying,
      keepFileManagers(settings, fileManagers(options), logError),
    ],
    ...[() => core.close(), () => hub.close(), () => settings.flush()],
  ]
  return {
    show: () => {
      if (!options.headless) show(window())
    },
    take: (paths) => {
      core.handedFiles.take(paths)
    },
    window,
    isMoving: () => core.transferList.isMoving,
    close: once(closing, () => saved.kept.store.close()),
  }
}

function fileManagers({ data }: Options): FileManagers {
  const noSandbox = app.commandLine.hasSwitch('no-sandbox')
  const facts = { execPath: process.execPath, isPackaged: app.isPackaged, appPath: app.getAppPath(), env: process.env }
  const xdg = process.env['XDG_DATA_HOME'] ?? ''
  return new FileManagers({
    platform: process.platform,
    program: programOf({ ...facts, noSandbox, data: data === undefined ? undefined : resolve(data) }),
    home:
      process.platform === 'win32' ? app.getPath('appData') : isAbsolute(xdg) ? xdg : join(homedir(), '.local/share'),
    writeLink: (path, details) => shell.writeShortcutLink(path, details),
  })
}

function keepLinkFresh(core: Core): () => void {
  const renewing = setInterval(() => {
    core.renewLink()
  }, RENEW_EVERY_MS).unref()
  return () => {
    clearInterval(renewing)
  }
}

async function inboxFolder(chosen: string): Promise<string> {
  const inbox = chosen || join(app.getPath('downloads'), 'Lanyard')
  await makeInbox({ folder: inbox, data: app.getPath('userData') })
  return inbox
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

interface HubPlace {
  readonly port: number
  readonly token: string
}

function openHub(
  { host }: Options,
  { port, token }: HubPlace,
  core: Core,
  onStranger: (address: string) => void,
): Promise<Hub> {
  return startHub({
    port,
    pageDir: join(OUT, 'phone'),
    windowToken: token,
    windowOrigin: devUrl() ?? WINDOW_ORIGIN,
    admit: (uid) => core.links.hosts(uid),
    mayBeLegacy: (uid) => core.links.mayBeLegacy(uid),
    askLegacy: core.legacyPrompts.ask,
    keyring: core.pairedDevices.keyring,
    lanes: core.laneHost,
    startCipher: () => startCipher(join(import.meta.dirname, 'cipher-worker.js')),
    ownNetworks: () => ownNetworks(undefined, host === undefined ? [] : [host]),
    onStranger,
    // An address that was given is ours, even if this system does not list it (a forwarded one, a test's).
    ...(host !== undefined && { ownAddresses: () => [...ownIpv4(), host] }),
    log,
  })
}

function openToWindow(core: Core): void {
  serveWindow(join(OUT, 'renderer'))
  refusePermissions(session.defaultSession)
  takeLinkPorts(core, isOurs)
}

function show(window: BrowserWindow | null): void {
  if (window?.isMinimized()) window.restore()
  window?.show()
  window?.focus()
}

const err = writerTo(() => process.stderr)

/** Lines quote what others have sent. */
function log(line: string): void {
  err(`lanyard: ${onTerminal(line, LOG_CHARS_MAX)}\n`)
}

function logError(error: unknown): void {
  log(error instanceof Error ? error.message : String(error))
}

/** Runs all of them, once, whatever the others do; then what they all need. */
function once(closing: readonly (() => void | Promise<void>)[], last: () => void): () => Promise<void> {
  let closed: Promise<unknown> | null = null
  return async () => {
    closed ??= Promise.allSettled(closing.map(async (close) => close())).then(last)
    await closed
  }
}
