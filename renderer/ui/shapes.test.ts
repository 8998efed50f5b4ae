import { describe, expect, test } from 'vitest'
import { cut, draw, hang, threads } from './cord-path.ts'
import { qrPath } from './qr-path.ts'

describe('the cord', () => {
  const a = { x: 0, y: 50 }
  const b = { x: 100, y: 50 }

  test('is straight when nothing hangs', () => {
    expect(draw(hang(a, b, 0))).toBe('M0 50C30 50 70 50 100 50')
  })

  test('hangs as low as asked', () => {
    const [left] = cut(hang(a, b, 12), 0.5)
    expect(left[3].x).toBeCloseTo(50)
    expect(left[3].y).toBeCloseTo(62)
  })

  test('is cut where the pieces meet', () => {
    const curve = hang(a, b, 30)
    const [left, right] = cut(curve, 0.3)
    expect(left[0]).toEqual(curve[0])
    expect(left[3]).toEqual(right[0])
    expect(right[3]).toEqual(curve[3])
  })

  test('frays away from what still holds', () => {
    const tips = [...threads({ x: 50, y: 0 }, { x: 40, y: 0 }).matchAll(/ (-?[\d.]+) -?[\d.]+(?=M|$)/gu)]
    expect(tips).toHaveLength(4)
    for (const [, x] of tips) expect(Number(x)).toBeGreaterThan(50)
  })
})

describe('the code', () => {
  const link = `http://192.168.100.200:65535/#2.${'A'.repeat(22)}.${'B'.repeat(43)}.0`

  test('keeps four light modules on every side', () => {
    const { path, size } = qrPath(link)
    const starts = [...path.matchAll(/M(\d+) (\d+)h(\d+)/gu)].map(([, x, y, run]) => [
      Number(x),
      Number(y),
      Number(run),
    ])
    expect(Math.min(...starts.map(([x]) => x!))).toBe(4)
    expect(Math.min(...starts.map(([, y]) => y!))).toBe(4)
    expect(Math.max(...starts.map(([x, , run]) => x! + run!))).toBe(size - 4)
  })

  test('of the longest pairing link has modules that a camera can tell apart at 280 px', () => {
    expect(280 / qrPath(link).size).toBeGreaterThan(5)
  })
})
