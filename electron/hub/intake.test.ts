import { expect, test } from 'vitest'
import { Bucket } from '#transfer/bucket.ts'
import { Guests } from '#hub/guests.ts'
import { neighbours, SHARED_NETWORK } from '#hub/neighbours.ts'
import { headingOf, sizeOf } from '#hub/sizes.ts'
import { setStage } from '#hub/testing/stage.ts'

test('a bucket gives its burst at once, then its pace, and never saves more than the burst', () => {
  let now = 0
  const bucket = new Bucket({ perSecond: 200, burst: 400 }, () => now)
  const taken = (): number => Array.from({ length: 1000 }, () => bucket.take()).filter(Boolean).length
  expect(taken()).toBe(400)
  now += 500
  expect(taken()).toBe(100)
  now += 3_600_000
  expect(taken()).toBe(400)
})

test('the waiting room counts addresses and all, and this computer’s own programs not at all', () => {
  const guests = new Guests({ guests: 3, guestsPerAddress: 2 })
  const [one, two, three] = [{}, {}, {}]
  expect([guests.enter(one, '10.0.0.1'), guests.enter(two, '10.0.0.1'), guests.hasRoom('10.0.0.1')]).toEqual([true, true, false]) // prettier-ignore
  expect([guests.enter(three, '10.0.0.2'), guests.enter({}, '10.0.0.3')]).toEqual([true, false])
  expect([guests.enter({}, '127.0.0.1'), guests.hasRoom('127.0.0.2')]).toEqual([true, false])
  guests.leave(one)
  expect(guests.hasRoom('10.0.0.1')).toBe(true)
})

test.each([
  ['2["message",1]', 'message', 0],
  ['2["message"]', 'message', 0],
  ['217["register",{}]', 'register', 0],
  ['52-["message",{}]', 'message', 2],
  ['53-/,7["export"]', 'export', 3],
  ['2 ["message",1]', null, 0],
  ['2["mess\\u0061ge",1]', null, 0],
  ['40{"token":"x"}', null, 0],
  ['31["message"]', null, 0],
  ['', null, 0],
])('the heading of %j', (text, event, attachments) => {
  expect(headingOf(text)).toEqual({ event, attachments })
})

test('what nobody knows has little room', () => {
  expect(sizeOf(headingOf('2["__proto__",1]'))).toBe(4096)
  expect(sizeOf(headingOf('2["syncto",1]'))).toBe(8_388_608)
})

test('100.64/10 is near only to who asked for it', async () => {
  expect(neighbours([], () => [])('100.64.0.1')).toBe(false)
  expect(['100.64.0.1', '100.127.255.255', '100.128.0.1'].map(neighbours([SHARED_NETWORK], () => []))).toEqual([true, true, false]) // prettier-ignore
  const stage = await setStage({ open: true, allowShared: true })
  await stage.join()
  await stage.clear()
})
