import { app, clipboard, session, type BrowserWindow } from 'electron'
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { Desk } from '#desk/desk.ts'
import type { DeskOptions } from '#desk/desk-options.ts'
import { Network } from '#desk/network.ts'
import type { Person } from '#desk/person.ts'
import { laneHost } from '#desk/session-lanes.ts'
import { listAddresses, ownIpv4, watchAddresses } from '#hub/addresses.ts'
import { startHub, type Hub } from '#hub/hub.ts'
import { advertise } from '#hub/mdns.ts'
import { startSealing } from '#hub/start-sealing.ts'
import { fileSource } from '#inbox/file-source.ts'
import { makeInbox } from '#inbox/inbox.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import { openStore } from '#store/database/open-store.ts'
import { OwnerStore } from '#store/owners.ts'
import { DeviceStore, type Remembered } from '#store/devices.ts'
import { UnsentStore, type Unsent } from '#store/unsent.ts'
import { loadSettings, saveSettings, type Settings } from '#store/settings.ts'
import type { Options } from './cli.ts'
import { handlersFor } from './handlers.ts'
import { answerVerbs, pushState, takeLinkPorts } from './ipc.ts'
import { refusePermissions, serveWindow, WINDOW_ORIGIN } from './security.ts'
import { systemSealer } from './sealer.ts'
import type { Reporter } from './terminal.ts'
import { terminalPerson } from './terminal-person.ts'
import { devUrl, isOurs, openWindow } from './window.ts'

/** The app while it runs. */
export interface RunningApp {
  /** Brings the window to the front. */
  readonly show: () => void
  /** Says goodbye and lets go of everything; safe to call twice. */
  readonly close: () => Promise<void>
}

/** ms between two looks at the age of the code on the screen. */
const RENEW_EVERY_MS = 1000

const OUT = join(import.meta.dirname, '..')

/** Everything a run needs, made in order and taken down in reverse. Electron must be ready. */
export async function startApp(options: Options, report: Reporter): Promise<RunningApp> {
  const inbox = await inboxFolder(options)
  const settings = await openSettings()
  const token = randomBytes(32).toString('base64url')
  const name = cleanDeviceName(hostname())
  const network = new Network(listAddresses(), { fixed: options.host, preferred: settings.now.address })
  const sendFirst = await Promise.all(options.send.map((path) => fileSource(path)))
  let opened: BrowserWindow | null = null
  // A window that a person has closed throws at whatever it is asked, while the app says goodbye.
  const window = (): BrowserWindow | null => (opened?.isDestroyed() === false ? opened : null)
  const push = pushState(() => desk.state(), window)
  const { legacy = settings.now.legacy ?? 'ask', lane = settings.now.lane ?? 'auto' } = options
  const kept = { ...(await knownPhones()), ...(await keptThings()) }
  const desk = new Desk({
    ...{ inbox, data: app.getPath('userData'), name, network, token, sendFirst },
    ...{ lane, legacy, person: personFor(options) },
    ...kept,
    ...(await unsentFiles()),
    onEvent: report,
    onChange: push,
  })
  await openInbox(desk)
  const hub = await openHub(options, token, desk)
  desk.start(hub)
  const advert = advertise({ port: hub.port, id: settings.now.id, name, log })
  const unwatch = watchAddresses((choices) => {
    desk.addressesChanged(choices)
  })
  const stopRenewing = keepLinkFresh(desk)
  openToWindow(desk)
  answerVerbs(handlersFor({ desk, inbox, window, remember: settings.remember }), isOurs)
  opened = await openWindow(!options.headless)
  const closing = [() => advert.stop(), unwatch, stopRenewing, () => desk.close(), () => hub.close()]
  return { show: () => show(window()), close: once(closing, () => kept.store.close()) }
}

/** Before any phone is heard: one that comes back asks at once what is here of its files, and which have landed. */
async function openInbox(desk: Desk): Promise<void> {
  try {
    await desk.inbox.start()
    await desk.library.start()
  } catch (error) {
    log(`files of an earlier run are not known yet: ${String(error)}`)
  }
}

function keepLinkFresh(desk: Desk): () => void {
  const renewing = setInterval(() => {
    desk.renewLink()
  }, RENEW_EVERY_MS).unref()
  return () => {
    clearInterval(renewing)
  }
}

