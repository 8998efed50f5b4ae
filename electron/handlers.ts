import { app, clipboard, dialog, shell, type BrowserWindow, type OpenDialogOptions } from 'electron'
import { existsSync } from 'node:fs'
import { m } from '#messages'
import type { Core } from '#core/core.ts'
import { sendOnceMore } from '#core/transfers/send.ts'
import { Pasted } from '#core/transfers/local-source.ts'
import { stamp } from '#core/records/text-export.ts'
import { TEXT_CHARS_MAX } from '#protocol/limits.ts'
import { webLink } from '#transfer/web-link.ts'
import { TransferError } from '#transfer/errors.ts'
import type { HistoryEntry } from '#store/database/store.ts'
import type { Settings } from '#store/settings.ts'
import type { Doctor } from './doctor/doctor.ts'
import { doctorHandlers } from './doctor/open-doctor.ts'
import type { Answers, Handlers } from './ipc.ts'
import type { LogFile } from './log/log-file.ts'
import { reportHandlers } from './report-handlers.ts'
import { settingHandlers } from './setting-handlers.ts'
import { openWebLink } from './security.ts'
import { askWifi } from '#electron/shell/wifi.ts'
import { takeOutHandlers } from '#electron/shell/take-out.ts'
import type { AppUpdates } from './updates/open-updates.ts'
import type { AppState } from './app-state.ts'

export interface HandlerOptions {
  readonly core: Core
  readonly window: () => BrowserWindow | null
  readonly settings: Settings
  readonly state: () => AppState
  readonly log: LogFile
  readonly updates: AppUpdates['handlers']
  readonly doctor: Pick<Doctor, 'examine'>
}

/** Opens a link in the system's browser, if that may be; returns false when it may not. */
type OpenLink = (url: string) => boolean

/** Makes the handler of each verb: what only an operating system can do, and the core's own verbs. */
export function handlersFor({
  core,
  window,
  settings,
  state,
  log,
  updates,
  doctor,
}: HandlerOptions): Handlers & Answers {
  const openLink: OpenLink = (url) => openWebLink(window()?.webContents, url)
  const choose = async (deviceId: string, what: 'openFile' | 'openDirectory'): Promise<void> => {
    await core.sendNote.send(core, deviceId, await ask(window(), what))
  }
  return {
    state,
    copyLink: async () => {
      const { link } = core.state()
      if (link !== null) await clipboard.writeText(link.text)
    },
    chooseFiles: (deviceId) => choose(deviceId, 'openFile'),
    chooseFolder: (deviceId) => choose(deviceId, 'openDirectory'),
    sendPaths: (deviceId, paths, lost) => core.sendNote.send(core, deviceId, paths, lost),
    ...transfersFor(core),
    openInbox: () => {
      // Not awaited: on Linux newer Electrons never answer (since electron #48079), and what opens it is another program.
      void shell.openPath(core.inbox.folder)
    },
    useInbox: () => core.inbox.use(),
    ...connectionHandlers(core),
    ...promptHandlers(core),
    ...settingHandlers(settings, core.inbox, (folder) => pickFolder(window(), folder)),
    ...reportHandlers({ core, settings, log, state, doctor, copy }),
    ...doctorHandlers(doctor),
    ...takeOutHandlers(core, window),
    ...recordHandlers(core),
    ...updates,
    ...textHandlers(core),
    ...historyHandlers(core, openLink),
    ...askHandlers(core, openLink),
  }
}

/** Makes the handlers of what a person does about a connection that is slow, or not there. */
function connectionHandlers(core: Core): Pick<Handlers, 'testConnection'> & Pick<Answers, 'wifi'> {
  return {
    testConnection: (deviceId, on) => {
      // Not awaited: the state tells how far it is.
      if (on) void core.testConnection(deviceId)
      else core.deviceOf(deviceId)?.test.stop()
    },
    wifi: () => askWifi(),
  }
}

/** Makes the handlers of the verbs about files that come and go. */
function transfersFor(
  core: Core,
): Pick<Handlers, 'cancel' | 'pause' | 'sendFirst' | 'retry' | 'showInFolder' | 'removeUnfinished' | 'clearFinished'> {
  return {
    cancel: (id) => {
      core.transferList.cancel(id)
    },
    pause: (id, on) => {
      core.transferList.pause(id, on)
    },
    sendFirst: (id) => {
      core.transferList.first(id)
    },
    retry: (id) => core.transferList.retry(id),
    removeUnfinished: (key) => core.removeUnfinished(key),
    showInFolder: (id) => {
      const path = core.transferList.pathOf(id)
      if (path !== null) shell.showItemInFolder(path)
    },
    clearFinished: () => {
      core.transferList.clearFinished()
      core.sendNote.clear()
    },
  }
}

/** Makes the handlers of what a person answers and says of devices: to legacy apps, to offers of files, to known ones. */
function promptHandlers(
  core: Core,
): Pick<
  Handlers,
  'answerLegacy' | 'answerFiles' | 'sendHanded' | 'dropHanded' | 'setAutoAccept' | 'rename' | 'revoke'
> {
  return {
    rename: (deviceId, name) => {
      core.pairedDevices.rename(deviceId, name)
    },
    revoke: (deviceId) => {
      core.pairedDevices.revoke(deviceId)
    },
    answerLegacy: (id, yes) => {
      core.legacyPrompts.answer(id, yes)
    },
    answerFiles: (ids, yes) => {
      core.filePrompts.answer(ids, yes)
    },
    sendHanded: (deviceIds) => {
      core.handedFiles.answer(deviceIds)
    },
    dropHanded: () => {
      core.handedFiles.answer([])
    },
    setAutoAccept: (deviceId, on) => {
      core.setAutoAccept(deviceId, on)
    },
  }
}

