import { beforeEach, describe, expect, test } from 'vitest'
import type { DeviceView, ListedBatch, ListedTransfer } from '#electron/app-state.ts'
import { Notices, type Notice, type NoticeSettings, type NoticeState } from './notices.ts'

const ALL: NoticeSettings = {
  notifyArrivals: true,
  notifyTexts: true,
  notifyQuestions: true,
  notifyFailures: true,
  notifyWaiting: true,
}

const DEVICE: DeviceView = {
  ...{ id: 'p1', name: 'Pixel 8', kind: 'page', state: 'here', autoAccept: true, texts: true },
  ...{ clipboard: false, unheard: 0 },
}

const file = (over: Partial<ListedTransfer> = {}): ListedTransfer => ({
  ...{ id: 't1', direction: 'in', name: 'photo.jpg', bytes: 9, total: 9, state: 'done', phase: 'sending' },
  ...{ lane: 'webrtc', deviceId: 'p1', deviceName: 'Pixel 8', canShow: true, canRetry: false, asks: false },
  ...over,
})

const batch = (over: Partial<ListedBatch> = {}): ListedBatch => ({
  ...{ id: 'b1', direction: 'in', name: '', files: 100, done: 100, failed: 0, verified: 100, already: 0 },
  ...{ bytes: 9, total: 9, state: 'done', phase: 'sending', deviceId: 'p1', deviceName: 'Pixel 8', canShow: true },
  skipped: 0,
  ...over,
})

const state = (over: Partial<NoticeState> = {}): NoticeState => ({
  ...{ devices: [DEVICE], transfers: [], batches: [], texts: [], legacyQuestions: [] },
  ...over,
})

let settings: NoticeSettings
let notices: Notices

beforeEach(() => {
  settings = ALL
  notices = new Notices(() => settings)
  notices.take(state(), false)
})

/** What is told of this state. */
const told = (over: Partial<NoticeState>, inFront = false): readonly Notice[] => {
  notices.take(state(over), inFront)
  return notices.due().show
}
const bodies = (over: Partial<NoticeState>, inFront = false): string[] => told(over, inFront).map(({ body }) => body)

describe('arrivals', () => {
  test('a file is told once, by its name, and a click shows it', () => {
    const transfers = [file()]
    expect(told({ transfers })).toEqual([
      {
        ...{ tag: 'arrived p1', title: 'Pixel 8', body: 'photo.jpg has arrived.' },
        click: { do: 'show-file', id: 't1' },
        buttons: [{ label: 'Show in folder', action: { do: 'show-file', id: 't1' } }],
      },
    ])
    expect(notices.hasUnseen).toBe(true)
    expect(told({ transfers })).toEqual([])
  })

  test('more of them take its place and are counted; who has looked begins anew', () => {
    const one = file()
    const two = file({ id: 't2', name: 'b.jpg' })
    expect(bodies({ transfers: [one] })).toEqual(['photo.jpg has arrived.'])
    expect(bodies({ transfers: [two, one] })).toEqual(['2 files have arrived.'])
    notices.take(state({ transfers: [two, one] }), true)
    expect(notices.due().close).toEqual(['arrived p1'])
    expect(notices.hasUnseen).toBe(false)
    expect(bodies({ transfers: [file({ id: 't3', name: 'c.jpg' }), two, one] })).toEqual(['c.jpg has arrived.'])
  })

  test('a batch is one notice, and its files none', () => {
    expect(bodies({ batches: [batch({ state: 'moving', done: 3 })], transfers: [file({ batch: 'b1' })] })).toEqual([])
    expect(bodies({ batches: [batch()], transfers: [file({ batch: 'b1' })] })).toEqual(['100 files have arrived.'])
    expect(bodies({ batches: [batch({ id: 'b2', name: 'Holiday' })] })).toEqual(['Holiday has arrived.'])
  })

  test('nothing is told of what was there at the start, came while somebody looked, went out or was cancelled', () => {
    notices = new Notices(() => settings)
    expect(bodies({ transfers: [file()] })).toEqual([])
    expect(bodies({ transfers: [file({ id: 't2' })] }, true)).toEqual([])
    expect(bodies({ transfers: [file({ id: 't2' })] })).toEqual([])
    const quiet = [file({ id: 't3', direction: 'out' }), file({ id: 't4', state: 'cancelled' })]
    expect(bodies({ transfers: quiet })).toEqual([])
    expect(notices.hasUnseen).toBe(false)
  })

  test('a file that cannot be shown leads to the window', () => {
    expect(told({ transfers: [file({ canShow: false })] })[0]).toMatchObject({
      click: { do: 'show-window' },
      buttons: [],
    })
  })
})

