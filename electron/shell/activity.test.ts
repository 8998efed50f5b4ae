import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BatchView, TransferView } from '#transfer/transfer-view.ts'
import { activityOf, barOf, NOTHING, type Activity } from './activity.ts'
import { WhileMoving } from './while-moving.ts'

const file = (id: string, part: Partial<TransferView> = {}): TransferView => ({
  ...{ id, direction: 'in', name: id, bytes: 0, total: 100, state: 'moving', phase: 'sending', lane: 'webrtc' },
  ...part,
})
const batch = (id: string, part: Partial<BatchView> = {}): BatchView => ({
  ...{ id, direction: 'in', name: id, files: 100, done: 0, failed: 0, verified: 0, already: 0, skipped: 0 },
  ...{ bytes: 0, total: 1_000, state: 'moving', phase: 'sending' },
  ...part,
})

/** Goes through what is listed, one after the other. */
function after(...lists: readonly (readonly TransferView[])[]): Activity {
  return lists.reduce((before, transfers) => activityOf(before, { transfers, batches: [] }, false), NOTHING)
}

describe('what moves', () => {
  test.each([
    ['sending', {}, true],
    ['checking', { phase: 'checking' }, true],
    ['waiting for a yes', { phase: 'waiting' }, false],
    ['queued', { phase: 'queued' }, false],
    ['paused by a person', { phase: 'paused', paused: 'here' }, false],
    ['held up by a phone that is away', { phase: 'paused', paused: 'away' }, false],
    ['a download that nobody has tapped', { lane: 'http' }, false],
    ['a download that goes on', { lane: 'http', bytes: 1 }, true],
    ['done', { state: 'done' }, false],
    ['failed', { state: 'failed' }, false],
    ['cancelled', { state: 'cancelled' }, false],
  ] as const)('%s', (_, part, moves) => {
    expect(after([file('a', part)]).isMoving).toBe(moves)
  })

  test('one of many is enough', () => {
    expect(after([file('a', { phase: 'paused' }), file('b'), file('c', { phase: 'queued' })]).isMoving).toBe(true)
  })
})

describe('the bar', () => {
  test('is over all that began together, and does not jump back when one of it is done', () => {
    const first = [file('a', { bytes: 50 }), file('b', { phase: 'queued' })]
    expect(barOf(after(first))).toEqual({ value: 0.25, mode: 'normal' })
    const second = [file('a', { state: 'done', bytes: 100 }), file('b', { bytes: 50 })]
    expect(barOf(after(first, second))).toEqual({ value: 0.75, mode: 'normal' })
    // Taken off the list by a person, or by its length.
    expect(barOf(after(first, second.slice(1)))).toEqual({ value: 0.75, mode: 'normal' })
    expect(barOf(after(first, second, [file('b', { state: 'done' })]))).toBeNull()
    expect(barOf(after(first, second, [], [file('c', { bytes: 10 })]))).toEqual({ value: 0.1, mode: 'normal' })
  })

  test('is paused when nothing is left that is not', () => {
    const held = file('a', { phase: 'paused', bytes: 40 })
    expect(barOf(after([held]))).toEqual({ value: 0.4, mode: 'paused' })
    expect(barOf(after([held, file('b')]))?.mode).toBe('normal')
    expect(barOf(after([held, file('b', { state: 'done' })]))?.mode).toBe('paused')
  })

  test('is red after a failure until a person looks; what was cancelled is no failure', () => {
    const failed = after([file('a'), file('b')], [file('a', { state: 'failed' }), file('b')])
    expect(barOf(failed)).toEqual({ value: 0, mode: 'normal' })
    const over = activityOf(failed, { transfers: [file('b', { state: 'done' })], batches: [] }, false)
    expect(barOf(over)).toEqual({ value: 1, mode: 'error' })
    expect(barOf(activityOf(over, { transfers: [], batches: [] }, true))).toBeNull()
    expect(barOf(after([file('a')], [file('a', { state: 'cancelled' })]))).toBeNull()
  })

  test('a batch stands for its files, of which some are listed and some are not', () => {
    const transfers = [file('x', { batch: 'b', bytes: 90 })]
    const now = activityOf(NOTHING, { transfers, batches: [batch('b', { bytes: 500 })] }, false)
    expect([now.isMoving, barOf(now)]).toEqual([true, { value: 0.5, mode: 'normal' }])
  })

  test('files without bytes are no division by nothing', () => {
    expect(barOf(after([file('a', { total: 0 })]))).toEqual({ value: 0, mode: 'normal' })
  })
})

