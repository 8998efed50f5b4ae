import { beforeEach, describe, expect, test } from 'vitest'
import type { CalendarState } from '#store/device-store.ts'
import { Calendar, calendarOf } from './calendar.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const YEAR = 365 * DAY
const START = Date.UTC(2026, 5, 1)

let wall: number
let unset: number
beforeEach(() => {
  wall = START
  unset = 77
})
const clocks = { wall: () => wall, unset: () => unset }
const calendar = (earlier?: CalendarState) => new Calendar(earlier, clocks)
/** The program runs. */
const pass = (ms: number): void => {
  wall += ms
  unset += ms
}
const set = (ms: number): void => {
  wall += ms
}
/** The program does not run, which its clocks don't show. */
const off = (ms: number): void => {
  wall += ms
  unset = 0
}
/** How far the calendar is from what it was at the start. */
const since = (days: Calendar): number => days.now() - START

describe('while the program runs', () => {
  test.each([YEAR, -YEAR, 10 * YEAR, -10 * YEAR, 31 * DAY, DAY, -HOUR])('a clock set by %i ms is nothing', (jump) => {
    const days = calendar()
    pass(DAY)
    set(jump)
    expect(since(days)).toBe(DAY)
    pass(5 * HOUR)
    expect(since(days)).toBe(DAY + 5 * HOUR)
    set(-jump)
    pass(DAY)
    expect(since(days)).toBe(2 * DAY + 5 * HOUR)
  })
})

describe('between two runs', () => {
  test.each([0, HOUR, 2 * DAY])('a pause of %i ms counts at once', (pause) => {
    const before = calendar()
    pass(HOUR)
    const state = before.state()
    off(pause)
    expect(since(calendar(state))).toBe(HOUR + pause)
  })

  test.each([4 * DAY, 60 * DAY, YEAR])('one of %i ms counts after an hour in which the clock stood by it', (pause) => {
    const state = calendar().state()
    off(pause)
    const days = calendar(state)
    expect(since(days)).toBe(0)
    pass(HOUR - 1)
    expect(since(days)).toBe(HOUR - 1)
    pass(1)
    expect(since(days)).toBe(HOUR + pause)
  })

  test('a clock that is a year ahead for the first minute changes nothing', () => {
    const state = calendar().state()
    off(HOUR + YEAR)
    const days = calendar(state)
    pass(60_000)
    expect(since(days)).toBe(60_000)
    set(-YEAR)
    pass(2 * HOUR)
    expect(since(days)).toBe(3 * HOUR + 60_000)
  })

  test('what a wrong clock has added is taken back with it, in the same run or a later one', () => {
    const state = calendar().state()
    off(YEAR)
    const days = calendar(state)
    pass(2 * HOUR)
    expect(since(days)).toBe(YEAR + 2 * HOUR)
    const wrong = days.state()
    set(-YEAR)
    expect(since(days)).toBe(2 * HOUR)
    const right = days.state()
    off(HOUR)
    for (const state of [wrong, right]) expect(since(calendar(state))).toBe(3 * HOUR)
  })

  test('a clock that was ten years back, or was set right, is no pause', () => {
    const state = calendar().state()
    off(10 * YEAR)
    const days = calendar(state)
    pass(2 * HOUR)
    expect(since(days)).toBe(2 * HOUR)
    // And the next pause is one again.
    const later = days.state()
    off(DAY)
    expect(since(calendar(later))).toBe(2 * HOUR + DAY)
  })

  test.each([-10 * YEAR, -YEAR, -HOUR, YEAR])('a run that ends while the clock is %i ms off loses nothing', (jump) => {
    const days = calendar()
    pass(HOUR)
    set(jump)
    const state = days.state()
    set(-jump)
    off(DAY)
    expect(since(calendar(state))).toBe(HOUR + DAY)
  })
})

test('a file of an earlier version says where it stood by the last of its phones', () => {
  const phone = { firstSeen: START - 9 * DAY, lastSeen: START - 2 * DAY } as never
  expect(calendarOf({ devices: [phone] }, START)).toMatchObject({ now: START - 2 * DAY })
  const ahead = { firstSeen: 0, lastSeen: START + YEAR } as never
  expect(calendarOf({ devices: [phone, ahead] }, START)).toMatchObject({ now: START })
  expect(calendarOf({ devices: [] }, START)).toBeUndefined()
})