test('names are cleaned, hold no markup and are short', () => {
  const name = `<b>a & b</b>\u202egpj\n${'x'.repeat(500)}`
  const [notice] = told({ transfers: [file({ name, deviceName: '<img src=x>' })] })
  expect(notice?.title).toBe('‹img src=x›')
  expect(notice?.body).toMatch(/^‹b›a ＆ b‹\/b› gpj x+… has arrived\.$/)
  expect(notice?.body.length).toBeLessThan(120)
})

test('a device without a name is a phone', () => {
  expect(told({ transfers: [file({ deviceName: '\u202e' })] })[0]?.title).toBe('Phone')
})

test('texts are told with a button that copies', () => {
  const texts = [
    { id: 'x', deviceId: 'p1', deviceName: 'Pixel 8', text: 'hi  there', isCut: false, isLink: false, copied: false },
  ]
  const [notice] = told({ texts })
  expect(notice).toMatchObject({ body: 'hi there', buttons: [{ action: { do: 'copy-text', id: 'x' } }] })
  expect(told({ texts })).toEqual([])
})

describe('questions', () => {
  const asking = (id: string): ListedTransfer => file({ id, state: 'moving', phase: 'waiting', asks: true })

  test('files that wait for a yes are one question, with both answers, until it is over', () => {
    expect(bodies({ transfers: [asking('a')] })).toEqual(['photo.jpg waits for your yes.'])
    const [notice] = told({ transfers: [asking('a'), asking('b')] })
    expect(notice?.body).toBe('2 files wait for your yes.')
    expect(notice?.buttons.map(({ action }) => action)).toEqual([
      { do: 'answer-files', ids: ['a', 'b'], yes: true },
      { do: 'answer-files', ids: ['a', 'b'], yes: false },
    ])
    expect(told({ transfers: [asking('b')] })).toEqual([])
    notices.take(state(), false)
    expect(notices.due().close).toEqual(['asks p1'])
  })

  test('an older app at the door', () => {
    const legacyQuestions = [{ id: 'q', address: '192.168.1.9', role: 1 as const }]
    expect(bodies({ legacyQuestions })).toEqual(['An older app at 192.168.1.9 wants to connect.'])
    notices.take(state(), false)
    expect(notices.due().close).toEqual(['legacy'])
  })
})

test('failures say why', () => {
  expect(bodies({ transfers: [file({ state: 'failed', reason: 'disk-full' })] })[0]).toMatch(/^photo\.jpg: ./)
  expect(bodies({ batches: [batch({ state: 'failed', failed: 2, done: 0 })] })).toEqual(['2 files could not be moved.'])
})

test('a phone that goes while files wait for it is told once, until it is back', () => {
  const transfers = [file({ direction: 'out', state: 'moving', phase: 'paused', paused: 'away' })]
  const away = [{ ...DEVICE, state: 'away' as const }]
  expect(bodies({ devices: away, transfers })).toEqual(['It is away. 1 file waits until it is back.'])
  expect(bodies({ devices: away, transfers })).toEqual([])
  notices.take(state(), false)
  expect(notices.due().close).toEqual(['waiting p1'])
  expect(bodies({ devices: away, transfers })).toHaveLength(1)
})

test('each kind can be switched off', () => {
  settings = { ...ALL, notifyArrivals: false }
  expect(bodies({ transfers: [file()] })).toEqual([])
  // The icon's mark is no notice.
  expect(notices.hasUnseen).toBe(true)
  settings = ALL
  expect(bodies({ transfers: [file({ id: 't2', state: 'failed', reason: 'failed' })] })).toHaveLength(1)
  settings = { ...ALL, notifyFailures: false }
  expect(bodies({ transfers: [file({ id: 't3', state: 'failed', reason: 'failed' })] })).toEqual([])
})
