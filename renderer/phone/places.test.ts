import { expect, test } from 'vitest'
import { Places } from './places.ts'

test('nothing is known but where the page is from', () => {
  const places = new Places('10.0.0.1:3186')
  expect(places.next()).toBeUndefined()
  places.learn(['10.0.0.1:3186'])
  expect(places.next()).toBeUndefined()
  expect(places.urlOf('/d/x')).toBe('/d/x')
})

test('each in its turn, again and again; and home, once it is elsewhere', () => {
  const places = new Places('10.0.0.1:3186')
  places.learn(['10.0.0.1:3186', '10.0.0.2:3186', 'lanyard-a.local:3186'])
  expect([places.next(), places.next(), places.next()]).toEqual([
    '10.0.0.2:3186',
    'lanyard-a.local:3186',
    '10.0.0.2:3186',
  ])
  places.found('lanyard-a.local:3186')
  expect(places.current).toBe('lanyard-a.local:3186')
  expect([places.next(), places.next(), places.next()]).toEqual(['10.0.0.1:3186', '10.0.0.2:3186', '10.0.0.1:3186'])
  expect(places.urlOf('/d/x')).toBe('http://lanyard-a.local:3186/d/x')
  places.learn([])
  expect([places.next(), places.next()]).toEqual(['10.0.0.1:3186', '10.0.0.1:3186'])
})
