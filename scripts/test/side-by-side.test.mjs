import { expect, test } from 'vitest'
import { sideBySide } from './side-by-side.mjs'

/** Tasks that end when they are told to, and a log of which have begun. */
function stage() {
  /** @type {string[]} */
  const begun = []
  /** @type {Map<string, () => void>} */
  const ends = new Map()
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return {
    begun,
    task: (/** @type {string} */ name, cores = 1, /** @type {Promise<unknown> | undefined} */ after = undefined) => ({
      ...{ cores, after },
      run: () => {
        begun.push(name)
        return new Promise((/** @type {(value?: unknown) => void} */ end) => ends.set(name, end))
      },
    }),
    end: async (/** @type {string} */ name) => {
      ends.get(name)?.()
      await turn()
    },
    turn,
  }
}

test('as many run as there are cores for, and one that needs more is overtaken', async () => {
  const { begun, task, end, turn } = stage()
  const all = sideBySide([task('a'), task('b'), task('wide', 2), task('c')], 2)
  await turn()
  expect(begun).toEqual(['a', 'b'])
  await end('a')
  expect(begun).toEqual(['a', 'b', 'c'])
  await end('b')
  expect(begun).toEqual(['a', 'b', 'c'])
  await end('c')
  expect(begun).toEqual(['a', 'b', 'c', 'wide'])
  await end('wide')
  await all
})

test('what has to wait for another begins after it, and a machine of one core runs what would have two', async () => {
  const { begun, task, end, turn } = stage()
  /** @type {(value?: unknown) => void} */
  let built = () => undefined
  const build = new Promise((resolve) => (built = resolve))
  const all = sideBySide([task('later', 2, build), task('now')], 1)
  await turn()
  expect(begun).toEqual(['now'])
  await end('now')
  expect(begun).toEqual(['now'])
  built()
  await turn()
  expect(begun).toEqual(['now', 'later'])
  await end('later')
  await all
})
