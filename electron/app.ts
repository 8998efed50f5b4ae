import { app, clipboard, dialog, session, shell, type BrowserWindow } from 'electron'
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { Desk } from '#desk/desk.ts'
import { Network } from '#desk/network.ts'
import { advertise } from '#hub/mdns.ts'
import { listAddresses, watchAddresses } from '#hub/addresses.ts'
import { startHub, type Hub } from '#hub/hub.ts'
import { fileSource } from '#inbox/file-source.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import { loadSettings, saveSettings, type Settings } from '#store/settings.ts'
import type { Source } from '#transfer/source.ts'
import type { Options } from './cli.ts'
import { answerVerbs, pushState, takeLinkPorts, type Handlers } from './ipc.ts'
import { refusePermissions, serveWindow, WINDOW_ORIGIN } from './security.ts'
import type { Reporter } from './terminal.ts'
import { devUrl, isOurs, openWindow } from './window.ts'

/** The app while it runs. `close` is safe to call twice. */
export interface RunningApp {
  /** Brings the window to the front. */
  show(): void
  close(): Promise<void>
}

const OUT = join(import.meta.dirname, '..')

/** Everything a run needs, made in order and taken down in reverse. Electron must be ready. */
export async function startApp(options: Options, report: Reporter): Promise<RunningApp> {
  const inbox = resolve(options.inbox ?? join(app.getPath('downloads'), 'Lanyard'))
  await mkdir(inbox, { recursive: true })
  const settingsFile = join(app.getPath('userData'), 'settings.json')
  const settings = await loadSettings(settingsFile)
  await saveSettings(settingsFile, settings)
  const network = new Network(listAddresses(), { fixed: options.host, preferred: settings.address })
  const token = randomBytes(32).toString('base64url')
  let window: BrowserWindow | null = null
  const push = pushState(
    () => desk.state(),
    () => window,
  )
  const sendFirst = await Promise.all(options.send.map((path) => fileSource(path)))
  const name = cleanDeviceName(hostname())
  const desk = new Desk({ inbox, name, network, token, sendFirst, onEvent: report, onChange: push })
  const hub = await startHub({
    port: options.port,
    pageDir: join(OUT, 'phone'),
    windowToken: token,
    windowOrigin: devUrl() ?? WINDOW_ORIGIN,
    admit: (uid) => desk.links.hosts(uid),
    ...(options.host !== undefined && { ownAddresses: () => [...ownAddresses(), options.host ?? ''] }),
    log: (line) => {
      process.stderr.write(`lanyard: ${line}\n`)
    },
  })
  desk.start(hub.port)
  const closing = [
    announce(hub, settings, name),
    () => {
      watch()
    },
    () => hub.close(),
  ]
  const watch = watchAddresses((choices) => {
    desk.addressesChanged(choices)
  })
  serveWindow(join(OUT, 'renderer'))
  refusePermissions(session.defaultSession)
  answerVerbs(
    handlersFor(desk, inbox, () => window, (address) => void saveSettings(settingsFile, { ...settings, address })),
    isOurs,
  )
  takeLinkPorts(desk, isOurs)
  window = await openWindow(!options.headless)
  return { show: () => show(window), close: once(closing) }
}

const ownAddresses = (): string[] => listAddresses().map((choice) => choice.address)

function show(window: BrowserWindow | null): void {
  if (window?.isMinimized()) window.restore()
  window?.show()
  window?.focus()
}

function announce(hub: Hub, settings: Settings, name: string): () => Promise<void> {
  const advert = advertise({ port: hub.port, id: settings.id, name })
  return () => advert.stop()
}

function handlersFor(
  desk: Desk,
  inbox: string,
  window: () => BrowserWindow | null,
  rememberAddress: (address: string) => void,
): Handlers {
  const send = async (deviceId: string, paths: readonly string[]): Promise<void> => {
    const found = await Promise.all(paths.map((path) => fileSource(path).catch(() => null)))
    desk.send(deviceId, found.filter((source): source is Source => source !== null))
  }
  return {
    state: () => desk.state(),
    copyLink: async () => {
      const { link } = desk.state()
      if (link !== null) await clipboard.writeText(link.text)
    },
    chooseAddress: (address) => {
      desk.chooseAddress(address)
      rememberAddress(address)
    },
    chooseFiles: async (deviceId) => {
      const parent = window()
      if (parent === null) return
      const defaultPath = app.getPath('home')
      const choice = await dialog.showOpenDialog(parent, { defaultPath, properties: ['openFile', 'multiSelections'] })
      await send(deviceId, choice.filePaths)
    },
    sendPaths: send,
    cancel: (id) => {
      desk.cancel(id)
    },
    retry: (id) => desk.retry(id),
    showInFolder: (id) => {
      const path = desk.pathOf(id)
      if (path !== null) shell.showItemInFolder(path)
    },
    openInbox: async () => {
      await shell.openPath(inbox)
    },
    clearFinished: () => {
      desk.clearFinished()
    },
    exportRecords: (deviceId, ids) => {
      desk.exportRecords(deviceId, ids)
    },
  }
}

/** Runs all of them, once, whatever the others do. */
function once(closing: readonly (() => void | Promise<void>)[]): () => Promise<void> {
  let closed: Promise<unknown> | null = null
  return async () => {
    closed ??= Promise.allSettled(closing.map(async (close) => close()))
    await closed
  }
}
