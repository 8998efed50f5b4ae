import { describe, expect, test } from 'vitest'
import type { DeviceView, ListedBatch, ListedTransfer, UpdateView } from '#electron/app-state.ts'
import { trayMark, trayMenu, type TrayEntry, type TrayState } from './tray-menu.ts'

const device = (over: Partial<DeviceView> = {}): DeviceView => ({
  id: 'p1',
  name: 'Pixel 8',
  kind: 'page',
  state: 'here',
  autoAccept: true,
  texts: true,
  clipboard: false,
  unheard: 0,
  ...over,
})

const transfer = (over: Partial<ListedTransfer> = {}): ListedTransfer => ({
  id: 't1',
  direction: 'in',
  name: 'photo.jpg',
  bytes: 50,
  total: 200,
  state: 'moving',
  phase: 'sending',
  lane: 'webrtc',
  deviceId: 'p1',
  deviceName: 'Pixel 8',
  canShow: false,
  canRetry: false,
  asks: false,
  ...over,
})

const batch = (over: Partial<ListedBatch> = {}): ListedBatch => ({
  ...{ id: 'b1', direction: 'in', name: '', files: 100, done: 40, failed: 0, verified: 40, already: 0 },
  ...{ bytes: 600, total: 800, state: 'moving', phase: 'sending' },
  ...{ deviceId: 'p1', deviceName: 'Pixel 8', canShow: false, skipped: 0 },
  ...over,
})

const state = (over: Partial<TrayState> = {}): TrayState => ({
  ...{ devices: [], transfers: [], batches: [], inboxName: 'Lanyard' },
  update: { version: '1.0.0', way: { way: 'self' }, now: { state: 'idle', looked: true } },
  ...over,
})

const labels = (entries: readonly TrayEntry[]): string[] => entries.map(({ label }) => label || '-')

describe('the menu', () => {
  test('with nobody there', () => {
    expect(labels(trayMenu(state()))).toEqual([
      ...['Show Lanyard', '-', 'Show the code', 'Open the folder “Lanyard”', 'Settings', '-', 'Quit'],
    ])
  })

  test('lists who is here before who is away, each with what can be sent', () => {
    const devices = [
      device({ id: 'a', name: 'Old', state: 'away' }),
      device({ id: 'b', name: '', texts: false, state: 'connecting' }),
      device({ id: 'c' }),
    ]
    const [, , ...entries] = trayMenu(state({ devices }))
    expect(labels(entries.slice(0, 3))).toEqual(['Pixel 8 · here', 'Phone · connecting', 'Old · away'])
    expect(entries[0]?.entries).toEqual([
      { label: 'Send files…', action: { do: 'send-files', deviceId: 'c' } },
      { label: 'Send clipboard', action: { do: 'send-clipboard', deviceId: 'c' } },
    ])
    expect(labels(entries[1]?.entries ?? [])).toEqual(['Send files…'])
  })

  const updated = (now: UpdateView['now'], way: UpdateView['way'] = { way: 'self' }) => ({
    update: { version: '1.0.0', way, now },
  })
  const PAGE = { way: 'page', why: 'package-manager' } as const
  test.each([
    ['found', updated({ state: 'available', version: '2' }), 'Download version 2', 'update-get'],
    ['found, by a copy that cannot replace itself', updated({ state: 'available', version: '2' }, PAGE), 'Version 2 is available…', 'update-page'],
    ['fetched', updated({ state: 'ready', version: '2' }), 'Restart to install version 2', 'update-restart'],
    ['fetched, while files move', { ...updated({ state: 'ready', version: '2' }), transfers: [transfer()] }, 'Version 2 is ready. It is installed when you quit.', undefined],
  ])('a newer version that is %s', (_, over, label, action) => {
    const entry = trayMenu(state(over)).find((one) => one.label === label)
    expect([entry?.label, entry?.action?.do]).toEqual([label, action])
  }) // prettier-ignore

  test.each(['idle', 'checking', 'downloading', 'failed'] as const)('says nothing of updates: %s', (name) => {
    const now = {
      state: name,
      looked: false,
      version: '2',
      percent: 1,
      at: 'check',
      why: 'offline',
    } as UpdateView['now']
    expect(labels(trayMenu(state(updated(now)))).filter((label) => /version/i.test(label))).toEqual([])
  })

  test('a crowd of phones and a long name stay a menu', () => {
    const devices = Array.from({ length: 64 }, (_, n) => device({ id: String(n), name: '界'.repeat(300) }))
    const shown = trayMenu(state({ devices })).filter(({ entries }) => entries !== undefined)
    expect(shown).toHaveLength(10)
    expect([...(shown[0]?.label ?? '')].length).toBeLessThan(60)
  })

  const progress = (over: Partial<TrayState>): string[] => labels(trayMenu(state(over)).slice(2, 5))

  test('one file by its name, several by their count', () => {
    expect(progress({ transfers: [transfer()] })).toEqual(['photo.jpg: 25%', 'Pause all', 'Cancel all'])
    expect(progress({ transfers: [transfer(), transfer({ id: 't2', bytes: 150 })] })[0]).toBe('2 files: 50%')
  })

  test('a batch counts once, its own files are not counted again', () => {
    const transfers = [transfer({ batch: 'b1' })]
    expect(progress({ transfers, batches: [batch()] })[0]).toBe('60 files: 75%')
  })

  test('what waits for a yes, and what is over, is not on its way', () => {
    const transfers = [transfer({ asks: true }), transfer({ id: 't2', state: 'done' })]
    expect(progress({ transfers })).not.toContain('Pause all')
  })

  test('once all of it is paused here, it can go on', () => {
    const transfers = [transfer({ phase: 'paused', paused: 'here' })]
    const entry = trayMenu(state({ transfers })).find(({ label }) => label === 'Resume all')
    expect(entry?.action).toEqual({ do: 'pause-all', on: false })
  })

  test('files of no bytes have no quotient', () => {
    expect(progress({ transfers: [transfer({ bytes: 0, total: 0 })] })[0]).toBe('photo.jpg: 0%')
  })
})

test('the icon is marked for what moves, and before that for what nobody has seen', () => {
  expect(trayMark(state(), false)).toBe('plain')
  expect(trayMark(state({ transfers: [transfer({ phase: 'paused', paused: 'away' })] }), false)).toBe('plain')
  expect(trayMark(state({ transfers: [transfer()] }), false)).toBe('moving')
  expect(trayMark(state({ batches: [batch()] }), false)).toBe('moving')
  expect(trayMark(state({ transfers: [transfer()] }), true)).toBe('unseen')
})
