import { expect, test } from 'vitest'
import type { KeptTest } from '#electron/app-state.ts'
import { speak } from '#messages/locale.ts'
import { goodFor, paceOf, placeOf } from './connection-test-text.ts'

speak(['en'])

const testOf = (...lanes: readonly (readonly [out: number, back: number])[]): KeptTest => ({
  at: 0,
  lanes: lanes.map(([out, back]) => ({ lane: 'webrtc', out, in: back, roundTrip: 1, loaded: null })),
})

test('what counts is the slower way of the faster lane', () => {
  expect(paceOf(testOf([9e6, 2e6], [4e6, 5e6]))).toBe(4e6)
  expect(paceOf(testOf())).toBe(0)
})

test('what it is good for', () => {
  const words = [0.4e6, 1e6, 6e6, 50e6].map((pace) => goodFor(testOf([pace, pace])))
  expect(words).toEqual([
    'Slow: good for texts and single photos.',
    'Good for photos.',
    'Good for photos and films.',
    'As fast as a cable.',
  ])
})

test('the picture: tenfold is as wide wherever it begins, and nothing leaves it', () => {
  expect([0, 1e3, 1e5].map(placeOf)).toEqual([0, 0, 0])
  expect([2e8, 1e12].map(placeOf)).toEqual([100, 100])
  expect(placeOf(1e7) - placeOf(1e6)).toBeCloseTo(placeOf(1e8) - placeOf(1e7), 0)
})
