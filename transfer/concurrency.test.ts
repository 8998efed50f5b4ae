import { expect, test } from 'vitest'
import { nextTask } from './testing/lanes.ts'
import { Condition, Semaphore } from './concurrency.ts'

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
  const condition = new Condition()
  let ready = false
  const one = follow(condition.until(() => ready))
  const two = follow(condition.until(() => ready))
  condition.wake()
  await nextTask()
  expect([one.state, two.state]).toEqual(['waits', 'waits'])
  ready = true
  await nextTask()
  expect(one.state).toBe('waits')
  condition.wake()
  await nextTask()
  expect([one.state, two.state]).toEqual(['went on', 'went on'])
})

test('does not wait at all when the condition holds already', async () => {
  await new Condition().until(() => true)
})

test('fail ends all waiting, now and later, even where the condition holds; the first error stays', async () => {
  const condition = new Condition()
  const waiting = follow(condition.until(() => false))
  condition.check()
  condition.fail(new Error('first'))
  condition.fail(new Error('second'))
  await nextTask()
  expect(waiting.state).toBe('Error: first')
  await expect(condition.until(() => true)).rejects.toThrow('first')
  expect(() => {
    condition.check()
  }).toThrow('first')
})

test('pass waits for work that never rejects, but not beyond fail', async () => {
  const condition = new Condition()
  let done = (): void => undefined
  const passed = follow(condition.pass(new Promise((resolve) => (done = resolve))))
  const stalled = follow(condition.pass(new Promise(() => undefined)))
  await nextTask()
  expect(passed.state).toBe('waits')
  done()
  await nextTask()
  expect([passed.state, stalled.state]).toEqual(['went on', 'waits'])
  condition.fail(new Error('stop'))
  await nextTask()
  expect(stalled.state).toBe('Error: stop')
})

test('so many are inside; the others come in one by one, in order', async () => {
  const semaphore = new Semaphore(2)
  const inside: number[] = []
  const enter = async (i: number) => {
    const leave = await semaphore.enter()
    inside.push(i)
    return leave
  }
  const all = [0, 1, 2, 3].map(enter)
  await nextTask()
  expect(inside).toEqual([0, 1])
  const first = await all[0]!
  first()
  first()
  await nextTask()
  expect(inside).toEqual([0, 1, 2])
  ;(await all[1]!)()
  await nextTask()
  expect(inside).toEqual([0, 1, 2, 3])
})

test('one that takes more places waits for them, and nobody overtakes it', async () => {
  const semaphore = new Semaphore(3)
  const inside: string[] = []
  const enter = async (name: string, places: number) => {
    const leave = await semaphore.enter(places)
    inside.push(name)
    return leave
  }
  const [a, b, large, c] = [enter('a', 1), enter('b', 1), enter('large', 2), enter('c', 1)]
  await nextTask()
  expect(inside).toEqual(['a', 'b'])
  ;(await a)()
  await nextTask()
  expect(inside).toEqual(['a', 'b', 'large'])
  ;(await b)()
  await nextTask()
  expect(inside).toEqual(['a', 'b', 'large', 'c'])
  ;(await large)()
  ;(await c)()
  await Promise.all([enter('x', 1), enter('y', 2)])
})