test('what came in while nobody looked is counted, each file and each batch once', () => {
  const moving = { transfers: [file('a'), file('b'), file('out', { direction: 'out' })], batches: [batch('c')] }
  const done = {
    transfers: moving.transfers.map((one) => ({ ...one, state: 'done' as const })),
    batches: [batch('c', { state: 'done' })],
  }
  const now = activityOf(activityOf(NOTHING, moving, false), done, false)
  expect(now.unseen).toBe(3)
  expect(activityOf(now, done, false).unseen).toBe(3)
  expect(activityOf(now, done, true).unseen).toBe(0)
  // Quicker than a look at the list.
  expect(after([file('d', { state: 'done' })]).unseen).toBe(1)
  // The receipt of a few files, each of which has a row.
  const few = {
    transfers: [file('e', { batch: 'f', state: 'done' })],
    batches: [batch('f', { files: 2, state: 'done' })],
  } as const
  expect(activityOf(NOTHING, few, false).unseen).toBe(1)
})

describe('the system', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function stage() {
    const told: unknown[] = []
    const state = { transfers: [] as TransferView[], keepsAwake: true, isSeen: false }
    const whileMoving = new WhileMoving({
      listed: () => ({ transfers: state.transfers, batches: [] }),
      keepsAwake: () => state.keepsAwake,
      isSeen: () => state.isSeen,
      stayAwake: () => {
        told.push('awake')
        return () => told.push('may sleep')
      },
      setProgress: (value, mode) => told.push(`${mode} ${value}`),
      setBadge: (count) => told.push(count),
    })
    /** What it is told of this. */
    const hears = (...transfers: TransferView[]): unknown[] => {
      state.transfers = transfers
      for (let i = 0; i < 100; i++) whileMoving.changed()
      vi.advanceTimersByTime(1_000)
      return told.splice(0)
    }
    return { whileMoving, state, hears, told }
  }

  test('stays awake exactly while something moves, and hears of each change once', () => {
    const { hears } = stage()
    expect(hears(file('a', { phase: 'waiting' }))).toEqual(['normal 0', 0])
    expect(hears(file('a'))).toEqual(['awake'])
    expect(hears(file('a', { bytes: 50 }))).toEqual(['normal 0.5', 0])
    expect(hears(file('a', { bytes: 50 }))).toEqual([])
    expect(hears(file('a', { bytes: 50, phase: 'paused' }))).toEqual(['may sleep', 'paused 0.5', 0])
    expect(hears(file('a', { bytes: 60 }))).toEqual(['awake', 'normal 0.6', 0])
    expect(hears(file('a', { state: 'done' }))).toEqual(['may sleep', 'none -1', 1])
  })

  test.each([['failed'], ['cancelled'], ['done']] as const)('may sleep again once it has %s', (state) => {
    const { hears } = stage()
    hears(file('a'))
    expect(hears(file('a', { state }))).toContain('may sleep')
  })

  test('is left alone where the setting says so, also in the middle of a file', () => {
    const { hears, state } = stage()
    hears(file('a'))
    state.keepsAwake = false
    expect(hears(file('a'))).toEqual(['may sleep'])
    expect(hears(file('a', { bytes: 1 }))).toEqual(['normal 0.01', 0])
    state.keepsAwake = true
    expect(hears(file('a', { bytes: 1 }))).toEqual(['awake'])
  })

  test('may sleep when the program ends in the middle, and hears nothing after that', () => {
    const { hears, whileMoving, told } = stage()
    hears(file('a', { bytes: 10 }))
    whileMoving.changed()
    whileMoving.stop()
    expect(told.splice(0)).toEqual(['may sleep', 'none -1', 0])
    expect(hears(file('a'))).toEqual([])
  })
})
