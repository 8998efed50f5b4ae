import { clipboard, shell } from 'electron'
import { existsSync } from 'node:fs'
import { m } from '#messages'
import type { Desk } from '#core/core.ts'
import { sendOnceMore } from '#core/transfers/send-note.ts'
import { Pasted } from '#core/transfers/pasted.ts'
import { stamp } from '#core/records/stamp.ts'
import { webLinkIn } from '#core/records/web-link.ts'
import { TEXT_CHARS_MAX } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import type { HistoryEntry } from '#store/database/types.ts'
import type { Answers, Handlers } from './ipc.ts'

export interface RecordPorts {
  readonly desk: Desk
  /** Opens a link in the system's browser, if that may be; false when it may not. */
  readonly openLink: (url: string) => boolean
}

/** What the window's verbs about records do here. */
export function recordHandlers({
  desk,
}: RecordPorts): Pick<Handlers, 'copyRecords' | 'hideRecords' | 'forgetRecords' | 'waitForPhone' | 'showExported'> {
  const { archive, exporting } = desk.library
  return {
    copyRecords: async (selection) => {
      const text = archive.textOf(selection)
      if (text !== '') await copy(text)
    },
    hideRecords: (selection) => {
      archive.hide(selection)
    },
    forgetRecords: (deviceId) => {
      // Those of a phone that is on the list would come again at once.
      if (desk.deviceOf(deviceId) === undefined) archive.forget(deviceId)
    },
    waitForPhone: (id, yes) => {
      exporting.wait(id, yes)
    },
    showExported: () => {
      if (exporting.lastPath !== null) shell.showItemInFolder(exporting.lastPath)
    },
  }
}

/** What goes to a phone beside its files. */
export function textHandlers({
  desk,
}: RecordPorts): Pick<Handlers, 'sendText' | 'sendClipboard' | 'sendPasted' | 'setClipboard'> {
  const pasted = new Pasted()
  return {
    sendText: (deviceId, text) => {
      desk.deviceOf(deviceId)?.talk.send(text)
    },
    sendClipboard: async (deviceId) => {
      const text = await clipboard.readText()
      if (text.trim() !== '') desk.deviceOf(deviceId)?.talk.send(text.slice(0, TEXT_CHARS_MAX))
    },
    sendPasted: (deviceId, bytes) => {
      if (desk.deviceOf(deviceId) === undefined) return
      desk.board.send(deviceId, [pasted.source(bytes, m.pasted_image({ when: stamp(new Date()) }))])
    },
    setClipboard: (deviceId, on) => {
      desk.setClipboard(deviceId, on)
    },
  }
}

/** Texts that came, and the history. */
export function pastHandlers({
  desk,
  openLink,
}: RecordPorts): Pick<Handlers, 'copyText' | 'openText' | 'dismissText' | 'historyClear' | 'historyCopy'> {
  const { cards, past } = desk.library
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
      desk.library.dismiss(id)
    },
    historyClear: () => {
      past.clear()
    },
    historyCopy: async (key) => {
      const text = past.one(key)?.text
      if (text !== undefined) await copy(text)
    },
  }
}

/** What the window asks about records and the history. */
export function answersOf({ desk, openLink }: RecordPorts): Answers {
  const { archive, exporting, past } = desk.library
  return {
    findRecords: (query) => archive.find(query),
    recordKinds: (device) => archive.kinds(device),
    readRecord: (key) => {
      const record = archive.one(key)
      return record?.text ?? record?.title ?? ''
    },
    openRecord: (key) => {
      const url = archive.linkOf(key)
      return url !== null && openLink(url)
    },
    exportRecords: (selection, format) => exporting.run(selection, format),
    findHistory: (query) => past.find(query),
    historyShow: (key) => {
      const path = past.one(key)?.path
      if (path === undefined || !existsSync(path)) return 'gone'
      shell.showItemInFolder(path)
      return 'shown'
    },
    historyAgain: (key) => {
      const entry = past.one(key)
      return entry === undefined || entry.direction === 'in' ? 'gone' : again(desk, entry)
    },
  }
}

async function again(desk: Desk, { device: id, path, text }: HistoryEntry): Promise<'sent' | 'away' | 'gone'> {
  const device = desk.deviceOf(id)
  if (device?.state !== 'here') return 'away'
  if (text !== undefined) {
    device.talk.send(text)
    return 'sent'
  }
  try {
    if (path === undefined) return 'gone'
    await sendOnceMore(desk, id, path)
    return 'sent'
  } catch (error) {
    if (error instanceof TransferError) return 'gone'
    throw error
  }
}

const copy = async (text: string): Promise<void> => {
  await clipboard.writeText(text)
}
