import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { NeededWindow, type Shown } from './needed-window.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Longer than the page stays when nothing needs it. */
const LONG_MS = 60_000

/** A window that notes what is asked of it. */
class FakeWindow implements Shown {
  readonly asked: string[] = []
  isOver = false
  isMin = false
  isDestroyed = (): boolean => this.isOver
  isMinimized = (): boolean => this.isMin
  restore = (): void => this.#note('restore')
  show = (): void => this.#note('show')
  focus = (): void => this.#note('focus')
  hide = (): void => this.#note('hide')
  minimize = (): void => this.#note('minimize')
  destroy = (): void => {
    this.isOver = true
    this.#note('destroy')
  }

  #note(what: string): void {
    this.asked.push(what)
  }
}

function world(mayShow = true) {
  const opened: { readonly window: FakeWindow; readonly isShown: boolean; readonly load: (error?: Error) => void }[] =
    []
  const faults: unknown[] = []
  const uses = { phone: false }
  const needed = new NeededWindow<FakeWindow>({
    mayShow,
    open: (isShown) => {
      const window = new FakeWindow()
      const loaded = new Promise<void>((resolve, reject) => {
        const load = (error?: Error): void => {
          if (error === undefined) resolve()
          else reject(error)
        }
        opened.push({ window, isShown, load })
      })
      return { window, loaded }
    },
    isNeeded: () => uses.phone,
    onFault: (error) => faults.push(error),
  })
  const start = async (isShown: boolean): Promise<void> => {
    const started = needed.start(isShown)
    opened[0]?.load()
    await started
  }
  return { needed, opened, faults, uses, start }
}

describe('a hidden start', () => {
  test('opens the page, which goes when no phone needs it, and not before', async () => {
    const { needed, opened, uses, start } = world()
    await start(false)
    uses.phone = true
    await vi.advanceTimersByTimeAsync(LONG_MS)
    expect(needed.window).toBe(opened[0]?.window)
    uses.phone = false
    await vi.advanceTimersByTimeAsync(LONG_MS)
    expect(opened[0]?.window.asked).toEqual(['destroy'])
    expect(needed.window).toBeNull()
  })

  test('has the page once again for whoever comes to the door, and once only', async () => {
    const { needed, opened, uses, start } = world()
    await start(false)
    await vi.advanceTimersByTimeAsync(LONG_MS)
    needed.wake()
    needed.wake()
    expect(opened.map(({ isShown }) => isShown)).toEqual([false, false])
    uses.phone = true
    await vi.advanceTimersByTimeAsync(LONG_MS)
    expect(needed.window).toBe(opened[1]?.window)
  })

  test('keeps it for a while after each visit', async () => {
    const { needed, opened, start } = world()
    await start(false)
    for (let visit = 0; visit < 10; visit++) {
      await vi.advanceTimersByTimeAsync(8_000)
      needed.wake()
    }
    expect(opened).toHaveLength(1)
    expect(needed.window).toBe(opened[0]?.window)
  })
})

describe('a window that a person has', () => {
  test.each(['shown from the start', 'shown later', 'minimised'])('%s, stays', async (how) => {
    const { needed, opened, start } = world()
    await start(how === 'shown from the start')
    if (how === 'shown later') needed.show()
    if (how === 'minimised') needed.minimise()
    needed.wake()
    await vi.advanceTimersByTimeAsync(LONG_MS)
    expect(needed.isWanted).toBe(true)
    expect(needed.window).toBe(opened[0]?.window)
  })

  test('goes some time after it was hidden, and comes back shown', async () => {
    const { needed, opened, start } = world()
    await start(true)
    needed.hide()
    expect(opened[0]?.window.asked).toEqual(['hide'])
    needed.show()
    await vi.advanceTimersByTimeAsync(LONG_MS)
    expect(opened[0]?.window.asked).toEqual(['hide', 'show', 'focus'])
    needed.hide()
    await vi.advanceTimersByTimeAsync(LONG_MS)
    expect(needed.window).toBeNull()
    needed.show()
    expect(opened[1]).toMatchObject({ isShown: true })
  })

  test('is taken out of the taskbar before it is shown', async () => {
    const { needed, opened, start } = world()
    await start(true)
    const [first] = opened
    if (first !== undefined) first.window.isMin = true
    needed.show()
    expect(first?.window.asked).toEqual(['restore', 'show', 'focus'])
  })

  test('is put into the taskbar where there is none', async () => {
    const { needed, opened, start } = world()
    await start(false)
    await vi.advanceTimersByTimeAsync(LONG_MS)
    needed.minimise()
    expect(opened[1]).toMatchObject({ isShown: false, window: { asked: ['minimize'] } })
  })
})

describe('what waits for the page', () => {
  test('happens once it has loaded', async () => {
    const { needed, opened, start } = world()
    await start(false)
    await vi.advanceTimersByTimeAsync(LONG_MS)
    needed.show()
    const said: FakeWindow[] = []
    needed.whenLoaded((window) => said.push(window))
    await vi.advanceTimersByTimeAsync(1)
    expect(said).toEqual([])
    opened[1]?.load()
    await vi.advanceTimersByTimeAsync(1)
    expect(said).toEqual([opened[1]?.window])
  })

  test('does not happen in a page that could not be loaded, which is told', async () => {
    const { needed, opened, faults, start } = world()
    await start(false)
    await vi.advanceTimersByTimeAsync(LONG_MS)
    needed.show()
    const said: FakeWindow[] = []
    needed.whenLoaded((window) => said.push(window))
    const error = new Error('no page')
    opened[1]?.load(error)
    await vi.advanceTimersByTimeAsync(1)
    expect(said).toEqual([])
    expect(faults).toEqual([error])
  })
})

test('without a screen it is never shown, whoever asks', async () => {
  const { needed, opened, start } = world(false)
  await start(true)
  needed.show()
  needed.minimise()
  await vi.advanceTimersByTimeAsync(LONG_MS)
  needed.show()
  expect(opened.map(({ isShown, window }) => [isShown, window.asked])).toEqual([[false, ['destroy']]])
})

test('a first page that can not be loaded fails the start', async () => {
  const { needed, opened, faults } = world()
  const started = needed.start(true)
  opened[0]?.load(new Error('no page'))
  await expect(started).rejects.toThrow('no page')
  expect(faults).toEqual([])
})

test('a window that the system has ended is opened anew', async () => {
  const { needed, opened, start } = world()
  await start(true)
  opened[0]?.window.destroy()
  expect(needed.window).toBeNull()
  needed.show()
  expect(opened).toHaveLength(2)
})

test('before the start and after the end nothing is opened or closed', async () => {
  const { needed, opened, start } = world()
  needed.wake()
  needed.show()
  expect(opened).toEqual([])
  await start(false)
  needed.stop()
  await vi.advanceTimersByTimeAsync(LONG_MS)
  needed.hide()
  await vi.advanceTimersByTimeAsync(LONG_MS)
  expect(opened[0]?.window.asked).not.toContain('destroy')
  opened[0]?.window.destroy()
  needed.wake()
  needed.show()
  needed.minimise()
  expect(opened).toHaveLength(1)
})
