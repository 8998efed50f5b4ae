import { ipcMain, type BrowserWindow, type MessagePortMain } from 'electron'
import * as v from 'valibot'
import type { Core } from '#core/core.ts'
import { parse } from '#protocol/parse.ts'
import { Debounce } from '#transfer/debounce.ts'
import { assertOurs } from './security.ts'
import type { AppState } from './app-state.ts'
import { ASKS, IPC, VERBS, type Ask, type AskArgs, type AskResults, type Verb, type VerbArgs } from './window-api.ts'

/** What the main process does for each verb; a missing one is a compile error. */
export type Handlers = {
  [V in Verb]: (...args: VerbArgs<V>) => V extends 'state' ? AppState : Promise<void> | void
}

/** The same for what it asks. */
export type Answers = {
  [A in Ask]: (...args: AskArgs<A>) => Promise<AskResults[A]> | AskResults[A]
}

/** Answers the window: the sender is checked, then the arguments, then the handler acts. */
export function answerVerbs(handlers: Handlers & Answers, ours: (url: string) => boolean): void {
  const rows = { ...VERBS, ...ASKS }
  for (const row of Object.keys(rows) as (Verb | Ask)[]) {
    const handler = handlers[row] as (...args: unknown[]) => unknown
    ipcMain.handle(IPC.verb(row), (event, args: unknown) => {
      assertOurs(event, ours)
      return handler(...parse(rows[row], args))
    })
  }
}

const Handover = v.object({ linkId: v.string() })

/** Takes the window's end of each hosted link to the device it belongs to. */
export function takeLinkPorts(core: Core, ours: (url: string) => boolean): void {
  ipcMain.on(IPC.linkPort, (event, message: unknown) => {
    assertOurs(event, ours)
    const port = event.ports[0]
    if (port !== undefined) connect(core, parse(Handover, message).linkId, port)
  })
}

function connect(core: Core, linkId: string, port: MessagePortMain): void {
  let current = true
  const device = core.attach(linkId, {
    post: (message) => {
      port.postMessage(message)
    },
    close: () => {
      current = false
      port.close()
    },
  })
  if (device === null) {
    port.close()
    return
  }
  port.on('message', ({ data }) => {
    if (current) device.receive(data)
  })
  port.on('close', () => {
    if (current) device.detach()
  })
  port.start()
}

/** Milliseconds: changes within it reach the window as one. */
const PUSH_WITHIN_MS = 50
/** Progress alone is shown less often: drawing it takes the processor from what it shows. */
const PROGRESS_WITHIN_MS = 500

/** Pushes the state to the window soon after it changed, however often it is called. */
export function pushState(
  state: () => AppState,
  window: () => BrowserWindow | null,
): (what: 'state' | 'progress') => void {
  const push = (): void => {
    const contents = window()?.webContents
    if (contents?.isDestroyed() === false) contents.send(IPC.changed, state())
  }
  const soon = new Debounce(push)
  return (what) => {
    soon.within(what === 'state' ? PUSH_WITHIN_MS : PROGRESS_WITHIN_MS)
  }
}
