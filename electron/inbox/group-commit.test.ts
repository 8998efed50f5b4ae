import { expect, test } from 'vitest'
import { GroupCommit } from './group-commit.ts'

/** Rounds that the test lets end. */
function stage(most?: number) {
  const rounds: { items: number[]; end: (error?: Error) => void }[] = []
  const groupCommit = new GroupCommit<number>(
    (items) =>
      new Promise((resolve, reject) => {
        rounds.push({ items, end: (error) => (error === undefined ? resolve() : reject(error)) })
      }),
    most,
  )
  return { rounds, groupCommit }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('those who ask while a round is under way share the next one', async () => {
  const { rounds, groupCommit } = stage()
  const done: number[] = []
  const ask = (n: number) => void groupCommit.add(n).then(() => done.push(n))
  ask(1)
  ask(2)
  await turn()
  await turn()
  ask(3)
  ask(4)
  expect([rounds.map(({ items }) => items), done]).toEqual([[[1, 2]], []])
  rounds[0]?.end()
  await turn()
  expect([rounds.map(({ items }) => items), done]).toEqual([
    [
      [1, 2],
      [3, 4],
    ],
    [1, 2],
  ])
  rounds[1]?.end()
  await turn()
  expect(done).toEqual([1, 2, 3, 4])
})

test('a round that fails fails for those in it alone', async () => {
  const { rounds, groupCommit } = stage()
  const first = groupCommit.add(1)
  await turn()
  await turn()
  const second = groupCommit.add(2)
  rounds[0]?.end(new Error('full'))
  await expect(first).rejects.toThrow('full')
  await turn()
  rounds[1]?.end()
  await second
})

test('a round has no more than it can bear', async () => {
  const { rounds, groupCommit } = stage(2)
  const all = Promise.all([1, 2, 3].map((n) => groupCommit.add(n)))
  for (let n = 0; n < 4; n++) {
    await turn()
    rounds[n]?.end()
  }
  await all
  expect(rounds.map(({ items }) => items)).toEqual([[1, 2], [3]])
})
