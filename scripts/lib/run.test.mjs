import { expect, test } from 'vitest'
import { runNode } from './run.mjs'

test('the exit code comes back', async () => {
  expect(await runNode('-e', ['process.exit(7)'])).toEqual({ code: 7, timedOut: false })
})

test('what hangs is ended', async () => {
  const { code, timedOut } = await runNode('-e', ['setInterval(() => {}, 1e6)'], { limitMs: 200 })
  expect(timedOut).toBe(true)
  expect(code).not.toBe(0)
})
