import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ScreenLight, type Playing } from './screen-light.ts'

let page: EventTarget
let told: string[]
let isAllowed: boolean
let made: number

beforeEach(() => {
  page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  told = []
  isAllowed = true
  made = 0
})
afterEach(() => void vi.unstubAllGlobals())

function open(): Playing {
  made += 1
  return {
    play: () => {
      told.push('play')
      return isAllowed ? Promise.resolve() : Promise.reject(new DOMException('', 'NotAllowedError'))
    },
    pause: () => told.push('pause'),
  }
}
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
const tap = (): boolean => page.dispatchEvent(new Event('click'))

test('plays while something moves, and not otherwise', () => {
  const light = new ScreenLight(open)
  light.set(false)
  expect([made, told]).toEqual([0, []])
  for (const on of [true, true, false, false, true, false]) light.set(on)
  expect([made, told]).toEqual([1, ['play', 'pause', 'play', 'pause']])
})

test('a browser that wants a tap first gets the next one, if something moves still', async () => {
  isAllowed = false
  const light = new ScreenLight(open)
  light.set(true)
  await settled()
  isAllowed = true
  tap()
  tap()
  await settled()
  expect(told).toEqual(['play', 'play'])

  isAllowed = false
  light.set(false)
  light.set(true)
  await settled()
  light.set(false)
  tap()
  expect(told).toEqual(['play', 'play', 'pause', 'play', 'pause'])
})

test('a browser without such a video goes without', () => {
  const light = new ScreenLight(() => null)
  light.set(true)
  light.set(false)
  tap()
  expect(told).toEqual([])
})
