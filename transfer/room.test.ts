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
