import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { UpdateState } from '#electron/app-state.ts'
import { UpdateError, Updates, type Updater, type UpdatesOptions } from './updates.ts'

/** An updater that finds and fetches what a test says. */
class FakeUpdater implements Updater {
  found: string | null = '2.0.0'
  failure: UpdateError | null = null
  checks = 0
  downloads = 0
  installs = 0
  kept = 0
  readonly progress = [10, 60]

  check(): Promise<string | null> {
    this.checks++
    return this.failure === null ? Promise.resolve(this.found) : Promise.reject(this.failure)
  }
  download(onProgress: (percent: number) => void): Promise<void> {
    this.downloads++
    for (const percent of this.progress) onProgress(percent)
    return this.failure === null ? Promise.resolve() : Promise.reject(this.failure)
  }
  keepForLater(): void {
    this.kept++
  }
  installAndRestart(): void {
    this.installs++
  }
}

let updater: FakeUpdater
let states: UpdateState[]
const updatesOf = (more: Partial<UpdatesOptions> = {}): Updates =>
  new Updates({
    way: { way: 'self' },
    updater,
    isQuiet: () => false,
    onChange: (state) => states.push(state),
    random: () => 0.5,
    ...more,
  })

beforeEach(() => {
  updater = new FakeUpdater()
  states = []
})

describe('looks by itself', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('first after 10 to 30 seconds, then every six hours, and no more once it is stopped', async () => {
    const updates = updatesOf()
    updates.start()
    await vi.advanceTimersByTimeAsync(19_999)
    expect(updater.checks).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(updater.checks).toBe(1)
    await vi.advanceTimersByTimeAsync(12 * 3_600_000)
    expect(updater.checks).toBe(3)
    updates.stop()
    await vi.advanceTimersByTimeAsync(24 * 3_600_000)
    expect(updater.checks).toBe(3)
  })

  test.each([0, 0.999_999])('at random, %j of the way from the least to the most', async (random) => {
    updatesOf({ random: () => random }).start()
    await vi.advanceTimersByTimeAsync(9_999)
    expect(updater.checks).toBe(0)
    await vi.advanceTimersByTimeAsync(20_001)
    expect(updater.checks).toBe(1)
  })

  test('never where it is switched off, which has a reason', async () => {
    const updates = updatesOf({ way: { way: 'none', why: 'no-feed' } })
    updates.start()
    await vi.advanceTimersByTimeAsync(24 * 3_600_000)
    await updates.check()
    expect([updater.checks, updates.state]).toEqual([0, { state: 'disabled', why: 'no-feed' }])
  })

  test('goes on after a failure', async () => {
    updater.failure = new UpdateError('offline')
    const updates = updatesOf()
    updates.start()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(updates.state).toEqual({ state: 'failed', at: 'check', why: 'offline' })
    updater.failure = null
    await vi.advanceTimersByTimeAsync(6 * 3_600_000)
    expect(updates.state).toEqual({ state: 'available', version: '2.0.0' })
  })
})

test('a newer version waits for a click, is fetched, and then installed at another', async () => {
  const updates = updatesOf()
  await updates.check()
  expect([updates.install(), updater.downloads]).toEqual([false, 0])
  await updates.download()
  expect(states).toEqual([
    { state: 'checking' },
    { state: 'available', version: '2.0.0' },
    { state: 'downloading', version: '2.0.0', percent: 0 },
    { state: 'downloading', version: '2.0.0', percent: 10 },
    { state: 'downloading', version: '2.0.0', percent: 60 },
    { state: 'ready', version: '2.0.0' },
  ])
  expect(updater.installs).toBe(0)
  expect([updates.install(), updater.installs]).toEqual([true, 1])
})

test('it is fetched quietly where a person wants that', async () => {
  const updates = updatesOf({ isQuiet: () => true })
  await updates.check()
  expect(updates.state).toEqual({ state: 'ready', version: '2.0.0' })
})

test('without a newer one nothing is fetched', async () => {
  updater.found = null
  const updates = updatesOf({ isQuiet: () => true })
  await updates.check()
  await updates.download()
  expect([updates.state, updater.downloads]).toEqual([{ state: 'idle', looked: true }, 0])
})

test('a copy that does not replace itself is told, and fetches nothing', async () => {
  const updates = updatesOf({ way: { way: 'page', why: 'archive' }, isQuiet: () => true })
  await updates.check()
  await updates.download()
  expect([updates.state, updater.downloads]).toEqual([{ state: 'available', version: '2.0.0' }, 0])
})

test.each(['wrong-hash', 'disk', 'no-answer'] as const)(
  'what fails on its way, as %s, leaves nothing to install, and can be tried again',
  async (why) => {
    const updates = updatesOf()
    await updates.check()
    updater.failure = new UpdateError(why)
    await updates.download()
    expect([updates.state, updates.install()]).toEqual([{ state: 'failed', at: 'download', why }, false])
    updater.failure = null
    await updates.check()
    await updates.download()
    expect(updates.state).toEqual({ state: 'ready', version: '2.0.0' })
  },
)

test('what is fetched or waits is not asked for again', async () => {
  const updates = updatesOf({ isQuiet: () => true })
  await Promise.all([updates.check(), updates.check()])
  await updates.check()
  expect([updater.checks, updater.downloads]).toEqual([1, 1])
})

test.each([
  ['person', 0],
  ['update', 0],
  ['session-end', 1],
  ['signal', 1],
] as const)('an end by %s leaves it for later %i times', async (reason, kept) => {
  const updates = updatesOf({ isQuiet: () => true })
  await updates.check()
  updates.ends(reason)
  expect(updater.kept).toBe(kept)
})