async function ask(parent: BrowserWindow | null, what: 'openFile' | 'openDirectory'): Promise<readonly string[]> {
  const options: OpenDialogOptions = { defaultPath: app.getPath('home'), properties: [what, 'multiSelections'] }
  // Asked from the tray there may be no window that anybody sees.
  const isSeen = parent?.isVisible() === true
  const choice = await (isSeen ? dialog.showOpenDialog(parent, options) : dialog.showOpenDialog(options))
  return choice.filePaths
}

async function pickFolder(parent: BrowserWindow | null, defaultPath: string): Promise<string | null> {
  if (parent === null) return null
  const { filePaths } = await dialog.showOpenDialog(parent, {
    defaultPath,
    properties: ['openDirectory', 'createDirectory', 'promptToCreate'],
  })
  return filePaths[0] ?? null
}

/** Makes the handlers of the verbs about records. */
function recordHandlers(
  core: Core,
): Pick<Handlers, 'copyRecords' | 'hideRecords' | 'forgetRecords' | 'waitForPhone' | 'showExported'> {
  const { records, exports } = core.phoneData
  return {
    copyRecords: async (selection) => {
      const text = records.textOf(selection)
      if (text !== '') await copy(text)
    },
    hideRecords: (selection) => {
      records.hide(selection)
    },
    forgetRecords: (deviceId) => {
      // Those of a phone that is on the list would come again at once.
      if (core.deviceOf(deviceId) === undefined) records.forget(deviceId)
    },
    waitForPhone: (id, yes) => {
      exports.wait(id, yes)
    },
    showExported: () => {
      if (exports.lastPath !== null) shell.showItemInFolder(exports.lastPath)
    },
  }
}

/** Makes the handlers of what goes to a phone beside its files: texts and pasted images. */
function textHandlers(core: Core): Pick<Handlers, 'sendText' | 'sendClipboard' | 'sendPasted' | 'setClipboard'> {
  const pasted = new Pasted()
  return {
    sendText: (deviceId, text) => {
      core.deviceOf(deviceId)?.sync.send(text)
    },
    sendClipboard: async (deviceId) => {
      const text = await clipboard.readText()
      if (text.trim() !== '') core.deviceOf(deviceId)?.sync.send(text.slice(0, TEXT_CHARS_MAX))
    },
    sendPasted: (deviceId, bytes) => {
      if (core.deviceOf(deviceId) === undefined) return
      core.transferList.send(deviceId, [pasted.source(bytes, m.pasted_image({ when: stamp(new Date()) }))])
    },
    setClipboard: (deviceId, on) => {
      core.setClipboard(deviceId, on)
    },
  }
}

/** Makes the handlers of texts that came, and of the history. */
function historyHandlers(
  core: Core,
  openLink: OpenLink,
): Pick<Handlers, 'copyText' | 'openText' | 'dismissText' | 'historyClear' | 'historyCopy'> {
  const { cards, history } = core.phoneData
  return {
    copyText: async (id) => {
      const text = cards.textOf(id)
      if (text !== null) await copy(text)
    },
    openText: (id) => {
      const link = webLink(cards.textOf(id) ?? '')
      if (link !== null) openLink(link.href)
    },
    dismissText: (id) => {
      core.phoneData.dismiss(id)
    },
    historyClear: () => {
      history.clear()
    },
    historyCopy: async (key) => {
      const text = history.one(key)?.text
      if (text !== undefined) await copy(text)
    },
  }
}

/** Answers what the window asks about records and the history. */
function askHandlers(
  core: Core,
  openLink: OpenLink,
): Omit<Answers, 'report' | 'wifi' | 'examine' | 'copyFile' | 'copyPicture'> {
  const { records, exports, history } = core.phoneData
  return {
    findRecords: (query) => records.find(query),
    recordKinds: (device) => records.kinds(device),
    readRecord: (key) => {
      const record = records.one(key)
      return record?.text ?? record?.title ?? ''
    },
    openRecord: (key) => {
      const url = records.linkOf(key)
      return url !== null && openLink(url)
    },
    exportRecords: (selection, format) => exports.run(selection, format),
    findHistory: (query) => history.find(query),
    historyShow: (key) => {
      const path = history.one(key)?.path
      if (path === undefined || !existsSync(path)) return 'gone'
      shell.showItemInFolder(path)
      return 'shown'
    },
    historyAgain: (key) => {
      const entry = history.one(key)
      return entry === undefined || entry.direction === 'in' ? 'gone' : again(core, entry)
    },
  }
}

async function again(core: Core, { device: id, path, text }: HistoryEntry): Promise<'sent' | 'away' | 'gone'> {
  const device = core.deviceOf(id)
  if (device?.state !== 'here') return 'away'
  if (text !== undefined) {
    device.sync.send(text)
    return 'sent'
  }
  try {
    if (path === undefined) return 'gone'
    await sendOnceMore(core, id, path)
    return 'sent'
  } catch (error) {
    if (error instanceof TransferError) return 'gone'
    throw error
  }
}

const copy = async (text: string): Promise<void> => {
  await clipboard.writeText(text)
}
