import { expect, test } from 'vitest'
import { Bucket } from '#transfer/rate-limit.ts'
import { WaitingRoom } from './waiting-room.ts'
import { headingOf, sizeOf } from './client-limits.ts'

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
  const guests = new WaitingRoom({ guests: 3, guestsPerAddress: 2, guestsFromHere: 1 })
  const [one, two, three] = [{}, {}, {}]
  const enter = (client: object, address: string): boolean => guests.enter(client, { address, giveUp: null })
  expect([enter(one, '10.0.0.1'), enter(two, '10.0.0.1'), guests.hasRoom('10.0.0.1')]).toEqual([true, true, false])
  expect([enter(three, '10.0.0.2'), enter({}, '10.0.0.3')]).toEqual([true, false])
  // This computer's own have a room of their own, which ends as well.
  expect([enter({}, '127.0.0.1'), guests.hasRoom('127.0.0.2'), guests.hasRoom('127.0.0.1')]).toEqual([true, false, false]) // prettier-ignore
  guests.leave(one)
  expect(guests.hasRoom('10.0.0.1')).toBe(true)
})

test('who never says a word makes room, the oldest first, of the same address where that has too many', () => {
  const guests = new WaitingRoom({ guests: 4, guestsPerAddress: 2, guestsFromHere: 2 })
  const gone: string[] = []
  const silent = (name: string, address: string): boolean =>
    guests.enter({}, { address, giveUp: () => void gone.push(name) })
  const talking = (address: string): boolean => guests.enter({}, { address, giveUp: null })
  for (const name of ['a', 'b', 'c']) expect(silent(name, '10.0.0.1')).toBe(true)
  expect(gone).toEqual(['a'])
  expect([talking('10.0.0.1'), talking('10.0.0.1'), gone]).toEqual([true, true, ['a', 'b', 'c']])
  // Who has spoken keeps its place.
  expect([silent('d', '10.0.0.1'), talking('10.0.0.1')]).toEqual([false, false])
  expect([silent('e', '10.0.0.2'), silent('f', '10.0.0.3'), talking('10.0.0.4')]).toEqual([true, true, true])
  expect(gone.at(-1)).toBe('e')
  for (const name of ['x', 'y', 'z']) expect(silent(name, '127.0.0.1')).toBe(true)
  expect(gone.at(-1)).toBe('x')
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
