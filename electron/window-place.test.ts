import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { placeOn, windowPlaceFile, zoomed, zoomOf, type WindowPlace } from './window-place.ts'

const MAIN = { x: 0, y: 25, width: 1440, height: 875 }
const LEFT = { x: -1920, y: 0, width: 1920, height: 1080 }
const at = (x: number, y: number, width = 900, height = 680): WindowPlace => ({
  ...{ x, y, width, height, isMaximized: false, zoom: 1 },
})

describe('the window opens', () => {
  test('as it is at first where nothing is known', () => {
    expect(placeOn(null, [MAIN])).toEqual({ width: 900, height: 680, isMaximized: false, zoom: 1 })
  })

  test.each([
    ['where it was', at(100, 100)],
    ['on the second display', at(-1000, 200)],
    ['half outside, as it was put', at(1300, 800)],
    ['maximised and zoomed', { ...at(100, 100), isMaximized: true, zoom: 1.2 }],
  ])('%s', (_, saved) => {
    expect(placeOn(saved, [MAIN, LEFT])).toEqual(saved)
  })

  test.each([
    ['whose display is gone', at(-1000, 200)],
    ['whose upper edge is above all displays', at(100, -40)],
    ['of which only a sliver is left', at(1420, 100)],
    ['below the screen', at(100, 900)],
  ])('in the middle for a place %s, in the size it had', (_, saved) => {
    expect(placeOn(saved, [MAIN])).toEqual({ width: 900, height: 680, isMaximized: false, zoom: 1 })
  })

  test('no larger than its display, and never smaller than its page', () => {
    expect(placeOn(at(0, 25, 4000, 3000), [MAIN])).toMatchObject({ x: 0, y: 25, width: 1440, height: 875 })
    expect(placeOn(at(0, 25, 10, 10), [MAIN])).toMatchObject({ width: 360, height: 480 })
    expect(placeOn(at(0, 0), [])).toMatchObject({ width: 900, height: 680 })
  })
})

test('a place that makes no sense is none, and one of which a part makes none keeps the rest', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-place-'))
  const path = join(folder, 'window.json')
  const load = () => windowPlaceFile(path, { onLate: () => undefined }).load()
  await writeFile(path, '{"width":"wide"}')
  expect(await load()).toBeNull()
  await writeFile(path, JSON.stringify({ ...at(1, 2), zoom: 99, isMaximized: 'yes' }))
  expect(await load()).toEqual(at(1, 2))
  await rm(folder, { recursive: true })
})

describe('zoom', () => {
  const key = (one: string, held: object = { control: true }) => ({
    ...{ type: 'keyDown', key: one, control: false, meta: false, alt: false },
    ...held,
  })

  test('keys are those of browsers, on each system', () => {
    expect(['+', '=', '-', '_', '0', 'a'].map((one) => zoomOf(key(one), false))).toEqual([
      ...['in', 'in', 'out', 'out', 'reset', null],
    ])
    expect(zoomOf(key('+', { meta: true }), true)).toBe('in')
    for (const held of [{}, { meta: true }, { control: true, alt: true }, { control: true, type: 'keyUp' }])
      expect(zoomOf(key('+', held), false)).toBeNull()
    expect(zoomOf(key('+'), true)).toBeNull()
  })

  test('goes in steps, to an end, and exactly back', () => {
    let zoom = 1
    for (let i = 0; i < 20; i++) zoom = zoomed(zoom, 'in')
    expect(zoom).toBe(3)
    for (let i = 0; i < 40; i++) zoom = zoomed(zoom, 'out')
    expect(zoom).toBe(0.5)
    expect(zoomed(zoomed(1, 'in'), 'out')).toBe(1)
    expect(zoomed(2.5, 'reset')).toBe(1)
  })
})
