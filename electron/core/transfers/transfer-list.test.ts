import { describe, expect, test, vi } from 'vitest'
import type { Source } from '#transfer/source.ts'
import { MemorySource, bytesOf } from '#transfer/testing/files.ts'
import type { TransferView } from '#transfer/transfer-view.ts'
import { TransferRows } from './transfer-list.ts'

const view = (n: number, change: Partial<TransferView> = {}): TransferView => ({
  id: `t${n}`,
  direction: 'in',
  name: `${n}.txt`,
  bytes: 0,
  total: 10,
  state: 'moving',
  phase: 'queued',
  lane: 'webrtc',
  ...change,
})
const row = (n: number, change: Partial<TransferView> = {}) => ({
  id: `r${n}`,
  deviceId: 'd',
  deviceName: 'Pixel',
  view: view(n, change),
})
const DONE = { state: 'done', phase: 'checking' } as const
const shown = (transfers: TransferRows): string[] => transfers.views().map(({ id }) => id)

describe('the list', () => {
  test('is newest first, whatever ends first', () => {
    const transfers = new TransferRows()
    for (const n of [1, 2, 3, 4]) transfers.put(row(n))
    transfers.put(row(2, DONE))
    transfers.put(row(4, { phase: 'sending' }))
    transfers.put(row(1, DONE))
    expect(shown(transfers)).toEqual(['r4', 'r3', 'r2', 'r1'])
  })

  test('tells the row before, and keeps what was sent over every change', () => {
    const transfers = new TransferRows()
    const source = { name: '1.txt' } as Source
    expect(transfers.put(row(1))).toBeUndefined()
    transfers.attachSource('r1', source)
    expect(transfers.put(row(1, { bytes: 5 }))).toMatchObject({ source, view: { bytes: 0 } })
    transfers.put(row(1, { state: 'failed', reason: 'disk-error' }))
    expect(transfers.get('r1')).toMatchObject({ source, view: { state: 'failed' } })
    expect(transfers.views()).toMatchObject([{ canRetry: true, canShow: false }])
    transfers.attachSource('nobody', source)
    expect(transfers.get('nobody')).toBeUndefined()
  })

  test('never shows a path, only that there is a file to show', () => {
    const transfers = new TransferRows()
    transfers.put(row(1, { ...DONE, path: '/home/a/1.txt' }))
    expect(transfers.views()).toMatchObject([{ canShow: true }])
    expect(JSON.stringify(transfers.views())).not.toContain('/home')
  })

  test('what is removed is gone, and may come back as another row', () => {
    const transfers = new TransferRows()
    for (const n of [1, 2]) transfers.put(row(n, DONE))
    transfers.remove('r1')
    transfers.remove('r1')
    expect(shown(transfers)).toEqual(['r2'])
    transfers.put(row(1))
    expect(shown(transfers)).toEqual(['r1', 'r2'])
  })

  test('a row that goes on after its end is not finished any more', () => {
    const transfers = new TransferRows()
    transfers.put(row(1, { state: 'failed' }))
    transfers.put(row(1, { phase: 'sending' }))
    transfers.clearFinished()
    expect(shown(transfers)).toEqual(['r1'])
  })
})

describe('finished rows', () => {
  test('the newest 500 stay, also when no new ones come; moving ones stay whatever their age', () => {
    const transfers = new TransferRows()
    transfers.put(row(0, { phase: 'sending' }))
    for (let n = 1; n <= 600; n++) transfers.put(row(n))
    for (let n = 1; n <= 600; n++) transfers.put(row(n, DONE))
    expect(shown(transfers)).toHaveLength(501)
    expect(transfers.get('r100')).toBeUndefined()
    expect(shown(transfers).slice(-2)).toEqual(['r101', 'r0'])
  })

  test('are cleared, and nothing else is', () => {
    const transfers = new TransferRows()
    transfers.put(row(1, { phase: 'waiting' }))
    transfers.put(row(2))
    for (const [n, state] of [[3, 'done'], [4, 'failed'], [5, 'cancelled']] as const) transfers.put(row(n, { state })) // prettier-ignore
    transfers.clearFinished()
    expect(shown(transfers)).toEqual(['r2', 'r1'])
    expect(transfers.get('r3')).toBeUndefined()
  })
})

