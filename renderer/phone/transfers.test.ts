import { beforeEach, expect, test, vi } from 'vitest'
import type { TransferView } from '#transfer/transfer-view.ts'

beforeEach(() => {
  vi.stubGlobal('navigator', { userAgent: '', maxTouchPoints: 0 })
  vi.useFakeTimers()
  return () => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  }
})

const view = (n: number, state: TransferView['state']): TransferView => ({
  ...{ id: String(n), direction: 'in', name: `${n}.jpg`, bytes: 0, total: 1, state, phase: 'sending', lane: 'webrtc' },
})

test('what has ended is shown up to a bound, and what moves always', async () => {
  const { PhoneTransfers } = await import('./transfers.svelte.ts')
  const transfers = new PhoneTransfers(() => Promise.resolve(null))
  transfers.put(view(-1, 'moving'))
  for (let n = 0; n < 10_000; n++) transfers.put(view(n, n % 2 === 0 ? 'failed' : 'done'))
  vi.runAllTimers()
  expect(transfers.list).toHaveLength(501)
  expect(transfers.list[0]?.id).toBe('9999')
  expect(transfers.list.at(-1)?.id).toBe('-1')
})

test('of a file that was let go of, and that nobody offered again, nothing is held', async () => {
  const { PhoneTransfers } = await import('./transfers.svelte.ts')
  const transfers = new PhoneTransfers(() => Promise.resolve(null))
  const offer = { t: 'offer', n: 2, id: '1', name: 'x', size: 200_000_000, mtime: 0, mime: '' } as const
  transfers.put({ ...view(1, 'moving'), total: offer.size })
  const sink = await transfers.openSink(offer, false)
  await sink.suspend()
  expect(transfers.isTooLarge({ ...offer, id: '2' })).toBe(true)
  expect(transfers.isTooLarge(offer)).toBe(false)
  transfers.put({ ...view(1, 'failed'), total: offer.size })
  expect(transfers.isTooLarge({ ...offer, id: '2' })).toBe(false)
  // Offered once more it begins anew.
  expect((await transfers.openSink(offer, false)).have).toEqual([])
})
