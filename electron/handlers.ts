import { app, clipboard, dialog, shell, type BrowserWindow } from 'electron'
import type { Desk } from '#core/core.ts'
import type { Settings } from '#store/settings.ts'
import type { Answers, Handlers } from './ipc.ts'
import { answersOf, pastHandlers, recordHandlers, textHandlers } from './record-handlers.ts'
import { openWebLink } from './security.ts'

export interface HandlerPorts {
  readonly desk: Desk
  /** The folder where received files land. */
  readonly inbox: string
  readonly window: () => BrowserWindow | null
  readonly remember: (settings: Pick<Settings, 'address' | 'legacy' | 'lane'>) => void
}

/** What each verb of the window does here: what only an operating system can do, and the desk's verbs. */
export function handlersFor({ desk, inbox, window, remember }: HandlerPorts): Handlers & Answers {
  const openLink = (url: string): boolean => openWebLink(window()?.webContents, url)
  const choose = async (deviceId: string, what: 'openFile' | 'openDirectory'): Promise<void> => {
    await desk.sendNote.send(desk, deviceId, await ask(window(), what))
  }
  return {
    state: () => desk.state(),
    copyLink: async () => {
      const { link } = desk.state()
      if (link !== null) await clipboard.writeText(link.text)
    },
    chooseAddress: (address) => {
      desk.chooseAddress(address)
      remember({ address })
    },
    chooseFiles: (deviceId) => choose(deviceId, 'openFile'),
    chooseFolder: (deviceId) => choose(deviceId, 'openDirectory'),
    sendPaths: (deviceId, paths, lost) => desk.sendNote.send(desk, deviceId, paths, lost),
    ...transfersFor(desk, remember),
    openInbox: async () => {
      await shell.openPath(inbox)
    },
    useInbox: () => desk.inbox.use(),
    ...answersFor(desk, remember),
    ...recordHandlers({ desk, openLink }),
    ...textHandlers({ desk, openLink }),
    ...pastHandlers({ desk, openLink }),
    ...answersOf({ desk, openLink }),
  }
}

/** What a person wants of files that come and go. */
function transfersFor(
  desk: Desk,
  remember: HandlerPorts['remember'],
): Pick<
  Handlers,
  'cancel' | 'pause' | 'sendFirst' | 'setLane' | 'retry' | 'showInFolder' | 'removeUnfinished' | 'clearFinished'
> {
  return {
    cancel: (id) => {
      desk.board.cancel(id)
    },
    pause: (id, on) => {
      desk.board.pause(id, on)
    },
    sendFirst: (id) => {
      desk.board.first(id)
    },
    setLane: (lane) => {
      desk.setLane(lane)
      remember({ lane })
    },
    retry: (id) => desk.board.retry(id),
    removeUnfinished: (key) => desk.leftovers.remove(key),
    showInFolder: (id) => {
      const path = desk.board.pathOf(id)
      if (path !== null) shell.showItemInFolder(path)
    },
    clearFinished: () => {
      desk.board.clearFinished()
      desk.sendNote.clear()
    },
  }
}

/** What a person says of devices: to apps of 2018 that ask, to those with files, and to known ones. */
function answersFor(
  desk: Desk,
  remember: HandlerPorts['remember'],
): Pick<Handlers, 'setLegacy' | 'answerLegacy' | 'answerFiles' | 'setAutoAccept' | 'rename' | 'revoke'> {
  return {
    rename: (deviceId, name) => {
      desk.trust.rename(deviceId, name)
    },
    revoke: (deviceId) => {
      desk.trust.revoke(deviceId)
    },
    setLegacy: (legacy) => {
      desk.legacy.setPolicy(legacy)
      remember({ legacy })
    },
    answerLegacy: (id, yes) => {
      desk.legacy.answer(id, yes)
    },
    answerFiles: (ids, yes) => {
      desk.offers.answer(ids, yes)
    },
    setAutoAccept: (deviceId, on) => {
      desk.setAutoAccept(deviceId, on)
    },
  }
}

async function ask(parent: BrowserWindow | null, what: 'openFile' | 'openDirectory'): Promise<readonly string[]> {
  if (parent === null) return []
  const defaultPath = app.getPath('home')
  const choice = await dialog.showOpenDialog(parent, { defaultPath, properties: [what, 'multiSelections'] })
  return choice.filePaths
}
