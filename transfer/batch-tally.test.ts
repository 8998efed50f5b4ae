import { expect, test } from 'vitest'
import { BatchTally } from './batch-tally.ts'
import type { TransferView } from './transfer-view.ts'

const batch = (i: number, files = 40) => ({ id: String(i), name: 'x', files, bytes: 1 })
const view = (i: number, state: TransferView['state']): TransferView => ({
  ...{ id: `f${i}`, batch: String(i), direction: 'in', name: 'f', bytes: 1, total: 1, state, phase: 'sending' },
  lane: 'webrtc',
})

test('A3: 200,000 batches that never come cost no more than the first ones', () => {
  const batches = new BatchTally()
  for (let i = 0; i < 200_000; i++) batches.add(batch(i), 'in')
  expect(batches.views.length).toBeLessThanOrEqual(512)
  expect(batches.has('199999')).toBe(true)
  expect(batches.has('0')).toBe(false)
})

test('one of which a file moves stays, and so do our own', () => {
  const batches = new BatchTally()
  batches.add(batch(-1), 'out')
  batches.add(batch(0), 'in')
  batches.put(view(0, 'moving'))
  for (let i = 1; i < 5_000; i++) batches.add(batch(i), 'in')
  expect([batches.has('-1'), batches.has('0'), batches.has('1')]).toEqual([true, true, false])
})

test('of those that are over fifty are listed', () => {
  const batches = new BatchTally()
  for (let i = 0; i < 1_000; i++) {
    batches.add(batch(i, 1), 'in')
    batches.put(view(i, 'done'))
  }
  expect([batches.has('949'), batches.has('950')]).toEqual([false, true])
  batches.clearOver()
  expect(batches.has('999')).toBe(false)
})
