import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MemoryStorage } from './extras/testing/memory-storage.ts'
import { PageStore } from './page-store.ts'
import { Registration } from './registration.ts'

const silent = (): void => undefined
const EVENTS = {
  ...{ onJoined: silent, onLeft: silent, onMessage: silent, onOffline: silent },
  ...{ onProved: silent, onEnded: silent, onTurnedAway: silent },
}

let asked: unknown[][]
let answer: () => Promise<{ status: number }>
beforeEach(() => {
  asked = []
  vi.stubGlobal('location', { hash: '', host: 'hub:3186', pathname: '/' })
  vi.stubGlobal('fetch', (...args: unknown[]) => {
    asked.push(args)
    return answer()
  })
})
afterEach(() => void vi.unstubAllGlobals())

test('a hub that is there and has no room is told from one that has, and from none', async () => {
  const tab = new PageStore(() => new MemoryStorage())
  const registration = new Registration({ tab, browser: tab }, '', EVENTS)
  answer = () => Promise.resolve({ status: 503 })
  expect(await registration.isFull()).toBe(true)
  expect(asked).toMatchObject([['/socket.io/?EIO=4&transport=polling', { method: 'HEAD' }]])
  answer = () => Promise.resolve({ status: 400 })
  expect(await registration.isFull()).toBe(false)
  answer = () => Promise.reject(new TypeError('Failed to fetch'))
  expect(await registration.isFull()).toBe(false)
  // Of a hub at another address the browser lets no page ask.
  registration.places.learn(['elsewhere:3186'])
  registration.places.found('elsewhere:3186')
  answer = () => Promise.resolve({ status: 503 })
  expect([await registration.isFull(), asked.length]).toEqual([false, 3])
})
