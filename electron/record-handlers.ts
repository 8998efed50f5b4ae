import { clipboard, shell } from 'electron'
import { existsSync } from 'node:fs'
import { m } from '#messages'
import type { Core } from '#core/core.ts'
import { sendOnceMore } from '#core/transfers/send-note.ts'
import { Pasted } from '#core/transfers/pasted.ts'
import { stamp } from '#core/records/stamp.ts'
import { webLinkIn } from '#core/records/web-link.ts'
import { TEXT_CHARS_MAX } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import type { HistoryEntry } from '#store/database/types.ts'
import type { Answers, Handlers } from './ipc.ts'

export interface RecordPorts {
  readonly core: Core
  /** Opens a link in the system's browser, if that may be; false when it may not. */
  readonly openLink: (url: string) => boolean
}

/** What the window's verbs about records do here. */
export function recordHandlers({
  core,
}: RecordPorts): Pick<Handlers, 'copyRecords' | 'hideRecords' | 'forgetRecords' | 'waitForPhone' | 'showExported'> {
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

/** What goes to a phone beside its files. */
export function textHandlers({
  core,
}: RecordPorts): Pick<Handlers, 'sendText' | 'sendClipboard' | 'sendPasted' | 'setClipboard'> {
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

/** Texts that came, and the history. */
export function pastHandlers({
  core,
  openLink,
}: RecordPorts): Pick<Handlers, 'copyText' | 'openText' | 'dismissText' | 'historyClear' | 'historyCopy'> {
  const { cards, history } = core.phoneData
  return {
    copyText: async (id) => {
      const text = cards.textOf(id)
      if (text !== null) await copy(text)
    },
    openText: (id) => {
      const url = webLinkIn(cards.textOf(id) ?? '')
      if (url !== null) openLink(url)
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

/** What the window asks about records and the history. */
export function answersOf({ core, openLink }: RecordPorts): Answers {
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
