import { expect, test } from 'vitest'
import { NewestSpeeds } from './signaling.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('only the newest of what came at once is sent', async () => {
  const sent: number[] = []
  const [from, to] = [{}, {}]
  const speeds = new NewestSpeeds<object>((_from, _to, bytes) => sent.push(bytes))
  for (let bytes = 1; bytes <= 100; bytes++) speeds.put(from, to, bytes)
  expect(sent).toEqual([])
  await turn()
  expect(sent).toEqual([100])
  speeds.put(from, to, 101)
  speeds.flush(from)
  speeds.flush(from)
  await turn()
  expect(sent).toEqual([100, 101])
})

test('two senders do not mix', async () => {
  const sent: [object, object, number][] = []
  const [a, b] = [{ a: 1 }, { b: 1 }]
  const speeds = new NewestSpeeds<object>((from, to, bytes) => sent.push([from, to, bytes]))
  speeds.put(a, b, 1)
  speeds.put(b, a, 2)
  await turn()
  expect(sent).toEqual([
    [a, b, 1],
    [b, a, 2],
  ])
})
