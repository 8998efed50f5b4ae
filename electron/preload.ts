import { contextBridge, ipcRenderer, webUtils } from 'electron'
import * as v from 'valibot'
import { IPC, LinkPortHandover, type DeskState, type ShellApi, type Verb } from './shell-api.ts'

const call =
  (verb: Verb) =>
  (...args: unknown[]): Promise<never> =>
    ipcRenderer.invoke(IPC.verb(verb), args) as Promise<never>

const api: ShellApi = {
  state: call('state'),
  copyLink: call('copyLink'),
  chooseAddress: call('chooseAddress'),
  chooseFiles: call('chooseFiles'),
  chooseFolder: call('chooseFolder'),
  cancel: call('cancel'),
  pause: call('pause'),
  sendFirst: call('sendFirst'),
  setLane: call('setLane'),
  retry: call('retry'),
  showInFolder: call('showInFolder'),
  removeUnfinished: call('removeUnfinished'),
  openInbox: call('openInbox'),
  clearFinished: call('clearFinished'),
  exportRecords: call('exportRecords'),
  setLegacy: call('setLegacy'),
  answerLegacy: call('answerLegacy'),
  answerFiles: call('answerFiles'),
  setAutoAccept: call('setAutoAccept'),
  rename: call('rename'),
  revoke: call('revoke'),
  // The page has File objects, for a folder too; paths are made here, where it can't see them.
  sendFiles: async (deviceId, files) => {
    const paths = files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== '')
    if (paths.length > 0) await call('sendPaths')(deviceId, paths)
  },
  onState: (listener) => {
    const heard = (_event: unknown, state: DeskState): void => {
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