describe('a hundred thousand rows', () => {
  const COUNT = 100_000
  const many = new TransferRows()
  for (let n = 0; n < COUNT; n++) many.put(row(n))
  for (const n of [7, 8]) many.put(row(n, { phase: 'waiting' }))
  many.put(row(9, DONE))

  test('the screen gets those under way, the finished ones and the next 200', () => {
    expect(shown(many)).toHaveLength(203)
    expect(shown(many).slice(-10)).toEqual(['r9', 'r8', 'r7', 'r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0'])
  })

  test('the others are not even looked at', () => {
    const has = vi.fn(() => false)
    many.views({ has, thumb: () => undefined })
    expect(has).toHaveBeenCalledTimes(203)
  })

  test('as some end the next ones come into view', () => {
    many.put(row(0, DONE))
    many.put(row(1, DONE))
    expect(shown(many)).toHaveLength(205)
    expect(shown(many)[0]).toBe('r204')
  })
})

describe('a row', () => {
  const view = (id: string, more: Partial<TransferView> = {}): TransferView => ({
    id,
    direction: 'out',
    name: id,
    bytes: 0,
    total: 1,
    state: 'moving',
    phase: 'sending',
    lane: 'webrtc',
    ...more,
  })
  const row = (id: string, more: Partial<TransferView> = {}) => ({
    id,
    deviceId: 'd',
    deviceName: 'D',
    view: view(id, more),
  })

  test('newest first, and a row keeps its place', () => {
    const all = new TransferRows()
    expect(all.put(row('a'))).toBeUndefined()
    all.put(row('b'))
    expect(all.put(row('a', { state: 'done' }))?.view.state).toBe('moving')
    expect(all.views().map(({ id, state }) => [id, state])).toEqual([['b', 'moving'], ['a', 'done']]) // prettier-ignore
  })

  test('what was sent can be sent again, once it has failed', () => {
    const all = new TransferRows()
    const source = new MemorySource('a', bytesOf(1))
    all.put(row('a'))
    all.attachSource('a', source)
    all.attachSource('nonsense', source)
    const can = () => all.views()[0]?.canRetry
    expect(can()).toBe(false)
    for (const state of ['failed', 'cancelled'] as const) {
      all.put(row('a', { state }))
      expect([can(), all.get('a')?.source]).toEqual([true, source])
    }
    all.put(row('a', { state: 'done' }))
    expect(can()).toBe(false)
    all.put(row('b', { state: 'failed', direction: 'in' }))
    expect(all.views()[0]?.canRetry).toBe(false)
  })

  test('a path is for this computer only', () => {
    const all = new TransferRows()
    all.put(row('a', { state: 'done', direction: 'in', path: '/home/me/a' }))
    expect(JSON.stringify(all.views())).not.toContain('/home')
    expect(all.views()[0]?.canShow).toBe(true)
  })

  test('only so many finished ones are kept; those that move all stay', () => {
    const all = new TransferRows()
    for (let i = 0; i < 1_200; i++) all.put(row(`${i}`, { state: i % 2 === 0 ? 'done' : 'moving' }))
    const views = all.views()
    expect(views.filter(({ state }) => state === 'moving')).toHaveLength(600)
    expect(views.filter(({ state }) => state === 'done')).toHaveLength(500)
    expect(all.get('1198')).toBeDefined()
    expect(all.get('0')).toBeUndefined()
    all.clearFinished()
    expect(all.views()).toHaveLength(600)
    all.remove('1')
    expect(all.get('1')).toBeUndefined()
  })
})
