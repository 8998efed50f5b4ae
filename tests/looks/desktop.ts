import '../../renderer/ui/tokens.css'
import '../../renderer/ui/base.css'
import { flushSync, mount } from 'svelte'
import { speak } from '../../messages/locale.ts'
import type { DeskState, ShellApi } from '../../electron/shell-api.ts'
import App from '../../renderer/desktop/App.svelte'
import { Desk } from '../../renderer/desktop/desk.svelte.ts'
import { isRunning } from '../../renderer/ui/transfer-text.ts'
import { DESK } from './desk-states.ts'

const BYTES_PER_TICK = 9_700_000
const TICK_MS = 200

const query = new URLSearchParams(location.search)
const name = query.get('state') ?? 'waiting'
speak([query.get('locale') ?? 'en'])

let state: DeskState = DESK[name] ?? DESK['waiting']!
const nothing = (): Promise<void> => Promise.resolve()
const api: ShellApi = {
  state: () => Promise.resolve(state),
  copyLink: nothing,
  chooseAddress: nothing,
  chooseFiles: nothing,
  chooseFolder: nothing,
  cancel: nothing,
  pause: nothing,
  sendFirst: nothing,
  setLane: nothing,
  removeUnfinished: nothing,
  retry: nothing,
  showInFolder: nothing,
  openInbox: nothing,
  clearFinished: nothing,
  exportRecords: nothing,
  setLegacy: nothing,
  answerLegacy: nothing,
  answerFiles: nothing,
  setAutoAccept: nothing,
  rename: nothing,
  revoke: nothing,
  sendFiles: nothing,
  onState: (listener) => {
    const timer = setInterval(() => {
      const transfers = state.transfers.map((one) =>
        isRunning(one) ? { ...one, bytes: Math.min(one.total, one.bytes + BYTES_PER_TICK) } : one,
      )
      const batches = state.batches.map((one) =>
        one.state === 'moving' && one.phase === 'sending'
          ? { ...one, bytes: Math.min(one.total, one.bytes + BYTES_PER_TICK), done: Math.min(one.files, one.done + 3) }
          : one,
      )
      state = { ...state, transfers, batches }
      listener(state)
    }, TICK_MS)
    return () => clearInterval(timer)
  },
}
const desk = new Desk(api)
desk.start()
mount(App, { target: document.getElementById('app')!, props: { desk } })

async function pose(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50))
  flushSync()
  if (name === 'here-large-code') document.querySelector<HTMLElement>('[data-testid="add-phone"]')?.click()
  if (name === 'legacy')
    document.querySelectorAll<HTMLElement>('[data-testid="record"] input').forEach((box, i) => i < 2 && box.click())
  if (name.startsWith('dragging')) {
    const dataTransfer = new DataTransfer()
    for (const file of ['a', 'b', 'c']) dataTransfer.items.add(new File([], file))
    const drag = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true })
    document.body.dispatchEvent(drag)
    flushSync()
    document.querySelector('[data-drop-device]')?.dispatchEvent(drag)
  }
}
void pose().then(() => (document.documentElement.dataset['posed'] = 'yes'))
