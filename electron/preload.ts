import { contextBridge, ipcRenderer, webUtils } from 'electron'
import * as v from 'valibot'
import type { AppState } from './app-state.ts'
import {
  IPC,
  LinkPortHandover,
  type Ask,
  type Reveal,
  type WindowApi,
  type Verb,
  PASTED_BYTES_MAX,
} from './window-api.ts'

/** Makes the function by which the page asks for a verb. */
const call =
  (verb: Verb | Ask) =>
  (...args: unknown[]): Promise<never> =>
    ipcRenderer.invoke(IPC.verb(verb), args) as Promise<never>

/** The part of a File that is used here. */
interface Pasted {
  readonly name: string
  readonly size: number
  readonly type: string
  arrayBuffer(): Promise<ArrayBuffer>
}

type Files = Parameters<WindowApi['sendFiles']>[1]
const seen = (file: Files[number]): Pasted => file
const nameOf = (file: Files[number]): string => seen(file).name
const bytesOf = async (file: Files[number]): Promise<Uint8Array> => new Uint8Array(await seen(file).arrayBuffer())

const pathOf = (file: Files[number]): string => webUtils.getPathForFile(file)
const isNowhere = (file: Files[number]): boolean => pathOf(file) === ''

/** Tells whether it is an image from another program, which is in no file. */
function isPicture(file: Files[number]): boolean {
  const { type, size } = seen(file)
  return isNowhere(file) && type.startsWith('image/') && size <= PASTED_BYTES_MAX
}

/** Sends the files that have a path. `lost`: names of those that have none, and can't be sent. */
async function sendThoseOnDisk(deviceId: string, files: Files, lost: readonly string[]): Promise<void> {
  const paths = files.map(pathOf).filter((path) => path !== '')
  if (paths.length + lost.length > 0) await call('sendPaths')(deviceId, paths, lost)
}

/**
 * What the page calls as it is: the names in VERBS and ASKS, but for what this file alone calls. A forgotten one does not
 * compile. The tables themselves would bring all their schemas into the page, half as much again as this whole script.
 */
const FORWARDED = [
  'state',
  'copyLink',
  'chooseFiles',
  'chooseFolder',
  'cancel',
  'pause',
  'sendFirst',
  'retry',
  'showInFolder',
  'dragOut',
  'copyFile',
  'copyPicture',
  'removeUnfinished',
  'openInbox',
  'useInbox',
  'clearFinished',
  'findRecords',
  'recordKinds',
  'readRecord',
  'openRecord',
  'copyRecords',
  'hideRecords',
  'forgetRecords',
  'exportRecords',
  'waitForPhone',
  'showExported',
  'sendText',
  'sendClipboard',
  'setClipboard',
  'copyText',
  'openText',
  'dismissText',
  'findHistory',
  'historyShow',
  'historyAgain',
  'historyCopy',
  'historyClear',
  'updateLook',
  'updateGet',
  'updateRestart',
  'updatePage',
  'examine',
  'openSystemPage',
  'report',
  'wifi',
  'copyReport',
  'setSetting',
  'pickFolder',
  'resetFolder',
  'answerLegacy',
  'answerFiles',
  'sendHanded',
  'dropHanded',
  'setAutoAccept',
  'rename',
  'testConnection',
  'revoke',
] as const satisfies readonly (Verb | Ask)[]
const forwarders = Object.fromEntries(FORWARDED.map((name) => [name, call(name)])) as Record<
  (typeof FORWARDED)[number],
  ReturnType<typeof call>
>

const api: WindowApi = {
  ...forwarders,
  // The page has File objects, for a folder too; paths are made here, where it can't see them.
  sendFiles: async (deviceId, files) => {
    await sendThoseOnDisk(deviceId, files, files.filter(isNowhere).map(nameOf))
  },
  pasteFiles: async (deviceId, files) => {
    const pasted = files.filter(isPicture)
    const lost = files.filter((file) => isNowhere(file) && !isPicture(file))
    await sendThoseOnDisk(deviceId, files, lost.map(nameOf))
    for (const file of pasted) await call('sendPasted')(deviceId, await bytesOf(file))
  },
  isOnDisk: (file) => !isNowhere(file),
  onReveal: (listener) => {
    const heard = (_event: unknown, what: Reveal): void => {
      listener(what)
    }
    ipcRenderer.on(IPC.reveal, heard)
    return () => ipcRenderer.off(IPC.reveal, heard)
  },
  onState: (listener) => {
    const heard = (_event: unknown, state: AppState): void => {
      listener(state)
    }
    ipcRenderer.on(IPC.changed, heard)
    return () => ipcRenderer.off(IPC.changed, heard)
  },
}

contextBridge.exposeInMainWorld('lanyard', api)

/** The little of a page's window that is used here; this folder is compiled without the DOM's types. */
type Port = NonNullable<Parameters<typeof ipcRenderer.postMessage>[2]>[number]
interface PageWindow {
  addEventListener(
    type: 'message',
    heard: (event: { source: unknown; data: unknown; ports: readonly Port[] }) => void,
  ): void
}
const page = globalThis as unknown as PageWindow

// A MessagePort can't cross the bridge; it comes by postMessage from the page itself.
page.addEventListener('message', (event) => {
  const handover = v.safeParse(LinkPortHandover, event.data)
  if (event.source !== page || !handover.success || event.ports.length !== 1) return
  ipcRenderer.postMessage(IPC.linkPort, { linkId: handover.output.linkId }, [...event.ports])
})
