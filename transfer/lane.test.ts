import { expect, test } from 'vitest'
import { LaneBase } from './lane.ts'
import { nextTask } from './testing/lanes.ts'

test('what came before anybody listened is told in order, then what comes, then the end, once', () => {
  const inside = new LaneBase()
  const told: unknown[] = []
  inside.deliver('a')
  inside.deliver('b')
  inside.listen({ onFrame: (data) => told.push(data), onClose: () => told.push(null) })
  inside.deliver('c')
  inside.end()
  inside.end()
  inside.deliver('late')
  expect(told).toEqual(['a', 'b', 'c', null])
})

test('who listens after the end hears of it', () => {
  const inside = new LaneBase()
  const told: unknown[] = []
  inside.deliver('a')
  inside.end()
  inside.listen({ onFrame: (data) => told.push(data), onClose: () => told.push(null) })
  expect(told).toEqual(['a', null])
})

test('who waits for room goes on when there is some, or at the end; after it nobody waits', async () => {
  const inside = new LaneBase()
  const gone: string[] = []
  const wait = (name: string) => void inside.ready(false).then(() => gone.push(name))
  await inside.ready(true)
  wait('one')
  await nextTask()
  expect(gone).toEqual([])
  inside.wake()
  await nextTask()
  wait('two')
  inside.end()
  wait('three')
  await nextTask()
  expect(gone).toEqual(['one', 'two', 'three'])
})
