import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Lifecycle, type EndReason, type LifecyclePorts } from './lifecycle.ts'

/** The world around a lifecycle, and what was asked of it, in order. */
function world(with_: Partial<Record<'moving' | 'stays' | 'tray', boolean>> = {}) {
  const { moving = false, stays = true, tray = true } = with_
  const done: string[] = []
  const note = (what: string) => () => void done.push(what)
  let answer: (yes: boolean) => void = () => undefined
  let failAnswer: (error: Error) => void = () => undefined
  let closed: () => void = () => undefined
  const ports: LifecyclePorts = {
    isMoving: () => moving,
    confirmQuit: (gone) => {
      done.push('ask')
      gone.addEventListener('abort', note('ask no more'))
      return new Promise((resolve, reject) => ([answer, failAnswer] = [resolve, reject]))
    },
    staysWhenClosed: () => stays,
    canReopen: () => tray,
    hide: note('hide'),
    minimise: note('minimise'),
    show: note('show'),
    close: () => {
      done.push('close')
      return new Promise((resolve) => (closed = resolve))
    },
    leave: note('leave'),
  }
  const lifecycle = new Lifecycle(ports)
  /** Whether the event was held up. */
  const sent = (to: 'windowCloses' | 'beforeQuit'): boolean => {
    let isPrevented = false
    lifecycle[to]({ preventDefault: () => (isPrevented = true) })
    return isPrevented
  }
  return {
    lifecycle,
    done,
    sent,
    say: async (yes: boolean) => (answer(yes), turn()),
    cannotAsk: async () => (failAnswer(new Error('no screen')), turn()),
    close: async () => (closed(), turn()),
  }
}

describe('closing the window', () => {
  test.each([
    { stays: true, tray: true, does: ['hide'] },
    { stays: true, tray: false, does: ['minimise'] },
    { stays: false, tray: true, does: ['close'] },
    { stays: false, tray: false, does: ['close'] },
  ])('stays $stays, tray $tray: $does', ({ does, ...given }) => {
    const { sent, done } = world(given)
    expect(sent('windowCloses')).toBe(true)
    expect(done).toEqual(does)
  })

  test('asks where closing quits and files move', async () => {
    const { sent, done, say } = world({ stays: false, moving: true })
    sent('windowCloses')
    await say(false)
    sent('windowCloses')
    await say(true)
    expect(done).toEqual(['ask', 'ask', 'close'])
  })

  test('is let through once the end has begun', () => {
    const { lifecycle, sent, done } = world()
    lifecycle.quit('signal')
    expect(sent('windowCloses')).toBe(false)
    expect(done).toEqual(['close'])
  })
})

describe('quitting', () => {
  test('leaves only after all is closed, and is not held up then', async () => {
    const { lifecycle, sent, done, close } = world()
    expect(sent('beforeQuit')).toBe(true)
    expect(done).toEqual(['close'])
    expect(sent('beforeQuit')).toBe(true)
    await close()
    expect(done).toEqual(['close', 'leave'])
    expect(sent('beforeQuit')).toBe(false)
    expect(lifecycle.reason).toBe('person')
  })

  test('a person is asked while files move, by one question at a time', async () => {
    const { sent, done, say, close, lifecycle } = world({ moving: true })
    sent('beforeQuit')
    sent('beforeQuit')
    expect(done).toEqual(['ask'])
    await say(false)
    expect(lifecycle.reason).toBeNull()
    sent('beforeQuit')
    await say(true)
    await close()
    expect(done).toEqual(['ask', 'ask', 'close', 'leave'])
  })

  test('quits where nobody can be asked', async () => {
    const { sent, done, cannotAsk } = world({ moving: true })
    sent('beforeQuit')
    await cannotAsk()
    expect(done).toEqual(['ask', 'close'])
  })

  test.each<EndReason>(['session-end', 'signal', 'update'])('%s never asks, whatever moves', (reason) => {
    const { lifecycle, done } = world({ moving: true })
    lifecycle.quit(reason)
    expect(done).toEqual(['close'])
    expect(lifecycle.reason).toBe(reason)
  })

  test('a signal takes an open question away, whose answer then means nothing', async () => {
    const { lifecycle, sent, done, say } = world({ moving: true })
    sent('beforeQuit')
    lifecycle.quit('signal')
    await say(false)
    expect(done).toEqual(['ask', 'ask no more', 'close'])
    expect(lifecycle.reason).toBe('signal')
  })

  test('closes once, however many ask, and keeps the first reason', async () => {
    const { lifecycle, done, close } = world()
    for (const reason of ['signal', 'signal', 'update', 'person'] as const) lifecycle.quit(reason)
    await close()
    expect(done).toEqual(['close', 'leave'])
    expect(lifecycle.reason).toBe('signal')
  })

  test('the end of a session is never held up', () => {
    const { lifecycle, sent } = world()
    lifecycle.quit('session-end')
    expect(sent('beforeQuit')).toBe(false)
  })

  test('an updater takes over when all is closed, in place of leaving, and its quit passes', async () => {
    const { lifecycle, sent, done, close } = world({ moving: true })
    lifecycle.quit('update', () => {
      done.push('installer')
      expect(sent('beforeQuit')).toBe(false)
    })
    expect(done).toEqual(['close'])
    await close()
    expect(done).toEqual(['close', 'installer'])
  })

  test('nothing brings the window back after the end has begun', () => {
    const { lifecycle, done } = world()
    lifecycle.reopen()
    lifecycle.quit('signal')
    lifecycle.reopen()
    expect(done).toEqual(['show', 'close'])
  })
})
