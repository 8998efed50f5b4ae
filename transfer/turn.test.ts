import { expect, test } from 'vitest'
import { nextTask } from './testing/lanes.ts'
import { Turn } from './turn.ts'

/** What has become of a promise so far. */
function follow(work: Promise<unknown>): { state: string } {
  const seen = { state: 'waits' }
  work.then(
    () => (seen.state = 'went on'),
    (error: unknown) => (seen.state = String(error)),
  )
  return seen
}

test('goes on when the condition holds and it is woken, not before', async () => {
  const turn = new Turn()
  let ready = false
  const one = follow(turn.until(() => ready))
  const two = follow(turn.until(() => ready))
  turn.wake()
  await nextTask()
  expect([one.state, two.state]).toEqual(['waits', 'waits'])
  ready = true
  await nextTask()
  expect(one.state).toBe('waits')
  turn.wake()
  await nextTask()
  expect([one.state, two.state]).toEqual(['went on', 'went on'])
})

test('does not wait at all when the condition holds already', async () => {
  await new Turn().until(() => true)
})

test('fail ends all waiting, now and later, even where the condition holds; the first error stays', async () => {
  const turn = new Turn()
  const waiting = follow(turn.until(() => false))
  turn.check()
  turn.fail(new Error('first'))
  turn.fail(new Error('second'))
  await nextTask()
  expect(waiting.state).toBe('Error: first')
  await expect(turn.until(() => true)).rejects.toThrow('first')
  expect(() => {
    turn.check()
  }).toThrow('first')
})

test('pass waits for work that never rejects, but not beyond fail', async () => {
  const turn = new Turn()
  let done = (): void => undefined
  const passed = follow(turn.pass(new Promise((resolve) => (done = resolve))))
  const stalled = follow(turn.pass(new Promise(() => undefined)))
  await nextTask()
  expect(passed.state).toBe('waits')
  done()
  await nextTask()
  expect([passed.state, stalled.state]).toEqual(['went on', 'waits'])
  turn.fail(new Error('stop'))
  await nextTask()
  expect(stalled.state).toBe('Error: stop')
})
