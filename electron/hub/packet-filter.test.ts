import { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setStage, type Stage } from '#hub/testing/stage.ts'
import { TickQueue } from './packet-filter.ts'

test('each thing is done once in a turn, in order, and what they put off comes in the next', async () => {
  const end = new TickQueue()
  const done: string[] = []
  const again = (): void => void done.push('again')
  const first = (): void => {
    done.push('first')
    end.put(again)
  }
  end.put(first)
  end.put(() => void done.push('second'))
  end.put(first)
  expect(done).toEqual([])
  await nextTurn()
  expect(done).toEqual(['first', 'second'])
  await nextTurn()
  expect(done).toEqual(['first', 'second', 'again'])
})

let stage: Stage
let spies: readonly { readonly mock: { readonly contexts: readonly unknown[] }; mockClear(): void }[]
beforeEach(async () => {
  stage = await setStage({ open: true })
  spies = [vi.spyOn(Socket.prototype, '_write'), vi.spyOn(Socket.prototype, '_writev')]
})
afterEach(async () => {
  vi.restoreAllMocks()
  await stage.clear()
})

/** Writes of the hub since the last look. */
function writes(): number {
  const sockets = spies.flatMap(({ mock }) => mock.contexts as Socket[])
  for (const spy of spies) spy.mockClear()
  return sockets.filter(({ localPort }) => localPort === stage.hub.port).length
}

test('what the hub says to a client in one turn leaves in one write', async () => {
  const web = await stage.join()
  web.send('register', { uid: 'u', type: 0 })
  await web.settle()
  writes()
  const app = await stage.join()
  // The handshake with `open`, and the connection with `welcome`.
  expect(writes()).toBe(2)
  app.send('register', { uid: 'u', type: 1, v: 2 })
  await app.next('joined')
  await app.next('syncfrom')
  // The answer and both events. The other end is of 2018, and is told nothing yet.
  expect(writes()).toBe(1)
})
