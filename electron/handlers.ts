import { app, clipboard, dialog, shell, type BrowserWindow } from 'electron'
import type { Core } from '#core/core.ts'
import type { Settings } from '#store/settings.ts'
import type { Answers, Handlers } from './ipc.ts'
import { answersOf, pastHandlers, recordHandlers, textHandlers } from './record-handlers.ts'
import { openWebLink } from './security.ts'

export interface HandlerPorts {
  readonly core: Core
  /** The folder where received files land. */
  readonly inbox: string
  readonly window: () => BrowserWindow | null
  readonly remember: (settings: Pick<Settings, 'address' | 'legacy' | 'lane'>) => void
}

/** What each verb of the window does here: what only an operating system can do, and the core's verbs. */
export function handlersFor({ core, inbox, window, remember }: HandlerPorts): Handlers & Answers {
  const openLink = (url: string): boolean => openWebLink(window()?.webContents, url)
  const choose = async (deviceId: string, what: 'openFile' | 'openDirectory'): Promise<void> => {
    await core.sendNote.send(core, deviceId, await ask(window(), what))
  }
  return {
    state: () => core.state(),
    copyLink: async () => {
      const { link } = core.state()
      if (link !== null) await clipboard.writeText(link.text)
    },
    chooseAddress: (address) => {
      core.chooseAddress(address)
      remember({ address })
    },
    chooseFiles: (deviceId) => choose(deviceId, 'openFile'),
    chooseFolder: (deviceId) => choose(deviceId, 'openDirectory'),
    sendPaths: (deviceId, paths, lost) => core.sendNote.send(core, deviceId, paths, lost),
    ...transfersFor(core, remember),
    openInbox: async () => {
      await shell.openPath(inbox)
    },
    useInbox: () => core.inbox.use(),
    ...answersFor(core, remember),
    ...recordHandlers({ core, openLink }),
    ...textHandlers({ core, openLink }),
    ...pastHandlers({ core, openLink }),
    ...answersOf({ core, openLink }),
  }
}

/** What a person wants of files that come and go. */
function transfersFor(
  core: Core,
  remember: HandlerPorts['remember'],
): Pick<
  Handlers,
  'cancel' | 'pause' | 'sendFirst' | 'setLane' | 'retry' | 'showInFolder' | 'removeUnfinished' | 'clearFinished'
> {
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
    setLane: (lane) => {
      core.setLane(lane)
      remember({ lane })
    },
    retry: (id) => core.transferList.retry(id),
    removeUnfinished: (key) => core.leftovers.remove(key),
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

/** What a person says of devices: to apps of 2018 that ask, to those with files, and to known ones. */
function answersFor(
  core: Core,
  remember: HandlerPorts['remember'],
): Pick<Handlers, 'setLegacy' | 'answerLegacy' | 'answerFiles' | 'setAutoAccept' | 'rename' | 'revoke'> {
  return {
    rename: (deviceId, name) => {
      core.pairedDevices.rename(deviceId, name)
    },
    revoke: (deviceId) => {
      core.pairedDevices.revoke(deviceId)
    },
    setLegacy: (legacy) => {
      core.legacyPrompts.setPolicy(legacy)
      remember({ legacy })
    },
    answerLegacy: (id, yes) => {
      core.legacyPrompts.answer(id, yes)
    },
    answerFiles: (ids, yes) => {
      core.filePrompts.answer(ids, yes)
    },
    setAutoAccept: (deviceId, on) => {
      core.setAutoAccept(deviceId, on)
    },
  }
}

async function ask(parent: BrowserWindow | null, what: 'openFile' | 'openDirectory'): Promise<readonly string[]> {
  if (parent === null) return []
  const defaultPath = app.getPath('home')
  const choice = await dialog.showOpenDialog(parent, { defaultPath, properties: [what, 'multiSelections'] })
  return choice.filePaths
}
