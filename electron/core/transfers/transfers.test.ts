import { describe, expect, test, vi } from 'vitest'
import type { Source } from '#transfer/source.ts'
import type { TransferView } from '#transfer/transfer-view.ts'
import { Transfers } from './transfers.ts'

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
const shown = (transfers: Transfers): string[] => transfers.views().map(({ id }) => id)

describe('the list', () => {
  test('is newest first, whatever ends first', () => {
    const transfers = new Transfers()
    for (const n of [1, 2, 3, 4]) transfers.put(row(n))
    transfers.put(row(2, DONE))
    transfers.put(row(4, { phase: 'sending' }))
    transfers.put(row(1, DONE))
    expect(shown(transfers)).toEqual(['r4', 'r3', 'r2', 'r1'])
  })

  test('tells the row before, and keeps what was sent over every change', () => {
    const transfers = new Transfers()
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
    const transfers = new Transfers()
    transfers.put(row(1, { ...DONE, path: '/home/a/1.txt' }))
    expect(transfers.views()).toMatchObject([{ canShow: true }])
    expect(JSON.stringify(transfers.views())).not.toContain('/home')
  })

  test('what is removed is gone, and may come back as another row', () => {
    const transfers = new Transfers()
    for (const n of [1, 2]) transfers.put(row(n, DONE))
    transfers.remove('r1')
    transfers.remove('r1')
    expect(shown(transfers)).toEqual(['r2'])
    transfers.put(row(1))
    expect(shown(transfers)).toEqual(['r1', 'r2'])
  })

  test('a row that goes on after its end is not finished any more', () => {
    const transfers = new Transfers()
    transfers.put(row(1, { state: 'failed' }))
    transfers.put(row(1, { phase: 'sending' }))
    transfers.clearFinished()
    expect(shown(transfers)).toEqual(['r1'])
  })
})

describe('finished rows', () => {
  test('the newest 500 stay, also when no new ones come; moving ones stay whatever their age', () => {
    const transfers = new Transfers()
    transfers.put(row(0, { phase: 'sending' }))
    for (let n = 1; n <= 600; n++) transfers.put(row(n))
    for (let n = 1; n <= 600; n++) transfers.put(row(n, DONE))
    expect(shown(transfers)).toHaveLength(501)
    expect(transfers.get('r100')).toBeUndefined()
    expect(shown(transfers).slice(-2)).toEqual(['r101', 'r0'])
  })

  test('are cleared, and nothing else is', () => {
    const transfers = new Transfers()
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
  const many = new Transfers()
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
