import { expect, test } from 'vitest'
import { nextTask } from './testing/lanes.ts'
import { Room } from './room.ts'

test('so many are inside; the others come in one by one, in order', async () => {
  const room = new Room(2)
  const inside: number[] = []
  const enter = async (i: number) => {
    const leave = await room.enter()
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
  const room = new Room(3)
  const inside: string[] = []
  const enter = async (name: string, places: number) => {
    const leave = await room.enter(places)
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
