import '../../renderer/ui/tokens.css'
import '../../renderer/ui/base.css'
import { flushSync, mount, unmount } from 'svelte'
import { speak } from '../../messages/locale.ts'
import type { AppState } from '#electron/app-state.ts'
import type { WindowApi } from '#electron/window-api.ts'
import App from '../../renderer/desktop/App.svelte'
import { AppModel } from '#desktop/app-model.svelte.ts'
import { isRunning } from '#transfer/transfer-view.ts'
import { seen } from './doctor-states.ts'
import { DESK } from './desk-states.ts'
import { poseFor } from './pose.ts'
import { entry, pageOf, record } from './records-states.ts'

const BYTES_PER_TICK = 9_700_000
const TICK_MS = 200

speak([new URLSearchParams(location.search).get('locale') ?? 'en'])

let name = 'waiting'
let state: AppState = DESK['waiting']!
let records = 0
let entries = 0
const nothing = (): Promise<void> => Promise.resolve()
const api: WindowApi = {
  state: () => Promise.resolve(state),
  copyLink: nothing,
  chooseFiles: nothing,
  chooseFolder: nothing,
  cancel: nothing,
  pause: nothing,
  sendFirst: nothing,
  removeUnfinished: nothing,
  retry: nothing,
  showInFolder: nothing,
  dragOut: nothing,
  copyFile: () => Promise.resolve('copied'),
  copyPicture: () => Promise.resolve('refused'),
  openInbox: nothing,
  useInbox: nothing,
  clearFinished: nothing,
  findRecords: ({ offset, limit }) =>
    Promise.resolve({ rows: pageOf(record, offset, limit, records), total: Math.min(records, 10_001) }),
  recordKinds: () =>
    Promise.resolve(
      records === 0 ? [] : ['note', 'link', 'clip', 'file', 'walk'].map((kind) => ({ kind, count: records / 5 })),
    ),
  readRecord: (key) => Promise.resolve(record(key).text ?? record(key).title),
  openRecord: () => Promise.resolve(true),
  copyRecords: nothing,
  hideRecords: nothing,
  forgetRecords: nothing,
  exportRecords: () => Promise.resolve({ texts: 12, name: 'Records 2026-11-25 14.03.07', files: 3 }),
  waitForPhone: nothing,
  showExported: nothing,
  sendText: nothing,
  sendClipboard: nothing,
  setClipboard: nothing,
  copyText: nothing,
  openText: nothing,
  dismissText: nothing,
  findHistory: ({ offset, limit }) => Promise.resolve({ rows: pageOf(entry, offset, limit, entries), total: entries }),
  historyShow: () => Promise.resolve('gone'),
  historyAgain: () => Promise.resolve('away'),
  historyCopy: nothing,
  historyClear: nothing,
  updateLook: nothing,
  updateGet: nothing,
  updateRestart: nothing,
  updatePage: nothing,
  pasteFiles: nothing,
  setSetting: nothing,
  openSystemPage: nothing,
  examine: () => Promise.resolve(seen(name)),
  copyReport: nothing,
  report: () => Promise.resolve(REPORT),
  wifi: () =>
    Promise.resolve({ name: 'Home sweet home', code: 'WIFI:T:WPA;S:Home sweet home;P:correct horse battery;;' }),
  pickFolder: nothing,
  resetFolder: nothing,
  answerLegacy: nothing,
  answerFiles: nothing,
  sendHanded: nothing,
  dropHanded: nothing,
  setAutoAccept: nothing,
  rename: nothing,
  revoke: nothing,
  testConnection: nothing,
  sendFiles: nothing,
  isOnDisk: () => true,
  onReveal: () => () => undefined,
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
    still = () => clearInterval(timer)
    return still
  },
}
const REPORT = `Lanyard report

Lanyard: 0.1.0
Electron: 45.4.1
System: Linux 6.12.0 x64

Adapters: 2 real, 1 vpn
Phones: 1 page here webrtc
Settings: lane socket

Files of late, by lane:
  webrtc in: 12 done, 38.2 MB/s in the middle

Last errors:
  ${'2026-11-30T03:00:00.000Z error file-unread: [name] can’t be read\n  '.repeat(30)}`
const target = document.getElementById('app')!
let still = (): void => undefined
let before: object | undefined

async function show(which: string): Promise<void> {
  still()
  if (before !== undefined) await unmount(before)
  name = which
  state = DESK[name] ?? DESK['waiting']!
  records = name.startsWith('records') && name !== 'records-empty' ? (name === 'records-many' ? 100_000 : 40) : 0
  entries = state.hasHistory ? 60 : 0
  const app = new AppModel(api)
  app.start()
  before = mount(App, { target, props: { app } })
  await act()
}

/** Looks for what is clicked, of a state that is still being shown, before it does without. */
const LOOKS = 20

async function click(testid: string): Promise<void> {
  const find = (): HTMLElement | null => document.querySelector(`[data-testid="${testid}"]`)
  for (let looks = 0; looks < LOOKS && find() === null; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    flushSync()
  }
  find()?.click()
  flushSync()
  await new Promise((resolve) => setTimeout(resolve, 50))
  flushSync()
}

async function poseRecords(): Promise<void> {
  await click('nav-records')
  if (name === 'records-some')
    document.querySelectorAll<HTMLElement>('[data-testid="record"] input').forEach((box, i) => i < 2 && box.click())
  if (name === 'records-exported') await click('export-button')
  if (name === 'records-whole') await click('record-open')
  if (name === 'records-hide') {
    await click('select-all')
    await click('hide-records')
  }
  if (name === 'records-many') {
    const list = document.querySelector('[data-testid="long-list"]')
    if (list) list.scrollTop = 3_000_000
    await new Promise((resolve) => setTimeout(resolve, 100))
    flushSync()
  }
}

/** What a person does before it looks so. */
async function act(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50))
  flushSync()
  if (name === 'here-large-code' || name === 'doctor-open') await click('add-phone')
  if (name.startsWith('records')) await poseRecords()
  if (name.startsWith('history')) await click('nav-history')
  if (name.startsWith('settings')) await click('settings-open')
  if (name === 'settings-report') await click('report-open')
  if (name === 'settings-open') document.querySelectorAll('details').forEach((one) => (one.open = true))
  if (name.startsWith('doctor-')) await click('doctor')
  if (name.startsWith('test-')) await click('test-connection')
  if (name === 'wifi') await click('wifi-ask')
  if (name === 'text-box') await click('send-text')
  if (name.startsWith('paste')) {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', 'https://ferries.example')
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))
    flushSync()
  }
  if (name.startsWith('dragging')) {
    const dataTransfer = new DataTransfer()
    if (name === 'dragging-text') dataTransfer.setData('text/plain', 'https://ferries.example')
    else for (const file of ['a', 'b', 'c']) dataTransfer.items.add(new File([], file))
    const drag = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true })
    document.body.dispatchEvent(drag)
    flushSync()
    document.querySelector('[data-drop-device]')?.dispatchEvent(drag)
  }
}
const moves = (): boolean =>
  state.transfers.some(isRunning) || state.batches.some((one) => one.state === 'moving' && one.phase === 'sending')
poseFor({
  show,
  moves,
  still: () => {
    still()
  },
})
