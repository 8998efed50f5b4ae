import { describe, expect, test } from 'vitest'
import { SpeedMeter } from './speed-meter.ts'

function fed(samples: readonly (readonly [atMs: number, bytes: number])[]): SpeedMeter {
  const meter = new SpeedMeter()
  for (const [atMs, bytes] of samples) meter.add(atMs, bytes)
  return meter
}

describe('SpeedMeter', () => {
  test('knows nothing at first', () => {
    expect(new SpeedMeter().bytesPerSecond).toBeNull()
    expect(new SpeedMeter().secondsLeft(100)).toBeNull()
    expect(fed([[0, 5000]]).bytesPerSecond).toBeNull()
  })

  test('does not judge by the first burst', () => {
    expect(fed([[0, 0], [50, 1_000_000]]).bytesPerSecond).toBeNull() // prettier-ignore
  })

  test('is bytes over time, and what is left over speed', () => {
    const meter = fed([[1000, 0], [2000, 500], [3000, 1000]]) // prettier-ignore
    expect(meter.bytesPerSecond).toBe(500)
    expect(meter.secondsLeft(2000)).toBe(2)
    expect(meter.secondsLeft(1000)).toBe(0)
    expect(meter.secondsLeft(500)).toBe(0)
  })

  test('looks back three seconds and no further', () => {
    const meter = new SpeedMeter()
    for (let s = 0; s <= 10; s++) meter.add(s * 1000, s * 100)
    for (let s = 11; s <= 14; s++) meter.add(s * 1000, 1000 + (s - 10) * 1000)
    expect(meter.bytesPerSecond).toBe(1000)
  })

  test('falls to zero when nothing moves', () => {
    const meter = fed([[0, 0], [1000, 1000]]) // prettier-ignore
    for (let s = 2; s <= 5; s++) meter.add(s * 1000, 1000)
    expect(meter.bytesPerSecond).toBe(0)
    expect(meter.secondsLeft(5000)).toBeNull()
  })

  test('a long gap counts in full', () => {
    expect(fed([[0, 0], [10_000, 1000]]).bytesPerSecond).toBe(100) // prettier-ignore
  })

  test('starts anew when a transfer does', () => {
    const meter = fed([[0, 0], [1000, 9000], [2000, 100]]) // prettier-ignore
    expect(meter.bytesPerSecond).toBeNull()
    meter.add(3000, 300)
    expect(meter.bytesPerSecond).toBe(200)
  })
})
