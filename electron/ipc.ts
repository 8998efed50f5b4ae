import { ipcMain, type BrowserWindow, type MessagePortMain } from 'electron'
import * as v from 'valibot'
import type { Desk } from '#desk/desk.ts'
import { parse } from '#protocol/parse.ts'
import { Soon } from '#transfer/soon.ts'
import { assertOurs } from './security.ts'
import { IPC, VERBS, type DeskState, type Verb, type VerbArgs } from './shell-api.ts'

/** What the main process does for each verb; a missing one is a compile error. */
export type Handlers = {
  [V in Verb]: (...args: VerbArgs<V>) => V extends 'state' ? DeskState : Promise<void> | void
}

/** Answers the window's verbs: the sender is checked, then the arguments, then the handler acts. */
export function answerVerbs(handlers: Handlers, ours: (url: string) => boolean): void {
  for (const verb of Object.keys(VERBS) as Verb[]) {
    ipcMain.handle(IPC.verb(verb), (event, args: unknown) => {
      assertOurs(event, ours)
      return run(handlers, verb, args)
    })
  }
}

function run(handlers: Handlers, verb: Verb, args: unknown): unknown {
  const handler = handlers[verb] as (...args: unknown[]) => unknown
  return handler(...parse(VERBS[verb], args))
}

const Handover = v.object({ linkId: v.string() })

/** Takes the window's end of each hosted link to the device it belongs to. */
export function takeLinkPorts(desk: Desk, ours: (url: string) => boolean): void {
  ipcMain.on(IPC.linkPort, (event, message: unknown) => {
    assertOurs(event, ours)
    const port = event.ports[0]
    if (port !== undefined) connect(desk, parse(Handover, message).linkId, port)
  })
}

function connect(desk: Desk, linkId: string, port: MessagePortMain): void {
  let current = true
  const device = desk.attach(linkId, {
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
  state: () => DeskState,
  window: () => BrowserWindow | null,
): (what: 'state' | 'progress') => void {
  const push = (): void => {
    const contents = window()?.webContents
    if (contents && !contents.isDestroyed()) contents.send(IPC.changed, state())
  }
  const soon = new Soon(push)
  return (what) => {
    soon.within(what === 'state' ? PUSH_WITHIN_MS : PROGRESS_WITHIN_MS)
  }
}