async function inboxFolder(options: Options): Promise<string> {
  const inbox = resolve(options.inbox ?? join(app.getPath('downloads'), 'Lanyard'))
  await makeInbox({ folder: inbox, data: app.getPath('userData') })
  return inbox
}

async function openSettings(): Promise<{
  readonly now: Settings
  readonly remember: (change: Partial<Settings>) => void
}> {
  const file = join(app.getPath('userData'), 'settings.json')
  const now = await loadSettings(file)
  await saveSettings(file, now)
  let latest = now
  const remember = (change: Partial<Settings>): void => {
    latest = { ...latest, ...change }
    saveSettings(file, latest).catch((error: unknown) => {
      log(`the settings are not remembered: ${String(error)}`)
    })
  }
  return { now, remember }
}

/** The phones of earlier runs, and how to keep those of this one. */
async function knownPhones(): Promise<{
  readonly remembered: readonly Remembered[]
  readonly save: (devices: readonly Remembered[]) => Promise<void>
}> {
  const store = new DeviceStore(join(app.getPath('userData'), 'devices.json'), systemSealer())
  const save = (devices: readonly Remembered[]): Promise<void> =>
    store.save(devices).catch((error: unknown) => {
      log(`the phones are not remembered: ${String(error)}`)
    })
  return { remembered: await store.load(log), save }
}

/** Records and history of earlier runs, and where texts go. */
async function keptThings(): Promise<Required<Pick<DeskOptions, 'store' | 'owners' | 'saveOwners' | 'toClipboard'>>> {
  const data = app.getPath('userData')
  const owners = new OwnerStore(join(data, 'owners.json'))
  return {
    store: openStore(join(data, 'lanyard.db'), log),
    owners: await owners.load(),
    toClipboard: async (text) => {
      await clipboard.writeText(text)
    },
    saveOwners: (now) => {
      owners.save(now).catch((error: unknown) => {
        log(`names of phones with records are not kept: ${String(error)}`)
      })
    },
  }
}

/** What an earlier run had on its way to phones, and how to keep that of this one. */
async function unsentFiles(): Promise<{
  readonly unsent: readonly Unsent[]
  readonly saveUnsent: (files: readonly Unsent[]) => Promise<void>
}> {
  const store = new UnsentStore(join(app.getPath('userData'), 'unsent.json'))
  const saveUnsent = (files: readonly Unsent[]): Promise<void> =>
    store.save(files).catch((error: unknown) => {
      log(`what is on its way to phones is not remembered: ${String(error)}`)
    })
  return { unsent: await store.load(log), saveUnsent }
}

/** Whoever can be asked. Without a window and without a terminal that is nobody. */
function personFor({ headless }: Options): Person {
  if (!headless) return 'window'
  return process.stdin.isTTY ? terminalPerson({ input: process.stdin, output: process.stderr }) : 'nobody'
}

function openHub(options: Options, token: string, desk: Desk): Promise<Hub> {
  const { host } = options
  return startHub({
    port: options.port,
    pageDir: join(OUT, 'phone'),
    windowToken: token,
    windowOrigin: devUrl() ?? WINDOW_ORIGIN,
    admit: (uid) => desk.links.hosts(uid),
    mayBeLegacy: (uid) => desk.links.mayBeLegacy(uid),
    askLegacy: desk.legacy.ask,
    keyring: desk.trust.keyring,
    lanes: laneHost(() => desk.devices),
    startSealing: () => startSealing(join(import.meta.dirname, 'seal-worker.js')),
    // An address that was given is ours, even if this system does not list it (a forwarded one, a test's).
    ...(host !== undefined && { ownAddresses: () => [...ownIpv4(), host] }),
    log,
  })
}

function openToWindow(desk: Desk): void {
  serveWindow(join(OUT, 'renderer'))
  refusePermissions(session.defaultSession)
  takeLinkPorts(desk, isOurs)
}

function show(window: BrowserWindow | null): void {
  if (window?.isMinimized()) window.restore()
  window?.show()
  window?.focus()
}

function log(line: string): void {
  process.stderr.write(`lanyard: ${line}\n`)
}

/** Runs all of them, once, whatever the others do; then what they all need. */
function once(closing: readonly (() => void | Promise<void>)[], last: () => void): () => Promise<void> {
  let closed: Promise<unknown> | null = null
  return async () => {
    closed ??= Promise.allSettled(closing.map(async (close) => close())).then(last)
    await closed
  }
}
